/* SPDX-License-Identifier: MIT */
/* One LTTng session with all of weft's events, through liblttng-ctl.
 *
 * These calls go to the daemon that LTTNG_HOME names, and each may wait for it for ever, so they
 * are made by short-lived children of the keeper (keeper.h), which has deadlines.  They return 0,
 * or -1 with the reason in `why`.
 */
#ifndef TRACER_LTTNG_H
#define TRACER_LTTNG_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { LTTNG_WHY = 320 };

struct lttng_plan {
	char trace[96];	 /* directory for the trace */
	char shm[96];	 /* directory for the buffers, so that they outlive a killed program */
	uint64_t subbuf; /* bytes in a sub-buffer, a power of two */
	uint64_t count;	 /* sub-buffers for each cpu, a power of two */
	bool lossless;	 /* who finds the buffers full waits, instead of losing the event */
};

/* Choose the buffers' size for a file system with `room` bytes left: 1, or 0 if they had to be
 * smaller than what is known to lose nothing; -1 if there is no room. */
int lttng_size(struct lttng_plan *plan, uint64_t room);

/* Bytes that the buffers of one program take. */
uint64_t lttng_bytes(const struct lttng_plan *plan);

int lttng_begin(const struct lttng_plan *plan, char *why);

/* Stop, wait until all data is in the trace, and set *discarded to the number of events for which
 * there was no room. */
int lttng_finish(int64_t *discarded, char *why);

#endif
