/* SPDX-License-Identifier: MIT */
/* The weft command: main() and the table of subcommands. */
#include "cmds.h"
#include "error.h"
#include "files.h"
#include "program.h"
#include "weft.h"

#include <errno.h>
#include <getopt.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

static const struct cmd {
	const char *name;
	int (*run)(int argc, char **argv);
	const char *help;
} cmds[] = {
#define CMD(name, function, help) {#name, function, help},
#include "cmds.def"
#undef CMD
};

#define NCMDS (sizeof cmds / sizeof *cmds)

static int help(void)
{
	printf("Usage: weft COMMAND [ARGUMENT]...\n"
	       "Record what the goroutines of a program do, and see it.\n\n");
	for (size_t i = 0; i < NCMDS; i++)
		printf("  %-12s %s\n", cmds[i].name, cmds[i].help);
	printf("  %-12s %s\n", "help", "this list, or the help of one command: weft help record");
	printf("\nFor example:\n"
	       "  weft record -o run.db -- ./my-program its arguments\n"
	       "  weft report run.db -o report.html\n");
	return 0;
}

/* How many letters to add, drop, change or swap with their neighbour to make b from a. */
static int distance(const char *a, const char *b)
{
	enum { MAX = 32 };
	int d[MAX + 1][MAX + 1], la = (int)strlen(a), lb = (int)strlen(b);

	if (la > MAX || lb > MAX)
		return MAX;
	for (int i = 0; i <= la; i++) {
		for (int j = 0; j <= lb; j++) {
			if (!i || !j) {
				d[i][j] = i + j;
				continue;
			}
			d[i][j] = d[i - 1][j - 1] + (a[i - 1] != b[j - 1]);
			if (d[i - 1][j] + 1 < d[i][j])
				d[i][j] = d[i - 1][j] + 1;
			if (d[i][j - 1] + 1 < d[i][j])
				d[i][j] = d[i][j - 1] + 1;
			if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1] &&
			    d[i - 2][j - 2] + 1 < d[i][j])
				d[i][j] = d[i - 2][j - 2] + 1;
		}
	}
	return d[la][lb];
}

static const struct cmd *find(const char *name)
{
	for (size_t i = 0; i < NCMDS; i++)
		if (strcmp(cmds[i].name, name) == 0)
			return &cmds[i];
	return NULL;
}

static int unknown(const char *name)
{
	const char *best = NULL;
	int least = 3;

	for (size_t i = 0; i < NCMDS; i++) {
		int d = distance(name, cmds[i].name);

		if (*name && strncmp(name, cmds[i].name, strlen(name)) == 0)
			d = 0;
		if (d < least) {
			least = d;
			best = cmds[i].name;
		}
	}
	if (best)
		fprintf(stderr, "weft: there is no command '%s'; did you mean 'weft %s'?\n", name,
			best);
	else
		fprintf(stderr, "weft: there is no command '%s'; try 'weft help'\n", name);
	return 2;
}

int cmd_misuse(const char *cmd, const char *fmt, ...)
{
	va_list ap;

	fflush(stdout);
	fprintf(stderr, "weft %s: ", cmd);
	va_start(ap, fmt);
	vfprintf(stderr, fmt, ap);
	va_end(ap);
	fprintf(stderr, "\ntry 'weft %s --help'\n", cmd);
	return 2;
}

int cmd_bad_option(int c, char **argv)
{
	const char *arg = argv[optind - 1], *eq = strchr(arg, '=');

	if (c == ':')
		return cmd_misuse(argv[0], "%s needs an argument", arg);
	if (strncmp(arg, "--", 2) != 0)
		return cmd_misuse(argv[0], "there is no option -%c", optopt);
	if (optopt && eq)
		return cmd_misuse(argv[0], "%.*s takes no argument", (int)(eq - arg), arg);
	return cmd_misuse(argv[0], "there is no option %s", arg);
}

/* A full disk or a closed pipe shows at the last flush. */
static int finish(int status)
{
	progress_over();
	if (fflush(stdout) == 0 && !ferror(stdout))
		return status;
	if (errno != EPIPE)
		fprintf(stderr, "weft: cannot write to standard output: %s\n", strerror(errno));
	return status ? status : 1;
}

static int run(const char *name, int argc, char **argv)
{
	const struct cmd *cmd = find(name);

	if (!cmd)
		return unknown(name);
	opterr = 0;
	return cmd->run(argc, argv);
}

int main(int argc, char **argv)
{
	const char *name = argc > 1 ? argv[1] : NULL;

	program_ignores_children = signal(SIGCHLD, SIG_DFL) == SIG_IGN;
	file_limit_fails();
	if (!name) {
		fprintf(stderr, "weft: which command? try 'weft help'\n");
		return 2;
	}
	if (strcmp(name, "--version") == 0 || strcmp(name, "-V") == 0) {
		printf("weft %s\n", WEFT_VERSION);
		return finish(0);
	}
	if (strcmp(name, "help") == 0 || strcmp(name, "--help") == 0 || strcmp(name, "-h") == 0) {
		if (argc == 2 || argv[2][0] == '-' || strcmp(argv[2], "help") == 0)
			return finish(help());
		return finish(run(argv[2], 2, (char *[]){argv[2], "--help", NULL}));
	}
	if (name[0] == '-') {
		fprintf(stderr, "weft: there is no option %s; try 'weft help'\n", name);
		return 2;
	}
	return finish(run(name, argc - 1, argv + 1));
}
