/* SPDX-License-Identifier: MIT */
/* Runs the cases that are linked in: check [-v] [-w WORKERS]... [-n TIMES] [NAME...]
 *
 * A case that has a race must be reported in its own file, one that has none must end well and in
 * silence.  Prints a line for each that was not so, with -v also for each that was, and `N passed, N
 * failed`. */
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

/* The exit status, or 128 + the signal; what was said goes to text. */
static int run_in_child(struct race_case *c, int workers, char *text, size_t size)
{
	FILE *said = tmpfile();
	int status;
	pid_t pid;

	if (!said)
		exit(2);
	pid = fork();
	if (pid == 0) {
		char number[16];

		snprintf(number, sizeof number, "%d", workers);
		setenv("WEFT_PROCS", number, 1);
		dup2(fileno(said), STDERR_FILENO);
		alarm(LIMIT_S);
		exit(weft_run(run, c));
	}
	waitpid(pid, &status, 0);
	rewind(said);
	text[fread(text, 1, size - 1, said)] = 0;
	fclose(said);
	return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
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

static bool verbose;

static bool passes(struct race_case *c, int workers)
{
	static char text[1 << 16];
	int status = run_in_child(c, workers, text, sizeof text);
	const char *wrong = judge(c, status, text);

	if (wrong)
		printf("not ok %s with %d workers: %s (status %d)\n%s", c->name, workers, wrong,
		       status, text);
	else if (verbose)
		printf("ok %s with %d workers\n", c->name, workers);
	return !wrong;
}

int main(int argc, char **argv)
{
	int workers[16] = {1, 2, 8}, nworkers = 0, times = 1, passed = 0, failed = 0, opt;
	int races = 0, all = 0;

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
		for (int i = 0; i < times * nworkers; i++) {
			bool ok = passes(c, workers[i % nworkers]);

			passed += ok;
			failed += !ok;
		}
	}
	printf("%d cases: %d races, %d without\n", all, races, all - races);
	printf("%d passed, %d failed\n", passed, failed);
	return failed || !passed;
}
