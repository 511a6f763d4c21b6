/* SPDX-License-Identifier: MIT */
/* Runs the tests that are linked in: check [-v] [-t] [-w WORKERS]... [-n TIMES] [-j JOBS] [NAME...]
 *
 * JOBS tests at once, by default as many as there are cpus.  Prints a line for each that fails,
 * with -v also for each that passes, and `N passed, N failed` at the end; with -t what cpu time each took. */
#define _GNU_SOURCE
#include "jobs.h"
#include "test.h"

#include <signal.h>
#include <string.h>
#include <time.h>

enum { LIMIT_S = 120 };

static struct test *tests;

void test_add(struct test *t)
{
	struct test **at = &tests;

	while (*at)
		at = &(*at)->next;
	*at = t;
}

int test_scaled(int n)
{
	const char *scale = getenv("TEST_SCALE");
	int by = scale ? atoi(scale) : 1, fewer = by > 1 ? n / by : n, least = n < 10 ? n : 10;

	return fewer > least ? fewer : least;
}

int test_workers(void)
{
	return atoi(getenv("WEFT_PROCS"));
}

int64_t test_now(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return ts.tv_sec * 1000000000LL + ts.tv_nsec;
}

static int run(void *arg)
{
	struct test *t = arg;

	t->run();
	return 0;
}

static void start(struct test *t, int workers)
{
	if (jobs_fork((struct job){.what = t, .workers = workers}, LIMIT_S))
		exit(weft_run(run, t));
}

static void finish(const struct job *job, int status)
{
	const struct test *t = job->what;

	if (status == 0) {
		jobs.passed++;
		if (jobs.verbose)
			printf("ok %s with %d workers\n", t->name, job->workers);
		return;
	}
	jobs.failed++;
	printf("not ok %s with %d workers (%s): ", t->name, job->workers, t->file);
	if (status == 128 + SIGALRM)
		printf("did not end within %d s\n", LIMIT_S);
	else if (status > 128)
		printf("killed by %s\n", strsignal(status - 128));
	else
		printf("exit status %d\n", status);
}

static bool wanted(const struct test *t, char **names)
{
	for (char **n = names; *n; n++)
		if (strcmp(*n, t->name) == 0)
			return true;
	return !*names;
}

int main(int argc, char **argv)
{
	long at_once = sysconf(_SC_NPROCESSORS_ONLN);
	int times = 1, opt;

	while ((opt = getopt(argc, argv, "vtw:n:j:")) != -1) {
		if (opt == 'n')
			times = atoi(optarg);
		else if (opt == 'j')
			at_once = atoi(optarg);
		else if (!jobs_option(opt, optarg))
			return 2;
	}
	jobs_begin(at_once);
	while (times-- > 0)
		for (struct test *t = tests; t; t = t->next)
			for (int w = 0; w < jobs.nworkers && wanted(t, argv + optind); w++)
				start(t, jobs.workers[w]);
	return jobs_end();
}
