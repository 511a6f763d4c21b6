/* SPDX-License-Identifier: MIT */
/* How many intervals there are at a time, on average over each column of a window.  An interval is
 * added in constant time, however long it is.  Pure. */
#ifndef VIZ_CURVE_H
#define VIZ_CURVE_H

#include <stdint.h>

struct curve {
	int n;		   /* columns */
	double from, step; /* ns: where the first begins, and how wide each is */
	double *v;	   /* of each column, after curve_finish() */
	double *change; /* where a column begins, what all from it on have more than those before */
	double total;	/* ns of intervals in the window */
};

void curve_begin(struct curve *c, int64_t from, int64_t to, int columns);
void curve_add(struct curve *c, int64_t ts, int64_t end);
/* n at once. */
void curve_add_n(struct curve *c, int64_t ts, int64_t end, double n);
void curve_finish(struct curve *c);
void curve_free(struct curve *c);

#endif
