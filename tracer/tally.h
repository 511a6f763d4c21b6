/* SPDX-License-Identifier: MIT */
/* The sums of what goroutines did, made as their intervals are written: tables g_sum, blame_sum and
 * spread, and columns of goroutine, so that nobody has to read all intervals to know them.
 */
#ifndef TRACER_TALLY_H
#define TRACER_TALLY_H

#include "db.h"

struct tally;

/* What a goroutine that lives has done; zeroed, nothing. */
struct tally_g {
	struct part *parts; /* by state, reason, object and place */
	uint32_t n, room;
	uint32_t recent[5];  /* of each state, the part that was added to last */
	struct hash *places; /* of the parts, if they are many */
	int64_t last;	     /* since when it is in its last state */
};

struct tally *tally_new(struct db *db);

/* An interval of the goroutine; end is that of the process if it was still going on. */
void tally_add(struct tally *t, struct tally_g *g, const struct row_g_interval *row, int64_t end);

/* The goroutine is written, as a row whose g and func are known: fill in its sums. */
void tally_end_g(struct tally *t, struct tally_g *g, struct row_goroutine *row);

void tally_free_g(struct tally_g *g);

/* Write the sums, and free them. */
void tally_finish(struct tally *t);

#endif
