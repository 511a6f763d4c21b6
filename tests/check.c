/* SPDX-License-Identifier: MIT */
/* Runs the tests that are linked in: check [-w WORKERS]... [-n TIMES] [NAME...]
 *
 * Prints a line for each that fails, and `N passed, N failed` at the end. */
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
	int by = scale ? atoi(scale) : 1;

	return by > 1 ? n / by + 1 : n;
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

/* True if the test passed. */
static bool run_in_child(struct test *t, int workers)
{
	int status;
	pid_t pid = fork();

	if (pid == 0) {
		char text[16];

		snprintf(text, sizeof text, "%d", workers);
		setenv("WEFT_PROCS", text, 1);
		alarm(LIMIT_S);
		exit(weft_run(run, t));
	}
	waitpid(pid, &status, 0);
	if (WIFEXITED(status) && WEXITSTATUS(status) == 0)
		return true;
	printf("not ok %s (%s, WEFT_PROCS=%d): ", t->name, t->file, workers);
	if (WIFSIGNALED(status) && WTERMSIG(status) == SIGALRM)
		printf("did not end within %d s\n", LIMIT_S);
	else if (WIFSIGNALED(status))
		printf("killed by %s\n", strsignal(WTERMSIG(status)));
	else
		printf("exit status %d\n", WEXITSTATUS(status));
	fflush(stdout);
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
	int workers[16] = {1, 2, 8}, nworkers = 0, times = 1, passed = 0, failed = 0, opt;

	while ((opt = getopt(argc, argv, "w:n:")) != -1) {
		if (opt == 'w' && nworkers < 16)
			workers[nworkers++] = atoi(optarg);
		else if (opt == 'n')
			times = atoi(optarg);
		else
			return 2;
	}
	if (!nworkers)
		nworkers = 3;
	setvbuf(stdout, NULL, _IOLBF, 0);
	while (times-- > 0)
		for (struct test *t = tests; t; t = t->next)
			for (int w = 0; w < nworkers && wanted(t, argv + optind); w++) {
				bool ok = run_in_child(t, workers[w]);

				passed += ok;
				failed += !ok;
			}
	printf("%d passed, %d failed\n", passed, failed);
	return failed || !passed;
}
