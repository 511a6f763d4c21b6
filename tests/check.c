/* SPDX-License-Identifier: MIT */
/* Runs the tests that are linked in: check [-v] [-w WORKERS]... [-n TIMES] [-j JOBS] [NAME...]
 *
 * JOBS tests at once, by default as many as there are cpus.  Prints a line for each that fails, with
 * -v also for each that passes, and `N passed, N failed` at the end. */
#define _GNU_SOURCE
#include "test.h"

#include <signal.h>
#include <string.h>
#include <sys/wait.h>
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

/* Tests under way. */
struct job {
	const struct test *test;
	int workers;
	pid_t pid; /* 0: none */
};

static struct job jobs[64];
static int njobs, passed, failed;
static bool verbose;

static void start(struct job *job, struct test *t, int workers)
{
	*job = (struct job){t, workers, fork()};
	if (job->pid == 0) {
		char text[16];

		snprintf(text, sizeof text, "%d", workers);
		setenv("WEFT_PROCS", text, 1);
		alarm(LIMIT_S);
		exit(weft_run(run, t));
	}
	if (job->pid < 0) {
		perror("fork");
		exit(1);
	}
}

static void finish(struct job *job, int status)
{
	job->pid = 0;
	if (WIFEXITED(status) && WEXITSTATUS(status) == 0) {
		passed++;
		if (verbose)
			printf("ok %s with %d workers\n", job->test->name, job->workers);
		return;
	}
	failed++;
	printf("not ok %s with %d workers (%s): ", job->test->name, job->workers, job->test->file);
	if (WIFSIGNALED(status) && WTERMSIG(status) == SIGALRM)
		printf("did not end within %d s\n", LIMIT_S);
	else if (WIFSIGNALED(status))
		printf("killed by %s\n", strsignal(WTERMSIG(status)));
	else
		printf("exit status %d\n", WEXITSTATUS(status));
}

/* Wait for one to end. */
static void reap(void)
{
	int status;
	pid_t pid = wait(&status);

	for (int i = 0; i < njobs; i++)
		if (jobs[i].pid == pid)
			finish(&jobs[i], status);
}

static struct job *free_job(void)
{
	for (;;) {
		for (int i = 0; i < njobs; i++)
			if (!jobs[i].pid)
				return &jobs[i];
		reap();
	}
}

static bool under_way(void)
{
	for (int i = 0; i < njobs; i++)
		if (jobs[i].pid)
			return true;
	return false;
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
	int workers[16] = {1, 2, 8}, nworkers = 0, times = 1, opt;

	njobs = (int)sysconf(_SC_NPROCESSORS_ONLN);
	while ((opt = getopt(argc, argv, "vw:n:j:")) != -1) {
		if (opt == 'w' && nworkers < 16)
			workers[nworkers++] = atoi(optarg);
		else if (opt == 'n')
			times = atoi(optarg);
		else if (opt == 'j')
			njobs = atoi(optarg);
		else if (opt == 'v')
			verbose = true;
		else
			return 2;
	}
	if (!nworkers)
		nworkers = 3;
	if (njobs < 1 || njobs > 64)
		njobs = njobs < 1 ? 1 : 64;
	setvbuf(stdout, NULL, _IOLBF, 0);
	while (times-- > 0)
		for (struct test *t = tests; t; t = t->next)
			for (int w = 0; w < nworkers && wanted(t, argv + optind); w++)
				start(free_job(), t, workers[w]);
	while (under_way())
		reap();
	printf("%d passed, %d failed\n", passed, failed);
	return failed || !passed;
}
