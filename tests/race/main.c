/* SPDX-License-Identifier: MIT */
/* Runs the cases that are linked in: check [-v] [-w WORKERS]... [-n TIMES] [NAME...]
 *
 * Several run at once.  A case that has a race must be reported in its own file, one that has none
 * must end well and in silence.  Prints a line for each that was not so, with -v also for each that
 * was, and `N passed, N failed`. */
#define _GNU_SOURCE
#include "../jobs.h"
#include "race.h"

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

static void start(struct race_case *c, int workers)
{
	FILE *said = tmpfile();

	if (!said)
		exit(2);
	if (!jobs_fork((struct job){.what = c, .workers = workers, .said = said}, LIMIT_S))
		return;
	dup2(fileno(said), STDERR_FILENO);
	exit(weft_run(run, c));
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

static void finish(const struct job *job, int status)
{
	static char text[1 << 16];
	const struct race_case *c = job->what;
	const char *wrong;

	rewind(job->said);
	text[fread(text, 1, sizeof text - 1, job->said)] = 0;
	fclose(job->said);
	wrong = judge(c, status, text);
	if (wrong)
		printf("not ok %s with %d workers: %s (status %d)\n%s", c->name, job->workers,
		       wrong, status, text);
	else if (jobs.verbose)
		printf("ok %s with %d workers\n", c->name, job->workers);
	jobs.passed += !wrong;
	jobs.failed += !!wrong;
}

int main(int argc, char **argv)
{
	int times = 1, races = 0, all = 0, opt;

	while ((opt = getopt(argc, argv, "vw:n:")) != -1) {
		if (opt == 'n')
			times = atoi(optarg);
		else if (!jobs_option(opt, optarg))
			return 2;
	}
	jobs_begin(2 * sysconf(_SC_NPROCESSORS_ONLN)); // they sleep more than they compute
	for (struct race_case *c = cases; c; c = c->next) {
		if (!wanted(c, argv + optind))
			continue;
		all++;
		races += strncmp(c->name, "race_", 5) == 0;
		for (int i = 0; i < times * jobs.nworkers; i++)
			start(c, jobs.workers[i % jobs.nworkers]);
	}
	while (jobs_reap())
		;
	printf("%d cases: %d races, %d without\n", all, races, all - races);
	return jobs_end();
}
