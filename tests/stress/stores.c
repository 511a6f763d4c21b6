/* SPDX-License-Identifier: MIT */
/* Pools and maps, which many use at once, and threads, which one does. */
#define _GNU_SOURCE
#include "stress.h"

#include <sys/types.h>
#include <unistd.h>

/* ---- Pools ------------------------------------------------------------------------------ */

struct thing {
	int holders; /* atomic */
	uint64_t who;
};

struct depot {
	weft_pool pool;
	int made, trimmed; /* atomic */
	int steps;
	weft_waitgroup wg;
};

static void *make_thing(void *arg)
{
	__atomic_fetch_add((int *)arg, 1, __ATOMIC_RELAXED);
	return calloc(1, sizeof(struct thing));
}

static void drop_thing(void *obj)
{
	struct thing *t = obj;

	MUST(t->holders == 0);
	free(t);
}

static void use_things(void *arg)
{
	struct depot *d = arg;
	unsigned rng = rng_new();

	for (int i = 0; i < d->steps; i++) {
		struct thing *held[3];
		int n = 1 + (int)pick(&rng, 3);

		for (int k = 0; k < n; k++) {
			held[k] = weft_pool_get(&d->pool);
			MUST(__atomic_add_fetch(&held[k]->holders, 1, __ATOMIC_RELAXED) == 1);
			held[k]->who = weft_id();
			dawdle(&rng);
		}
		for (int k = 0; k < n; k++) {
			MUST(held[k]->who == weft_id());
			MUST(__atomic_sub_fetch(&held[k]->holders, 1, __ATOMIC_RELAXED) == 0);
			weft_pool_put(&d->pool, held[k]);
		}
		if (pick(&rng, 20) == 0)
			__atomic_fetch_add(&d->trimmed, (int)weft_pool_trim(&d->pool),
					   __ATOMIC_RELAXED);
	}
	weft_waitgroup_done(&d->wg);
}

void run_pool(unsigned *rng)
{
	struct depot d = {.pool = {.make = make_thing, .drop = drop_thing},
			  .steps = 1 + (int)pick(rng, 60)};
	int n = 1 + (int)pick(rng, 8);
	size_t left;

	d.pool.arg = &d.made;
	weft_waitgroup_add(&d.wg, n);
	for (int i = 0; i < n; i++)
		weft_go(use_things, &d);
	weft_waitgroup_wait(&d.wg);
	left = weft_pool_drain(&d.pool);
	MUST((int)left + d.trimmed == d.made && d.made <= 3 * n * d.steps);
	MUST(weft_pool_drain(&d.pool) == 0);
}

/* ---- Maps ------------------------------------------------------------------------------- */

enum { COUNTERS = 4, LASTING = 20, OWN = 8 };

struct town {
	weft_map m;
	int steps;
	int next; /* atomic */
	weft_waitgroup wg;
};

/* Counters are values of the first few keys, counted up by compare-and-swap. */
static void count(struct town *t, uint64_t key)
{
	void *old;

	do
		MUST(weft_map_load(&t->m, weft_key_int(key), &old));
	while (!weft_map_compare_and_swap(&t->m, weft_key_int(key), old,
					  (void *)((uintptr_t)old + 1)));
}

/* Keys that only this goroutine uses come and go as it says. */
static void keep_own(struct town *t, uint64_t base, bool *mine, unsigned *rng)
{
	unsigned i = pick(rng, OWN);
	weft_key key = weft_key_bytes(&(uint64_t){base + i}, sizeof base);
	void *value = (void *)(uintptr_t)(base + i), *got;

	MUST(weft_map_load(&t->m, key, &got) == mine[i] && (!mine[i] || got == value));
	switch (pick(rng, 3)) {
	case 0:
		MUST(weft_map_load_and_delete(&t->m, key, &got) == mine[i]);
		mine[i] = false;
		break;
	case 1:
		MUST(weft_map_load_or_store(&t->m, key, value, &got) == mine[i] && got == value);
		mine[i] = true;
		break;
	default:
		MUST(weft_map_swap(&t->m, key, value, &got) == mine[i]);
		mine[i] = true;
	}
}

struct census {
	int seen[LASTING];
	unsigned *rng;
};

static bool count_one(weft_key key, void *value, void *arg)
{
	struct census *c = arg;

	(void)value;
	if (!key.ptr && key.n >= COUNTERS && key.n < COUNTERS + LASTING)
		c->seen[key.n - COUNTERS]++;
	dawdle(c->rng);
	return true;
}

