/* SPDX-License-Identifier: MIT */
/* All of sync at random, by ten goroutines, in rounds that a barrier divides. */
#include <stdio.h>
#include <stdlib.h>
#include <weft.h>

enum { WORKERS = 10, ROUNDS = 20, STEPS = 50, ITEMS = 1000, ROOM = 4 };

static weft_rwmutex table;
static long written;
static weft_semaphore slots = {.size = 5};
static weft_barrier round_end = {.parties = WORKERS};
static weft_waitgroup all;

static weft_mutex mu;
static weft_cond not_empty, not_full;
static int buffered, consumed;

/* A Once that its last caller frees. */
struct shared_once {
	weft_once once;
	int refs;
};

static void initialise(void *arg)
{
	(void)arg;
	weft_yield();
}

static void call_once(void *arg)
{
	struct shared_once *o = arg;

	weft_once_do(&o->once, initialise, NULL);
	if (__atomic_sub_fetch(&o->refs, 1, __ATOMIC_ACQ_REL) == 0)
		free(o);
}

static void use_once(void)
{
	struct shared_once *o = calloc(1, sizeof *o);

	o->refs = 3;
	weft_go(call_once, o);
	weft_go(call_once, o);
	call_once(o);
}

static void use_slots(int n, bool yield)
{
	weft_semaphore_acquire(&slots, n);
	if (yield)
		weft_yield();
	weft_semaphore_release(&slots, n);
}

static void step(unsigned r, bool yield)
{
	switch (r % 8) {
	case 0:
		weft_rwmutex_lock(&table);
		written++;
		if (yield)
			weft_yield();
		weft_rwmutex_unlock(&table);
		return;
	case 1:
		if (weft_rwmutex_try_lock(&table))
			weft_rwmutex_unlock(&table);
		if (weft_rwmutex_try_rlock(&table))
			weft_rwmutex_runlock(&table);
		return;
	case 2:
		use_once();
		return;
	case 3:
	case 4:
		use_slots(1 + (int)(r / 8 % 4), yield);
		return;
	default:
		weft_rwmutex_rlock(&table);
		if (yield)
			weft_yield();
		weft_rwmutex_runlock(&table);
	}
}

static void work(void *arg)
{
	unsigned r = (unsigned)weft_id();

	(void)arg;
	for (int i = 0; i < ROUNDS * STEPS; i++) {
		r = r * 1103515245 + 12345;
		step(r >> 16, r >> 28 == 0);
		if (i % STEPS == STEPS - 1)
			weft_barrier_wait(&round_end);
	}
	weft_waitgroup_done(&all);
}

static void produce(void *arg)
{
	(void)arg;
	for (int i = 0; i < ITEMS; i++) {
		weft_mutex_lock(&mu);
		while (buffered == ROOM)
			weft_cond_wait(&not_full, &mu);
		buffered++;
		weft_cond_signal(&not_empty);
		weft_mutex_unlock(&mu);
	}
	weft_waitgroup_done(&all);
}

static void consume(void *arg)
{
	(void)arg;
	for (int i = 0; i < ITEMS; i++) {
		weft_mutex_lock(&mu);
		while (buffered == 0)
			weft_cond_wait(&not_empty, &mu);
		buffered--;
		consumed++;
		weft_mutex_unlock(&mu);
		if (i % 2)
			weft_cond_signal(&not_full);
		else
			weft_cond_broadcast(&not_full);
	}
	weft_waitgroup_done(&all);
}

static int app(void *arg)
{
	(void)arg;
	weft_waitgroup_add(&all, WORKERS + 4);
	for (int i = 0; i < WORKERS; i++)
		weft_go(work, NULL);
	for (int i = 0; i < 2; i++) {
		weft_go(produce, NULL);
		weft_go(consume, NULL);
	}
	weft_waitgroup_wait(&all);
	while (weft_count() > 1)
		weft_yield();
	printf("written %ld, consumed %d\n", written, consumed);
	return 0;
}

int main(void)
{
	return weft_run(app, NULL);
}
