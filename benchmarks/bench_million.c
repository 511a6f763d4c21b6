/* SPDX-License-Identifier: MIT */
/* A million goroutines that wait, all on one channel: what each takes, in
 * nanoseconds and in bytes.
 *
 *     bench_million [GOROUTINES]        and beside it    go run benchmarks/go/million [GOROUTINES]
 *
 * "made" is until all wait, "woken" until each has been sent a value and has ended, "again" is made
 * on the stacks of those that ended. */
#define _GNU_SOURCE
#include <stdio.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>
#include <weft.h>

static size_t n = 1000000;
static size_t waiting; /* atomic */
static uint64_t sum;   /* atomic */
static weft_waitgroup ended;

static double now(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return t.tv_sec * 1e9 + t.tv_nsec;
}

/* Bytes of this process that are in memory. */
static double resident(void)
{
	FILE *f = fopen("/proc/self/statm", "r");
	long size = 0, pages = 0;

	if (!f || fscanf(f, "%ld %ld", &size, &pages) != 2)
		exit(1);
	fclose(f);
	return (double)pages * (double)sysconf(_SC_PAGESIZE);
}

static void wait_for_one(void *arg)
{
	uint64_t v;

	__atomic_fetch_add(&waiting, 1, __ATOMIC_RELAXED);
	if (!weft_chan_recv(arg, &v))
		exit(1);
	__atomic_fetch_add(&sum, v, __ATOMIC_RELAXED);
	weft_waitgroup_done(&ended);
}

static void make(weft_chan *c)
{
	waiting = 0;
	weft_waitgroup_add(&ended, (int64_t)n);
	for (size_t i = 0; i < n; i++)
		weft_go_with(wait_for_one, c, .stack = 16 << 10);
	while (__atomic_load_n(&waiting, __ATOMIC_RELAXED) < n)
		weft_yield();
	if (weft_count() != n + 1)
		exit(1);
}

static void wake(weft_chan *c)
{
	sum = 0;
	for (uint64_t i = 0; i < n; i++)
		weft_chan_send(c, &i);
	weft_waitgroup_wait(&ended);
	if (sum != (uint64_t)n * (n - 1) / 2)
		exit(1);
	while (weft_count() > 1)
		weft_yield();
}

static int app(void *arg)
{
	weft_chan *c = weft_chan_make(sizeof(uint64_t), 0);
	double bytes = resident(), t = now(), made, woken, again;

	(void)arg;
	make(c);
	made = now() - t;
	bytes = resident() - bytes;
	t = now();
	wake(c);
	woken = now() - t;
	t = now();
	make(c);
	again = now() - t;
	wake(c);
	weft_chan_unref(c);
	printf("%zu goroutines: %.0f bytes each; made in %.0f ns each, woken in %.0f, again in "
	       "%.0f\n",
	       n, bytes / n, made / n, woken / n, again / n);
	return 0;
}

int main(int argc, char **argv)
{
	if (argc > 1)
		n = strtoull(argv[1], NULL, 10);
	return weft_run(app, NULL);
}
