/* SPDX-License-Identifier: MIT */
/* The program that is recorded: find it, look whether it can be recorded, run it. */
#ifndef TRACER_PROGRAM_H
#define TRACER_PROGRAM_H

#include <stdbool.h>

/* What weft record itself exits with, as env and timeout do. */
enum {
	PROGRAM_FAILED = 125,
	PROGRAM_CANNOT_EXECUTE = 126,
	PROGRAM_NOT_FOUND = 127,
};

/* Whether SIGCHLD was ignored when weft was started: so it is to be for the program, and not for weft, which
 * waits for children. */
extern bool program_ignores_children;

/* The path of a command, from PATH unless it has a slash, to be freed; NULL if there is none. */
char *program_find(const char *name);

/* Whether the file can be run and recorded: 0, or the status to exit with, after a message. */
int program_check(const char *path);

/* Run it with argv, passing on the signals that are sent to us, and wait for it.  Sets *status
 * as waitpid() does; or returns the status to exit with, after a message. */
int program_run(const char *path, char **argv, int *status);

#endif
