/* SPDX-License-Identifier: MIT */
/* What a lock costs. */
#define _GNU_SOURCE
#include "bench.h"

struct counter {
	weft_mutex mu;
	uint64_t value;
	weft_waitgroup wg;
	uint64_t each;
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
static void mutex_uncontended(uint64_t n)
{
	struct counter c = {0};

	count(&c, n);
	bench_check(c.value == n);
}

static void contender(void *arg)
{
	struct counter *c = arg;

	count(c, c->each);
	weft_waitgroup_done(&c->wg);
}

/* The same operation, by eight goroutines on one mutex. */
static void mutex_contended(uint64_t n)
{
	enum { GOROUTINES = 8 };
	struct counter c = {.each = n / GOROUTINES};

	weft_waitgroup_add(&c.wg, GOROUTINES);
	for (int i = 0; i < GOROUTINES; i++)
		weft_go(contender, &c);
	count(&c, n % GOROUTINES);
	weft_waitgroup_wait(&c.wg);
	bench_check(c.value == n);
}

/* An operation is a put and a get, of one object. */
static void pool_one(uint64_t n)
{
	weft_pool p = {0};
	int thing;

	for (uint64_t i = 0; i < n; i++) {
		weft_pool_put(&p, &thing);
		bench_check(weft_pool_get(&p));
	}
	weft_pool_get(&p);
	weft_pool_drain(&p);
}

/* An operation is 100 puts and then 100 gets. */
static void pool_overflow(uint64_t n)
{
	enum { THINGS = 100 };
	weft_pool p = {0};
	int things[THINGS];

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
static void map_load(uint64_t n)
{
	weft_map m = {0};
	void *v;

	fill(&m);
	for (uint64_t i = 0; i < n; i++)
		bench_check(weft_map_load(&m, weft_key_int(i % MAP_KEYS), &v));
	weft_map_free(&m);
}

/* An operation gives one of the keys, which are all there, another value. */
static void map_swap(uint64_t n)
{
	weft_map m = {0};
	void *v;

	fill(&m);
	for (uint64_t i = 0; i < n; i++)
		bench_check(weft_map_swap(&m, weft_key_int(i % MAP_KEYS), &m, &v));
	weft_map_free(&m);
}

static const struct bench benches[] = {
	{"MutexUncontended", mutex_uncontended},
	{"MutexContended/goroutines=8", mutex_contended},
	{"Pool", pool_one},
	{"PoolOverflow/things=100", pool_overflow},
	{"MapLoad/keys=1024", map_load},
	{"MapSwap/keys=1024", map_swap},
};
BENCH_MAIN(benches)
