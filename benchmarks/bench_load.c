/* SPDX-License-Identifier: MIT */
/* For benchmarks/load.sh.
 *
 *     bench_load EVENTS            emit about so many, of every kind that is frequent
 *     bench_load run COMMAND...    run it; its seconds, seconds of cpu, and most memory in MB
 */
#define _GNU_SOURCE
#include <weft.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

enum { PAIRS = 4, EVENTS = 49 /* of a round of all pairs */ };

typedef weft_chan_of(int) int_chan;

static long rounds;
static weft_mutex mu;
static weft_waitgroup pairs;

struct pair {
	int_chan there, back;
};

static void answers(void *arg)
{
	struct pair *p = arg;
	int v;

	for (long i = 0; i < rounds; i++) {
		weft_recv(p->there, &v);
		weft_send(p->back, v);
	}
	weft_waitgroup_done(&pairs);
}

static void asks(void *arg)
{
	struct pair *p = arg;
	int v = 0;

	for (long i = 0; i < rounds; i++) {
		weft_send(p->there, v);
		weft_recv(p->back, &v);
		weft_mutex_lock(&mu);
		if (i % 16 == 0)
			weft_yield(); /* so that others wait for it */
		weft_mutex_unlock(&mu);
	}
	weft_waitgroup_done(&pairs);
}

static int app(void *arg)
{
	struct pair p[PAIRS];

	(void)arg;
	weft_waitgroup_add(&pairs, 2 * PAIRS);
	for (int i = 0; i < PAIRS; i++) {
		p[i].there = weft_make(int_chan, i ? 0 : 8);
		p[i].back = weft_make(int_chan, i ? 0 : 8);
		weft_go(answers, &p[i]);
		weft_go(asks, &p[i]);
	}
	weft_waitgroup_wait(&pairs);
	return 0;
}

static double seconds(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

static double of(struct timeval t)
{
	return (double)t.tv_sec + (double)t.tv_usec / 1e6;
}

static int run(char **command)
{
	double began = seconds();
	pid_t pid = fork();
	struct rusage u;
	int status;

	if (pid == 0) {
		execvp(command[0], command);
		perror(command[0]);
		_exit(127);
	}
	if (pid < 0 || wait4(pid, &status, 0, &u) != pid || status != 0) {
		fprintf(stderr, "bench_load: %s failed\n", command[0]);
		return 1;
	}
	fprintf(stderr, "%.3f %.3f %.1f\n", seconds() - began, of(u.ru_utime) + of(u.ru_stime),
		(double)u.ru_maxrss / 1024);
	return 0;
}

int main(int argc, char **argv)
{
	if (argc > 2 && !strcmp(argv[1], "run"))
		return run(argv + 2);
	if (argc != 2 || (rounds = atol(argv[1]) / EVENTS) <= 0) {
		fprintf(stderr, "usage: %s EVENTS, or %s run COMMAND...\n", argv[0], argv[0]);
		return 2;
	}
	return weft_run(app, NULL);
}
