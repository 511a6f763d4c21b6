/* SPDX-License-Identifier: MIT */
/* Loading: traces become a database. */
#ifndef TRACER_LOAD_H
#define TRACER_LOAD_H

#include "run_info.h"

#include <stdbool.h>
#include <stdint.h>

struct load_result {
	int64_t events, goroutines;
	int64_t dur;	   /* nanoseconds, from the first event to the last */
	int64_t lost;	   /* events known to be missing */
	int64_t unknown;   /* events that this weft has no name for */
	int64_t anomalies; /* transitions that cannot be, and complaints about the trace */
	bool nothing;	   /* that was the failure: no event of weft is in it */
};

struct load_args {
	char *const *paths; /* directories of CTF traces, or files of hand-written events */
	int npaths;
	const char *out; /* the database */
	bool force;	 /* overwrite it */
	bool quiet;	 /* no progress */
	const char *debug_dir; /* where to look for what stacks are in, too; or NULL */
	const struct run_info *info; /* NULL: read what is beside the first trace */
};

/* 0, or -1 after a message and with nothing written.  A trace that is damaged is loaded as far as
 * it can be: what is missing is said on standard error, and is in the database as gap and
 * anomaly.  A trace without any event of weft is a failure. */
int load_trace(const struct load_args *args, struct load_result *result);

/* "1,234 events of 7 goroutines in 408 ms, 0 lost", to be freed. */
char *load_sum(const struct load_result *r);

#endif
