/* SPDX-License-Identifier: MIT */
/* What timers cost, and how late they are. */
#define _GNU_SOURCE
#include "bench.h"

#include <sys/resource.h>

struct sleeper {
	uint64_t seed, times;
	int64_t *late;
	weft_chan *start;
	weft_waitgroup *wg;
};

/* splitmix64: the same durations in every language. */
static uint64_t next_random(uint64_t *state)
{
	uint64_t z = *state += 0x9e3779b97f4a7c15;

	z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9;
	z = (z ^ (z >> 27)) * 0x94d049bb133111eb;
	return z ^ (z >> 31);
}

static void sleeper(void *arg)
{
	struct sleeper *s = arg;

	weft_chan_recv(s->start, NULL);
	for (uint64_t i = 0; i < s->times; i++) {
		int64_t ns = WEFT_MS + (int64_t)(next_random(&s->seed) % (99 * WEFT_MS));
		int64_t before = weft_now();

		weft_sleep(ns);
		s->late[i] = weft_now() - before - ns;
	}
	weft_waitgroup_done(s->wg);
}

static double cpu_now(void)
{
	struct rusage u;

	bench_check(getrusage(RUSAGE_SELF, &u) == 0);
	return (u.ru_utime.tv_sec + u.ru_stime.tv_sec) * 1e9 +
	       (u.ru_utime.tv_usec + u.ru_stime.tv_usec) * 1e3;
}

static int compare(const void *a, const void *b)
{
	int64_t x = *(const int64_t *)a, y = *(const int64_t *)b;

	return (x > y) - (x < y);
}

/* So many goroutines start at once, and each sleeps so many times for 1 to 100 ms at random.  The
 * figures are of the last of n runs. */
static void sleepers(uint64_t n, uint64_t goroutines, uint64_t times)
{
	struct sleeper *s = malloc(goroutines * sizeof *s);
	size_t sleeps = goroutines * times;
	int64_t *late = malloc(sleeps * sizeof *late);
	weft_waitgroup wg = {0};
	double cpu = 0;

	bench_check(s && late);
	while (n-- > 0) {
		weft_chan *start = weft_chan_make(1, 0);

		memset(late, -1, sleeps * sizeof *late);
		weft_waitgroup_add(&wg, (int64_t)goroutines);
		for (uint64_t i = 0; i < goroutines; i++) {
			s[i] = (struct sleeper){i, times, late + i * times, start, &wg};
			weft_go(sleeper, &s[i]);
		}
		cpu = cpu_now();
		weft_chan_close(start);
		weft_waitgroup_wait(&wg);
		cpu = cpu_now() - cpu;
		weft_chan_unref(start);
	}
	qsort(late, sleeps, sizeof *late, compare);
	bench_check(late[0] >= 0); // nobody woke early, and everybody did
	bench_report((double)late[sleeps / 2], "p50-ns");
	bench_report((double)late[sleeps - 1 - sleeps / 100], "p99-ns");
	bench_report(cpu / sleeps, "cpu-ns/sleep");
	free(late);
	free(s);
}

static void sleep_once(uint64_t n, uint64_t goroutines)
{
	sleepers(n, goroutines, 1);
}

static void sleep_10(uint64_t n, uint64_t goroutines)
{
	sleepers(n, goroutines, 10);
}

static const struct bench benches[] = {
	{"Sleep/times=1/goroutines=", sleep_once},
	{"Sleep/times=10/goroutines=", sleep_10},
};
BENCH_MAIN(benches)
