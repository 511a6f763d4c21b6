/* SPDX-License-Identifier: MIT */
/* Of which program a trace is, and what its threads counted.
 *
 * LTTng makes a trace for each program, also for each that a process executes in turn.  To all who read records
 * each of them is a process, under a number of its own: the process id, and ORIGIN_NEXT more for each program
 * before it that had the same.
 */
#ifndef TRACER_ORIGIN_H
#define TRACER_ORIGIN_H

#include "counts.h"

#include <stdbool.h>

enum { ORIGIN_NEXT = 10000000 }; /* the kernel's are below 2^22 */

struct origin {
	struct origin *next; /* with the same process id, or NULL */
	char *trace;	     /* what its trace says of itself */
	char *name;	     /* of the command */
	uint32_t pid;	     /* the number that is said above */
	uint32_t program;    /* its number in the recording (rt/counts_form.h) */
	uint32_t own_pid;    /* its process id as it sees that itself */
	struct thread_count *threads; /* with `pid` in them */
	size_t nthreads;
};

struct origins;

struct origins *origins_new(void);

/* Before the first trace: what threads counted. */
void origins_counted(struct origins *os, const struct thread_count *threads, size_t n);

/* The program of a trace with this process id and name, that began then.  `*is_new`: it has no other. */
const struct origin *origins_find(struct origins *os, uint32_t pid, const char *name, const char *begun,
				  bool *is_new);

/* Counts that are no program's yet, to be freed, or only those of an older weft, which did not number programs.
 * They will be nobody else's. */
struct thread_count *origins_take(struct origins *os, bool old, size_t *n);

/* Whether a packed program left this file; -1: an older weft does not tell. */
int origin_left(const struct origin *o, const char *path);

void origins_free(struct origins *os);

#endif
