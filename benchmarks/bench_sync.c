/* SPDX-License-Identifier: MIT */
/* What a lock costs. */
#define _GNU_SOURCE
#include "bench.h"

struct counter {
	weft_mutex mu;
	uint64_t value, each;
	struct bench_gate gate;
};

static void count(struct counter *c, uint64_t n)
{
	while (n-- > 0) {
		weft_mutex_lock(&c->mu);
		c->value++;
		weft_mutex_unlock(&c->mu);
	}
}

/* An operation is a lock and an unlock. */
static void mutex_uncontended(uint64_t n, uint64_t unused)
{
	struct counter c = {0};

	(void)unused;
	count(&c, n);
	bench_check(c.value == n);
}

static void contender(void *arg)
{
	struct counter *c = arg;

	bench_arrive(&c->gate);
	count(c, c->each);
	weft_waitgroup_done(&c->gate.wg);
}

static void yielding_contender(void *arg)
{
	struct counter *c = arg;

	bench_arrive(&c->gate);
	for (uint64_t i = 0; i < c->each; i++) {
		weft_mutex_lock(&c->mu);
		c->value++;
		weft_yield();
		weft_mutex_unlock(&c->mu);
	}
	weft_waitgroup_done(&c->gate.wg);
}

static void contend(uint64_t n, uint64_t goroutines, void (*fn)(void *))
{
	struct counter c = {.each = n / goroutines, .gate = bench_gate(goroutines)};

	for (uint64_t i = 0; i < goroutines; i++)
		weft_go(fn, &c);
	count(&c, n % goroutines);
	bench_measure(&c.gate, goroutines, n);
	bench_check(c.value == n);
}

/* The same operation, by so many goroutines on one mutex. */
static void mutex_contended(uint64_t n, uint64_t goroutines)
{
	contend(n, goroutines, contender);
}

/* The same, and each yields while it holds the mutex. */
static void mutex_yield(uint64_t n, uint64_t goroutines)
{
	contend(n, goroutines, yielding_contender);
}

/* An operation is a put and a get, of one object. */
static void pool_one(uint64_t n, uint64_t unused)
{
	weft_pool p = {0};
	int thing;

	(void)unused;
	for (uint64_t i = 0; i < n; i++) {
		weft_pool_put(&p, &thing);
		bench_check(weft_pool_get(&p));
	}
	weft_pool_get(&p);
	weft_pool_drain(&p);
}

/* An operation is 100 puts and then 100 gets. */
static void pool_overflow(uint64_t n, uint64_t unused)
{
	enum { THINGS = 100 };
	weft_pool p = {0};
	int things[THINGS];

	(void)unused;
	for (uint64_t i = 0; i < n; i++) {
		for (int k = 0; k < THINGS; k++)
			weft_pool_put(&p, &things[k]);
		for (int k = 0; k < THINGS; k++)
			bench_check(weft_pool_get(&p));
	}
	while (weft_pool_get(&p))
		;
	weft_pool_drain(&p);
}

enum { MAP_KEYS = 1024 };

static void fill(weft_map *m)
{
	for (uint64_t i = 0; i < MAP_KEYS; i++)
		weft_map_store(m, weft_key_int(i), m);
}

/* An operation is a load of one of the keys, which are all there. */
static void map_load(uint64_t n, uint64_t unused)
{
	weft_map m = {0};
	void *v;

	(void)unused;
	fill(&m);
	for (uint64_t i = 0; i < n; i++)
		bench_check(weft_map_load(&m, weft_key_int(i % MAP_KEYS), &v));
	weft_map_free(&m);
}

/* An operation gives one of the keys, which are all there, another value. */
static void map_swap(uint64_t n, uint64_t unused)
{
	weft_map m = {0};
	void *v;

	(void)unused;
	fill(&m);
	for (uint64_t i = 0; i < n; i++)
		bench_check(weft_map_swap(&m, weft_key_int(i % MAP_KEYS), &m, &v));
	weft_map_free(&m);
}

static const struct bench benches[] = {
	{"MutexUncontended", mutex_uncontended},
	{"MutexContended/goroutines=", mutex_contended},
	{"MutexYield/goroutines=", mutex_yield},
	{"Pool", pool_one},
	{"PoolOverflow/things=100", pool_overflow},
	{"MapLoad/keys=1024", map_load},
	{"MapSwap/keys=1024", map_swap},
};
BENCH_MAIN(benches)
