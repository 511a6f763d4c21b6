/* SPDX-License-Identifier: MIT */
/* Events written by hand, for tests:
 *
 *     # what this trace shows
 *     TIME [m=THREAD] [seq=N] [pid=PID] EVENT [FIELD=VALUE]...
 *
 * Fields have the names of rt/events.def; one that is missing is 0 or empty.  m, pid and seq are 1,
 * 1 and the thread's next number by default.  A value is a number (decimal, or hexadecimal with
 * 0x), a wait reason's name, or text: a word, or "..." with \n \t \" \\ and \xNN.  A line that
 * begins with -- ends the events.
 */
#ifndef TRACER_TEXT_H
#define TRACER_TEXT_H

#include "record.h"

#include <stdbool.h>

/* Whether the path is a file of such events, by its name. */
bool text_is(const char *path);

/* Give every event of all files, in order of time, to sink, until it returns other than 0;
 * what it returned, or -1 after a message. */
int text_read(char *const *paths, int npaths, int (*sink)(void *arg, const struct record *r),
	      void *arg);

#endif
