/* SPDX-License-Identifier: MIT */
/* Runs the cases that are linked in: check [-v] [-w WORKERS]... [-n TIMES] [NAME...]
 *
 * Several run at once.  A case that has a race must be reported in its own file, one that has none
 * must end well and in silence.  Prints a line for each that was not so, with -v also for each that
 * was, and `N passed, N failed`. */
#define _GNU_SOURCE
#include "race.h"

#include <signal.h>
#include <sys/wait.h>

enum { LIMIT_S = 60, REPORTED = 66 }; /* run.sh tells the sanitizer that exit status */

static struct race_case *cases;

void race_add(struct race_case *c)
{
	struct race_case **at = &cases;

	while (*at)
		at = &(*at)->next;
	*at = c;
}

static int run(void *arg)
{
	struct race_case *c = arg;

	c->run();
	return 0;
}

/* Cases under way. */
struct job {
	struct race_case *c; /* NULL: none */
	int workers;
	pid_t pid;
	FILE *said;
};

static struct job jobs[64];
static int njobs, passed, failed;
static bool verbose;

static void start(struct job *job, struct race_case *c, int workers)
{
	*job = (struct job){c, workers, .said = tmpfile()};
	if (!job->said)
		exit(2);
	job->pid = fork();
	if (job->pid < 0)
		exit(2);
	if (job->pid == 0) {
		char number[16];

		snprintf(number, sizeof number, "%d", workers);
		setenv("WEFT_PROCS", number, 1);
		dup2(fileno(job->said), STDERR_FILENO);
		alarm(LIMIT_S);
		exit(weft_run(run, c));
	}
}

/* What is wrong with the outcome, or NULL. */
static const char *judge(const struct race_case *c, int status, const char *text)
{
	bool reported = strstr(text, "WARNING: ThreadSanitizer: data race");

	if (strncmp(c->name, "race_", 5) != 0)
		return reported	 ? "a race is reported"
		       : status	 ? "does not end well"
		       : text[0] ? "is not silent"
				 : NULL;
	if (!reported)
		return "no race is reported";
	if (status != REPORTED)
		return "does not end as after a race";
	if (strstr(text, c->file))
		return NULL;
	return "the race that is reported is not in the case";
}

static bool wanted(const struct race_case *c, char **names)
{
	for (char **n = names; *n; n++)
		if (strcmp(*n, c->name) == 0)
			return true;
	return !*names;
}

static void finish(struct job *job, int status)
{
	static char text[1 << 16];
	const char *wrong;

	status = WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
	rewind(job->said);
	text[fread(text, 1, sizeof text - 1, job->said)] = 0;
	fclose(job->said);
	wrong = judge(job->c, status, text);
	if (wrong)
		printf("not ok %s with %d workers: %s (status %d)\n%s", job->c->name, job->workers,
		       wrong, status, text);
	else if (verbose)
		printf("ok %s with %d workers\n", job->c->name, job->workers);
	passed += !wrong;
	failed += !!wrong;
	job->c = NULL;
}

/* Wait for one to end; false if there is none. */
static bool reap(void)
{
	int status;
	pid_t pid = wait(&status);

	for (int i = 0; i < njobs; i++)
		if (jobs[i].c && jobs[i].pid == pid)
			finish(&jobs[i], status);
	return pid > 0;
}

static struct job *free_job(void)
{
	for (;;) {
		for (int i = 0; i < njobs; i++)
			if (!jobs[i].c)
				return &jobs[i];
		reap();
	}
}

int main(int argc, char **argv)
{
	int workers[16] = {1, 2, 8}, nworkers = 0, times = 1, opt;
	int races = 0, all = 0;

	njobs = 2 * (int)sysconf(_SC_NPROCESSORS_ONLN); // they sleep more than they compute
	if (njobs < 1 || njobs > 64)
		njobs = njobs < 1 ? 1 : 64;
	while ((opt = getopt(argc, argv, "vw:n:")) != -1) {
		if (opt == 'w' && nworkers < 16)
			workers[nworkers++] = atoi(optarg);
		else if (opt == 'n')
			times = atoi(optarg);
		else if (opt == 'v')
			verbose = true;
		else
			return 2;
	}
	if (!nworkers)
		nworkers = 3;
	setvbuf(stdout, NULL, _IOLBF, 0);
	for (struct race_case *c = cases; c; c = c->next) {
		if (!wanted(c, argv + optind))
			continue;
		all++;
		races += strncmp(c->name, "race_", 5) == 0;
		for (int i = 0; i < times * nworkers; i++)
			start(free_job(), c, workers[i % nworkers]);
	}
	while (reap())
		;
	printf("%d cases: %d races, %d without\n", all, races, all - races);
	printf("%d passed, %d failed\n", passed, failed);
	return failed || !passed;
}
