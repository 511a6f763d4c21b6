/* SPDX-License-Identifier: MIT */
/* How many intervals there are at a time. */
#include "curve.h"
#include "array.h"

#include <math.h>

void curve_begin(struct curve *c, int64_t from, int64_t to, int columns)
{
	*c = (struct curve){.n = columns,
			    .from = (double)from,
			    .step = (double)(to - from) / columns,
			    .v = array_zeroed((size_t)columns + 1, sizeof *c->v),
			    .change = array_zeroed((size_t)columns + 1, sizeof *c->change)};
}

/* From x on there are so many more. */
static void step(struct curve *c, double x, double by)
{
	int i = x >= c->n ? c->n : (int)x;

	c->v[i] += by * (i + 1 - x);
	if (i < c->n)
		c->change[i + 1] += by;
}

void curve_add_n(struct curve *c, int64_t ts, int64_t end, double n)
{
	double a = fmax(((double)ts - c->from) / c->step, 0);
	double b = fmin(((double)end - c->from) / c->step, c->n);

	if (b <= a)
		return;
	c->total += (b - a) * c->step * n;
	step(c, a, n);
	step(c, b, -n);
}

void curve_add(struct curve *c, int64_t ts, int64_t end)
{
	curve_add_n(c, ts, end, 1);
}

void curve_finish(struct curve *c)
{
	double level = 0;

	for (int i = 0; i < c->n; i++) {
		level += c->change[i];
		c->v[i] += level;
		if (fabs(c->v[i]) < 1e-6) /* what is left of nothing */
			c->v[i] = 0;
	}
}

void curve_free(struct curve *c)
{
	free(c->v);
	free(c->change);
}
