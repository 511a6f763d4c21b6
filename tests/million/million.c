/* SPDX-License-Identifier: MIT */
/* A million goroutines parked on channels, and all there is to do with them:
 *
 *     million [GOROUTINES]
 *
 * makes them, counts them, says what memory each takes, and waits for a line on standard input;
 * then releases them, makes them anew, and waits with them, so that it ends in a report of a
 * deadlock.
 *
 * Every thousandth makes sure that its stack has a guard. */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>
#include <weft.h>

enum { SPAWNERS = 4, STACK = 16 << 10, GUARD = 64 << 10 };

#define MUST(cond)                                                                                 \
	do {                                                                                       \
		if (!(cond)) {                                                                     \
			fprintf(stderr, "%s:%d: not so: %s\n", __FILE__, __LINE__, #cond);         \
			_exit(1);                                                                  \
		}                                                                                  \
	} while (0)

static size_t n = 1000000;
static size_t waiting, guarded; /* atomic */
static uint64_t sum;		/* atomic */
static weft_chan *jobs;
static weft_waitgroup made, ended;
static int probe[2]; /* a pipe: the kernel says whether an address can be read */
static double began;

static double now(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

/* Kilobytes that /proc says of this process. */
static long status_of(const char *field)
{
	FILE *f = fopen("/proc/self/status", "r");
	char line[256];
	long kb = -1;

	MUST(f);
	while (kb < 0 && fgets(line, sizeof line, f))
		if (strncmp(line, field, strlen(field)) == 0)
			kb = atol(line + strlen(field));
	fclose(f);
	MUST(kb >= 0);
	return kb;
}

static void say(const char *what)
{
	printf("%s after %.1f s\n", what, now() - began);
	fflush(stdout);
}

static void look_below(void)
{
	const char *here = __builtin_frame_address(0);

	MUST(write(probe[1], here - STACK - GUARD / 2, 1) < 0 && errno == EFAULT);
	__atomic_fetch_add(&guarded, 1, __ATOMIC_RELAXED);
}

static void wait_for_job(void *arg)
{
	uint64_t v;

	(void)arg;
	if (__atomic_add_fetch(&waiting, 1, __ATOMIC_RELAXED) % 1000 == 0)
		look_below();
	MUST(weft_chan_recv(jobs, &v));
	__atomic_fetch_add(&sum, v, __ATOMIC_RELAXED);
	weft_waitgroup_done(&ended);
}

static void spawn(void *arg)
{
	size_t mine = n / SPAWNERS + ((size_t)arg < n % SPAWNERS);

	for (size_t i = 0; i < mine; i++)
		weft_go_with(wait_for_job, NULL, .stack = STACK);
	weft_waitgroup_done(&made);
}

static void make(void)
{
	waiting = 0;
	weft_waitgroup_add(&ended, (int64_t)n);
	weft_waitgroup_add(&made, SPAWNERS);
	for (size_t i = 0; i < SPAWNERS; i++)
		weft_go(spawn, (void *)i);
	weft_waitgroup_wait(&made);
	while (weft_count() > n + 1 || __atomic_load_n(&waiting, __ATOMIC_RELAXED) < n)
		weft_yield();
	MUST(weft_count() == n + 1);
}

static void release(void)
{
	sum = 0;
	for (uint64_t i = 0; i < n; i++)
		weft_chan_send(jobs, &i);
	weft_waitgroup_wait(&ended);
	MUST(sum == (uint64_t)n * (n - 1) / 2);
	while (weft_count() > 1)
		weft_yield();
}

static int app(void *arg)
{
	long memory = status_of("VmRSS:"), tables = status_of("VmPTE:");
	char c;

	(void)arg;
	jobs = weft_chan_make(sizeof(uint64_t), 0);
	weft_name(jobs, "jobs");
	make();
	memory = status_of("VmRSS:") - memory;
	tables = status_of("VmPTE:") - tables;
	printf("%zu goroutines: %.0f bytes each, and %.0f in page tables; %zu guards were tried\n",
	       n, memory * 1024.0 / (double)n, tables * 1024.0 / (double)n, guarded);
	say("parked");
	MUST(read(STDIN_FILENO, &c, 1) == 1);
	began = now();
	release();
	say("released");
	began = now();
	make();
	say("parked again");
	weft_chan_recv(jobs, NULL); // for ever
	return 0;
}

int main(int argc, char **argv)
{
	if (argc > 1)
		n = strtoull(argv[1], NULL, 10);
	began = now();
	MUST(pipe2(probe, O_CLOEXEC | O_NONBLOCK) == 0);
	return weft_run(app, NULL);
}
