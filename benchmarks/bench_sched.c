/* SPDX-License-Identifier: MIT */
/* What scheduling costs: a yield, a goroutine that comes and goes, a goroutine that waits. */
#define _GNU_SOURCE
#include "bench.h"

#include <unistd.h>

/* ---- Yield ------------------------------------------------------------------------------- */

struct yielder {
	uint64_t n, done;
	struct bench_gate *gate;
} __attribute__((aligned(64))); /* a cache line each */

static void yielder(void *arg)
{
	struct yielder *y = arg;

	bench_arrive(y->gate);
	for (; y->done < y->n; y->done++)
		weft_yield();
	weft_waitgroup_done(&y->gate->wg);
}

/* n yields by so many goroutines; an operation is one yield. */
static void yield(uint64_t n, uint64_t goroutines)
{
	struct yielder *y = aligned_alloc(64, goroutines * sizeof *y);
	struct bench_gate gate = bench_gate(goroutines);
	uint64_t done = 0;

	bench_check(y);
	for (uint64_t i = 0; i < goroutines; i++) {
		y[i] = (struct yielder){.n = bench_share(n, goroutines, i), .gate = &gate};
		weft_go(yielder, &y[i]);
	}
	bench_measure(&gate, goroutines, n);
	for (uint64_t i = 0; i < goroutines; i++)
		done += y[i].done;
	bench_check(done == n);
	free(y);
}

/* ---- Spawn and join ---------------------------------------------------------------------- */

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

static void spawn_and_join(struct child *children, uint64_t count, weft_waitgroup *wg)
{
	weft_waitgroup_add(wg, (int64_t)count);
	for (uint64_t i = 0; i < count; i++)
		weft_go(child, &children[i]);
	weft_waitgroup_wait(wg);
}

static struct child *children_make(uint64_t count, weft_waitgroup *wg)
{
	struct child *children = malloc(count * sizeof *children);

	bench_check(children);
	for (uint64_t i = 0; i < count; i++)
		children[i] = (struct child){.wg = wg};
	return children;
}

static void children_end(struct child *children, uint64_t count, uint64_t expected)
{
	uint64_t sum = 0;

	for (uint64_t i = 0; i < count; i++)
		sum += children[i].value;
	bench_check(sum == expected);
	free(children);
}

/* Spawn n goroutines in batches and wait for each batch; an operation is one goroutine. */
static void spawn(uint64_t n, uint64_t batch)
{
	weft_waitgroup wg = {0};
	struct child *children = children_make(batch, &wg);

	for (uint64_t left = n; left > 0;) {
		uint64_t count = left < batch ? left : batch;

		spawn_and_join(children, count, &wg);
		left -= count;
	}
	children_end(children, batch, n);
}

/* Spawn so many goroutines at once, and wait for them: n times.  The figure is for one goroutine.
 */
static void spawn_all(uint64_t n, uint64_t goroutines)
{
	weft_waitgroup wg = {0};
	struct child *children = children_make(goroutines, &wg);
	double start = bench_now();

	for (uint64_t i = 0; i < n; i++)
		spawn_and_join(children, goroutines, &wg);
	bench_report((bench_now() - start) / n / goroutines, "ns/op");
	children_end(children, goroutines, n * goroutines);
}

/* ---- Goroutines that wait ---------------------------------------------------------------- */

struct parked {
	weft_chan *c;
	uint64_t waiting, sum; /* atomic */
	weft_waitgroup ended;
};

/* Bytes of this process that are in memory. */
static double resident(void)
{
	FILE *f = fopen("/proc/self/statm", "r");
	long pages;

	bench_check(f && fscanf(f, "%*d %ld", &pages) == 1);
	fclose(f);
	return (double)pages * (double)sysconf(_SC_PAGESIZE);
}

