/* SPDX-License-Identifier: MIT */
/* What must hold in every database, as questions whose answer is empty. */
#ifndef TRACER_INVARIANTS_H
#define TRACER_INVARIANTS_H

enum { HEADLINES = 3 };

extern const struct invariant {
	const char *headlines[HEADLINES]; /* each begins with a number: the sum of column 2 */
	const char *query; /* a row for each finding: what, how many and, if there are several,
			      which headline */
} invariants[];
extern const int ninvariants;

#endif
