/* SPDX-License-Identifier: MIT */
/* What scheduling costs: a yield, a goroutine. */
#define _GNU_SOURCE
#include "bench.h"

struct yielder {
	uint64_t n, done;
	weft_waitgroup *wg;
} __attribute__((aligned(64))); /* a cache line each */

static void yielder(void *arg)
{
	struct yielder *y = arg;

	for (; y->done < y->n; y->done++)
		weft_yield();
	weft_waitgroup_done(y->wg);
}

/* n yields by so many goroutines; an operation is one yield. */
static void yield_among(uint64_t n, int goroutines)
{
	struct yielder y[16];
	weft_waitgroup wg = {0};
	uint64_t done = 0;

	weft_waitgroup_add(&wg, goroutines);
	for (int i = 0; i < goroutines; i++) {
		y[i] = (struct yielder){.n = n / goroutines + (i < (int)(n % goroutines)),
					.wg = &wg};
		weft_go(yielder, &y[i]);
	}
	weft_waitgroup_wait(&wg);
	for (int i = 0; i < goroutines; i++)
		done += y[i].done;
	bench_check(done == n);
}

static void yield2(uint64_t n)
{
	yield_among(n, 2);
}

static void yield16(uint64_t n)
{
	yield_among(n, 16);
}

enum { BATCH = 1000 };

struct child {
	uint64_t value;
	weft_waitgroup *wg;
};

static void child(void *arg)
{
	struct child *c = arg;

	c->value++;
	weft_waitgroup_done(c->wg);
}

/* Spawn n goroutines in batches and wait for each batch; an operation is one goroutine. */
static void go_spawn(uint64_t n)
{
	static struct child children[BATCH];
	weft_waitgroup wg = {0};
	uint64_t sum = 0;

	for (int i = 0; i < BATCH; i++)
		children[i] = (struct child){.wg = &wg};
	for (uint64_t left = n; left > 0;) {
		int batch = left < BATCH ? (int)left : BATCH;

		weft_waitgroup_add(&wg, batch);
		for (int i = 0; i < batch; i++)
			weft_go(child, &children[i]);
		weft_waitgroup_wait(&wg);
		left -= batch;
	}
	for (int i = 0; i < BATCH; i++)
		sum += children[i].value;
	bench_check(sum == n);
}

static const struct bench benches[] = {
	{"Yield/goroutines=2", yield2},
	{"Yield/goroutines=16", yield16},
	{"GoSpawn", go_spawn},
};
BENCH_MAIN(benches)
