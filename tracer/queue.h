/* SPDX-License-Identifier: MIT */
/* A thread that does what another gives to it, in order; and the memory that goes between them, which is
 * used again, because memory that was never touched is slow. */
#ifndef TRACER_QUEUE_H
#define TRACER_QUEUE_H

#include <pthread.h>
#include <stddef.h>

struct queue;

/* At most so many jobs wait. */
struct queue *queue_new(int most);
/* Let run(arg) be done, after all before it; waits while too many wait. */
void queue_put(struct queue *q, void (*run)(void *arg), void *arg);
/* Begin with what was put. */
void queue_hurry(struct queue *q);
/* Wait until all is done. */
void queue_wait(struct queue *q);
/* The same, and end the thread. */
void queue_free(struct queue *q);

/* Blocks of one size, at least a pointer's. */
struct pool {
	size_t size;
	pthread_mutex_t lock;
	void *free;
};
#define POOL_INIT(bytes) {.size = (bytes), .lock = PTHREAD_MUTEX_INITIALIZER}

/* What is in it is not defined. */
void *pool_get(struct pool *p);
void pool_put(struct pool *p, void *block);
/* Free those that were put back. */
void pool_free(struct pool *p);

#endif
