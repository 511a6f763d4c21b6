/* SPDX-License-Identifier: MIT */
/* Several things to test at once, each in a child with a number of workers. */
#ifndef TESTS_JOBS_H
#define TESTS_JOBS_H

#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

struct job {
	const void *what;
	int workers;
	FILE *out, *said; /* what it writes to stdout and stderr, if that is wanted */
	pid_t pid;	  /* 0: none */
};

static struct jobs {
	struct job at[64];
	int n; /* at once */
	int workers[16], nworkers;
	int passed, failed;
	bool verbose, timed;
} jobs;

/* A child has ended, as a shell tells it: its status, or 128 and its signal. */
static void finish(const struct job *job, int status);

/* An option that all have; false if it is none. */
static bool jobs_option(int opt, const char *arg)
{
	if (opt == 'v')
		jobs.verbose = true;
	else if (opt == 't')
		jobs.timed = true;
	else if (opt == 'w' && jobs.nworkers < 16)
		jobs.workers[jobs.nworkers++] = atoi(arg);
	else
		return false;
	return true;
}

/* After the options: so many at once, with 1, 2 and 8 workers if nothing else was said. */
static void jobs_begin(long at_once)
{
	if (!jobs.nworkers) {
		jobs.nworkers = 3;
		jobs.workers[0] = 1;
		jobs.workers[1] = 2;
		jobs.workers[2] = 8;
	}
	jobs.n = (int)(at_once < 1 ? 1 : at_once > 64 ? 64 : at_once);
	setvbuf(stdout, NULL, _IOLBF, 0);
}

static double jobs_seconds(struct timeval t)
{
	return (double)t.tv_sec + (double)t.tv_usec / 1e6;
}

/* Wait for one to end; false if there is none. */
static bool jobs_reap(void)
{
	int status;
	struct rusage used;
	pid_t pid = wait4(-1, &status, 0, &used);

	for (int i = 0; i < jobs.n; i++)
		if (pid > 0 && jobs.at[i].pid == pid) {
			jobs.at[i].pid = 0;
			if (jobs.timed)
				printf("%.2f s of cpu: ",
				       jobs_seconds(used.ru_utime) + jobs_seconds(used.ru_stime));
			finish(&jobs.at[i],
			       WIFSIGNALED(status) ? 128 + WTERMSIG(status) : WEXITSTATUS(status));
		}
	return pid > 0;
}

static struct job *jobs_free(void)
{
	for (;;) {
		for (int i = 0; i < jobs.n; i++)
			if (!jobs.at[i].pid)
				return &jobs.at[i];
		jobs_reap();
	}
}

/* True in the child, which SIGALRM ends after `limit` seconds. */
static bool jobs_fork(struct job job, unsigned limit)
{
	struct job *at = jobs_free();
	char workers[16];

	*at = job;
	at->pid = fork();
	if (at->pid < 0) {
		perror("fork");
		exit(2);
	}
	if (at->pid > 0)
		return false;
	snprintf(workers, sizeof workers, "%d", job.workers);
	setenv("WEFT_PROCS", workers, 1);
	alarm(limit);
	return true;
}

/* Wait for all, and say how many passed: the status to exit with. */
static int jobs_end(void)
{
	while (jobs_reap())
		;
	printf("%d passed, %d failed\n", jobs.passed, jobs.failed);
	return jobs.failed || !jobs.passed;
}

#endif
