/* SPDX-License-Identifier: MIT */
/* What is known about a run that its trace does not say: the program, the machine, how it ended.
 *
 * `weft record` gathers it; with --keep it also writes it beside the trace, where `weft load`
 * finds it again: the file weft-run.txt, one "key=value" a line, in which \\ and \n stand for a
 * backslash and a newline.  Keys that a reader does not know are for it to ignore.
 */
#ifndef TRACER_RUN_INFO_H
#define TRACER_RUN_INFO_H

#include <stdint.h>

struct run_info {
	char *program;	  /* as given to weft record; NULL: not known, as for each char * here */
	char **args;	  /* its arguments, without the program itself */
	int nargs;
	char *host;	  /* the machine's name */
	char *kernel;	  /* its operating system, as uname says */
	int cpus;	  /* its online cpus; 0: not known */
	char *started;	  /* when, UTC, ISO 8601 with nanoseconds */
	int exit_status;  /* what the program returned; -1: not known, or a signal ended it */
	int exit_signal;  /* the signal that ended it, or 0 */
	char *incomplete; /* why recording ended before the program, or all it started, did; NULL: it did not */
	int64_t discarded; /* events that the tracer says it had no room for; -1: not known */
};

/* Nothing known. */
#define RUN_INFO_INIT ((struct run_info){.exit_status = -1, .discarded = -1})

/* Set program, args (from a NULL-terminated argv) and the facts of this machine and moment. */
void run_info_begin(struct run_info *info, char **argv);

/* Write it into directory `dir`; -1 after a message. */
int run_info_write(const struct run_info *info, const char *dir);

/* Read what directory `dir` has: 1, or 0 if it has no such file; -1 after a message. */
int run_info_read(struct run_info *info, const char *dir);

void run_info_free(struct run_info *info);

#endif
