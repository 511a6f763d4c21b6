/* SPDX-License-Identifier: MIT */
/* What the events of a set cost: `bench_sets SET` prints the cpu nanoseconds of an operation that
 * emits two of them; `bench_sets cpu` those of a tick of the kernel, which a sample makes longer.
 * benchmarks/sets.sh records it with and without the set.
 */
#define _GNU_SOURCE
#include <weft.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>

enum { N = 200000, SAMPLE_HZ = 250 };

typedef weft_chan_of(int) int_chan;

static bool over;

static void yields(void *arg)
{
	(void)arg;
	while (!over)
		weft_yield();
}

/* g_yield and g_start of the other, who does the same */
static void sched(int64_t n)
{
	for (n /= 2; n--;)
		weft_yield();
}

/* chan_send, chan_recv */
static void chan(int64_t n)
{
	int_chan c = weft_make(int_chan, 1);
	int v = 0;

	while (n--) {
		weft_send(c, v);
		weft_recv(c, &v);
	}
}

/* timer_start, timer_stop */
static void timer(int64_t n)
{
	weft_timer *t = weft_timer_make(3600 * WEFT_S);

	while (n--) {
		weft_timer_stop(t);
		weft_timer_reset(t, 3600 * WEFT_S);
	}
	weft_timer_stop(t);
	weft_timer_unref(t);
}

/* mutex_lock, mutex_unlock */
static void mutex(int64_t n)
{
	weft_mutex mu = {0};

	while (n--) {
		weft_mutex_lock(&mu);
		weft_mutex_unlock(&mu);
	}
}

/* io_write, io_read */
static void io(int64_t n)
{
	weft_conn c[2];
	int fd[2];
	char byte = 0;

	if (socketpair(AF_UNIX, SOCK_STREAM, 0, fd) < 0)
		exit(1);
	c[0] = weft_conn_open(fd[0]);
	c[1] = weft_conn_open(fd[1]);
	while (n--)
		if (weft_write(c[0], &byte, 1) != 1 || weft_read(c[1], &byte, 1) != 1)
			exit(1);
	weft_conn_close(c[0]);
	weft_conn_close(c[1]);
}

/* region_begin, region_end */
static void mark(int64_t n)
{
	while (n--) {
		weft_region_begin("a region");
		weft_region_end();
	}
}

static void answer(void *arg)
{
	int_chan *c = arg;
	int v;

	while (weft_recv(c[0], &v))
		weft_send(c[1], v);
}

/* g_ready and g_park, which have stacks, of each of two */
static void stack(int64_t n)
{
	static int_chan c[2];
	int v = 0;

	c[0] = weft_make(int_chan, 0);
	c[1] = weft_make(int_chan, 0);
	weft_go(answer, c);
	for (n /= 2; n--;) {
		weft_send(c[0], v);
		weft_recv(c[1], &v);
	}
	weft_close(c[0]);
	weft_yield();
}

static double cpu_ns(void)
{
	struct timespec t;

	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
	return (double)t.tv_sec * 1e9 + (double)t.tv_nsec;
}

static int compare(const void *a, const void *b)
{
	int64_t x = *(const int64_t *)a, y = *(const int64_t *)b;

	return (x > y) - (x < y);
}

/* What a tick of the kernel takes, at which there may be a sample: the median of the longest
 * moments in which this did not run, as many of them as there were ticks. */
static double tick(void)
{
	enum { TICKS = 500, PERIOD = WEFT_S / SAMPLE_HZ, MOST = 1 << 16 };
	static int64_t gap[MOST];
	int64_t begin = weft_now(), before = begin;
	int n = 0;

	while (before - begin < TICKS * PERIOD) {
		int64_t now = weft_now();

		if (now - before > 1000 && n < MOST)
			gap[n++] = now - before;
		before = now;
	}
	if (n < TICKS)
		exit(1);
	qsort(gap, (size_t)n, sizeof *gap, compare);
	return (double)gap[n - TICKS / 2];
}

static const struct set {
	const char *name;
	void (*run)(int64_t n);
} sets[] = {{"sched", sched}, {"chan", chan}, {"time", timer}, {"sync", mutex},
	    {"io", io},	      {"mark", mark}, {"cpu", NULL},   {"stack", stack}};

static int app(void *arg)
{
	const struct set *set = arg;
	double before;

	if (!set->run) {
		printf("%.1f\n", tick());
		return 0;
	}
	if (set->run == sched)
		weft_go(yields, NULL);
	set->run(N / 10);
	before = cpu_ns();
	set->run(N);
	printf("%.1f\n", (cpu_ns() - before) / N);
	over = true;
	return 0;
}

int main(int argc, char **argv)
{
	for (size_t i = 0; i < sizeof sets / sizeof *sets; i++)
		if (argc == 2 && strcmp(sets[i].name, argv[1]) == 0)
			return weft_run(app, (void *)&sets[i]);
	fprintf(stderr, "usage: %s SET\n", argv[0]);
	return 2;
}
