/* SPDX-License-Identifier: MIT */
/* The interface is in queue.h.
 *
 * To wake a thread takes longer than most jobs.  So one that has nothing to do is woken when half of what
 * may wait does, or when somebody waits for it or is in a hurry.
 */
#include "queue.h"
#include "error.h"
#include "hash.h"

#include <stdbool.h>
#include <stdlib.h>

struct queue {
	pthread_t thread;
	bool threaded; /* or else everything is done at once */
	pthread_mutex_t lock;
	pthread_cond_t filled, emptied;
	int most, first, n; /* of the jobs, a ring */
	bool busy, closed;
	struct job {
		void (*run)(void *arg);
		void *arg;
	} jobs[];
};

static void *work(void *arg)
{
	struct queue *q = arg;

	pthread_mutex_lock(&q->lock);
	for (;;) {
		struct job job;

		while (!q->n && !q->closed)
			pthread_cond_wait(&q->filled, &q->lock);
		if (!q->n)
			break;
		job = q->jobs[q->first];
		q->first = (q->first + 1) % q->most;
		q->n--;
		q->busy = true;
		pthread_mutex_unlock(&q->lock);
		job.run(job.arg);
		pthread_mutex_lock(&q->lock);
		q->busy = false;
		if (q->n <= q->most / 2)
			pthread_cond_signal(&q->emptied);
	}
	pthread_mutex_unlock(&q->lock);
	return NULL;
}

struct queue *queue_new(int most)
{
	struct queue *q = need(sizeof *q + (size_t)most * sizeof *q->jobs);

	q->most = most;
	pthread_mutex_init(&q->lock, NULL);
	pthread_cond_init(&q->filled, NULL);
	pthread_cond_init(&q->emptied, NULL);
	q->threaded = pthread_create(&q->thread, NULL, work, q) == 0;
	return q;
}

void queue_put(struct queue *q, void (*run)(void *arg), void *arg)
{
	if (!q->threaded) {
		run(arg);
		return;
	}
	pthread_mutex_lock(&q->lock);
	while (q->n == q->most) {
		pthread_cond_signal(&q->filled);
		pthread_cond_wait(&q->emptied, &q->lock);
	}
	q->jobs[(q->first + q->n++) % q->most] = (struct job){run, arg};
	if (q->n == (q->most + 1) / 2)
		pthread_cond_signal(&q->filled);
	pthread_mutex_unlock(&q->lock);
}

void queue_hurry(struct queue *q)
{
	pthread_mutex_lock(&q->lock);
	pthread_cond_signal(&q->filled);
	pthread_mutex_unlock(&q->lock);
}

void queue_wait(struct queue *q)
{
	pthread_mutex_lock(&q->lock);
	pthread_cond_signal(&q->filled);
	while (q->n || q->busy)
		pthread_cond_wait(&q->emptied, &q->lock);
	pthread_mutex_unlock(&q->lock);
}

void queue_free(struct queue *q)
{
	pthread_mutex_lock(&q->lock);
	q->closed = true;
	pthread_cond_signal(&q->filled);
	pthread_mutex_unlock(&q->lock);
	if (q->threaded)
		pthread_join(q->thread, NULL);
	pthread_mutex_destroy(&q->lock);
	pthread_cond_destroy(&q->filled);
	pthread_cond_destroy(&q->emptied);
	free(q);
}

void *pool_get(struct pool *p)
{
	void *block;

	pthread_mutex_lock(&p->lock);
	block = p->free;
	if (block)
		p->free = *(void **)block;
	pthread_mutex_unlock(&p->lock);
	return block ? block : need(p->size);
}

void pool_put(struct pool *p, void *block)
{
	pthread_mutex_lock(&p->lock);
	*(void **)block = p->free;
	p->free = block;
	pthread_mutex_unlock(&p->lock);
}

void pool_free(struct pool *p)
{
	for (void *block; (block = p->free);) {
		p->free = *(void **)block;
		free(block);
	}
	pthread_mutex_destroy(&p->lock);
}