static void live(void *arg)
{
	struct town *t = arg;
	unsigned rng = rng_new();
	uint64_t base = 1000 + OWN * (uint64_t)__atomic_fetch_add(&t->next, 1, __ATOMIC_RELAXED);
	bool mine[OWN] = {false};

	for (int i = 0; i < t->steps; i++) {
		count(t, (uint64_t)i % COUNTERS);
		for (int k = 0; k < 4; k++)
			keep_own(t, base, mine, &rng);
		if (pick(&rng, 20) == 0) {
			struct census c = {{0}, &rng};

			weft_map_range(&t->m, count_one, &c);
			for (int k = 0; k < LASTING; k++)
				MUST(c.seen[k] == 1);
		}
		dawdle(&rng);
	}
	for (unsigned i = 0; i < OWN; i++)
		MUST(weft_map_delete(&t->m, weft_key_bytes(&(uint64_t){base + i}, sizeof base)) ==
		     mine[i]);
	weft_waitgroup_done(&t->wg);
}

void run_map(unsigned *rng)
{
	struct town t = {.steps = COUNTERS * (1 + (int)pick(rng, 30))};
	int n = 1 + (int)pick(rng, 8);
	void *value;

	for (uint64_t i = 0; i < COUNTERS + LASTING; i++)
		weft_map_store(&t.m, weft_key_int(i), NULL);
	weft_waitgroup_add(&t.wg, n);
	for (int i = 0; i < n; i++)
		weft_go(live, &t);
	weft_waitgroup_wait(&t.wg);
	MUST(weft_map_count(&t.m) == COUNTERS + LASTING);
	for (uint64_t i = 0; i < COUNTERS; i++) {
		MUST(weft_map_load(&t.m, weft_key_int(i), &value));
		MUST((intptr_t)value == n * t.steps / COUNTERS);
	}
	weft_map_free(&t.m);
}

/* ---- Pinned goroutines ------------------------------------------------------------------ */

/* Of a thread: the goroutine that is pinned to it. */
static __thread uint64_t pinned_here;

/* Not inlined: the thread is another before and after. */
__attribute__((noinline)) static uint64_t set_pinned(uint64_t g)
{
	uint64_t before = pinned_here;

	__asm__ volatile("");
	pinned_here = g;
	return before;
}

struct bench {
	weft_chan *c;
	int steps, sum, sent; /* sum, sent: atomic */
	weft_waitgroup wg;
};

static void hold_thread(struct bench *b, unsigned *rng)
{
	pid_t thread;
	int v;

	weft_pin();
	thread = gettid();
	MUST(set_pinned(weft_id()) == 0);
	for (int i = 1 + (int)pick(rng, 4); i > 0; i--) {
		v = 1;
		if (weft_chan_try_send(b->c, &v)) {
			__atomic_fetch_add(&b->sent, 1, __ATOMIC_RELAXED);
		} else if (weft_select(weft_on_recv(b->c, &v), weft_on_timeout(200 * WEFT_US)) ==
			   0) {
			__atomic_fetch_add(&b->sum, v, __ATOMIC_RELAXED);
		}
		dawdle(rng);
		if (pick(rng, 4) == 0) {
			weft_pin();
			weft_yield();
			weft_unpin();
		}
		MUST(gettid() == thread && set_pinned(weft_id()) == weft_id());
	}
	MUST(set_pinned(0) == weft_id());
	if (pick(rng, 4) == 0)
		weft_exit(); // pinned
	weft_unpin();
}

static void done(void *arg)
{
	weft_waitgroup_done(arg);
}

static void sit(void *arg)
{
	struct bench *b = arg;
	unsigned rng = rng_new();

	weft_defer(done, &b->wg);
	for (int i = 0; i < b->steps; i++) {
		hold_thread(b, &rng);
		dawdle(&rng);
	}
}

void run_pins(unsigned *rng)
{
	struct bench b = {.c = weft_chan_make(sizeof(int), 2), .steps = 1 + (int)pick(rng, 6)};
	int n = 1 + (int)pick(rng, 5);

	weft_waitgroup_add(&b.wg, n);
	for (int i = 0; i < n; i++)
		weft_go(sit, &b);
	weft_waitgroup_wait(&b.wg);
	MUST(b.sent == b.sum + (int)weft_chan_len(b.c));
	weft_chan_unref(b.c);
}