static void wait_for_one(void *arg)
{
	struct parked *p = arg;
	uint64_t v;

	__atomic_fetch_add(&p->waiting, 1, __ATOMIC_RELAXED);
	bench_check(weft_chan_recv(p->c, &v));
	__atomic_fetch_add(&p->sum, v, __ATOMIC_RELAXED);
	weft_waitgroup_done(&p->ended);
}

static void park(struct parked *p, uint64_t goroutines)
{
	p->waiting = 0;
	p->sum = 0;
	weft_waitgroup_add(&p->ended, (int64_t)goroutines);
	for (uint64_t i = 0; i < goroutines; i++)
		weft_go(wait_for_one, p);
	while (__atomic_load_n(&p->waiting, __ATOMIC_RELAXED) < goroutines)
		weft_yield();
	bench_check(weft_count() >= goroutines + 1);
}

static void wake(struct parked *p, uint64_t goroutines)
{
	for (uint64_t i = 0; i < goroutines; i++)
		weft_chan_send(p->c, &i);
	weft_waitgroup_wait(&p->ended);
	bench_check(p->sum == goroutines * (goroutines - 1) / 2);
}

/* Make so many goroutines that wait on one channel, and send each of them a value: n times.  The
 * figures are for one goroutine: until all wait, until all have ended, and the memory that they
 * took the first time. */
static void parked(uint64_t n, uint64_t goroutines)
{
	struct parked p = {.c = weft_chan_make(sizeof(uint64_t), 0)};
	static double bytes;
	double made = 0, woken = 0;

	for (uint64_t i = 0; i < n; i++) {
		double before = bytes != 0 ? 0 : resident(), start = bench_now(), all_wait;

		park(&p, goroutines);
		made += bench_now() - start;
		if (bytes == 0)
			bytes = resident() - before;
		all_wait = bench_now();
		wake(&p, goroutines);
		woken += bench_now() - all_wait;
	}
	weft_chan_unref(p.c);
	bench_report(made / n / goroutines, "ns/op");
	bench_report(woken / n / goroutines, "wake-ns/op");
	bench_report(bytes / goroutines, "B/goroutine");
}

/* ---- Many goroutines that compute -------------------------------------------------------- */

enum { UNITS = 100, UNIT_STEPS = 10000 };

struct unit {
	uint64_t seed, result;
	weft_waitgroup *wg;
};

static uint64_t compute(uint64_t x)
{
	for (int i = 0; i < UNIT_STEPS; i++) {
		x ^= x << 13;
		x ^= x >> 7;
		x ^= x << 17;
	}
	return x;
}

static void unit(void *arg)
{
	struct unit *u = arg;

	u->result = compute(u->seed);
	weft_waitgroup_done(u->wg);
}

/* An operation is a hundred units of work: so many of them by one goroutine, which then starts a
 * goroutine for each of the others and waits for them. */
static void parallel(uint64_t n, uint64_t serial)
{
	weft_waitgroup wg = {0};
	struct unit units[UNITS];
	uint64_t sum = 0, expected = 0;

	bench_check(serial <= UNITS);
	for (uint64_t k = 0; k < UNITS; k++) {
		units[k] = (struct unit){.seed = k + 1, .wg = &wg};
		expected += compute(k + 1);
	}
	for (uint64_t i = 0; i < n; i++) {
		for (uint64_t k = 0; k < serial; k++)
			units[k].result = compute(units[k].seed);
		weft_waitgroup_add(&wg, (int64_t)(UNITS - serial));
		for (uint64_t k = serial; k < UNITS; k++)
			weft_go(unit, &units[k]);
		weft_waitgroup_wait(&wg);
		for (uint64_t k = 0; k < UNITS; k++)
			sum += units[k].result;
	}
	bench_check(sum == n * expected);
}

static const struct bench benches[] = {
	{"Yield/goroutines=", yield},	     {"Spawn/batch=", spawn},
	{"SpawnAll/goroutines=", spawn_all}, {"Parked/goroutines=", parked},
	{"Parallel/serial=", parallel},
};
BENCH_MAIN(benches)
