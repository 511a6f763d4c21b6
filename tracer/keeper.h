/* SPDX-License-Identifier: MIT */
/* A process that owns a private session daemon, from its start until nothing of it is left.
 *
 * The keeper is a child of `weft record`.  All that LTTng starts is the keeper's child or becomes
 * it (the keeper is a subreaper), so it can end what it started and nothing else.  It never waits
 * without a deadline, and it ends everything and removes its directory also when `weft record` is
 * killed: it sees the end of their socket.  For root the keeper and all below it have another uid,
 * as the machine may have a daemon of root's already, and there can be only one.
 */
#ifndef TRACER_KEEPER_H
#define TRACER_KEEPER_H

#include "lttng.h"

#include <stdbool.h>
#include <sys/types.h>

struct keeper {
	pid_t pid;
	int sock;
	char base[72];	    /* the private directory, also the program's LTTNG_HOME */
	char recovered[96]; /* what was left in the buffers, as a trace; may not be there */
	char left[96];	    /* where threads of a packed recording have what they gather, and, in the
			     * end, a file of how many events each thread numbered */
	char counts[96];    /* where they count them */
	struct lttng_plan plan;
};

/* How the recording went. */
struct keeper_report {
	int64_t discarded;   /* events for which there was no room; -1: not known */
	char why[LTTNG_WHY]; /* what went wrong, or empty */
};

/* Start a daemon and a session; -1 after a message, with nothing left. */
int keeper_start(struct keeper *k);

/* Stop recording: when it returns the daemon is gone, and the trace is in plan.trace,
 * `recovered` and `left`. */
void keeper_stop(struct keeper *k, struct keeper_report *report);

/* Remove the directory and the keeper. */
void keeper_end(struct keeper *k);

#endif
