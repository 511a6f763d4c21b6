/* SPDX-License-Identifier: MIT */
/* Counts of the cpus' counter become times. */
#include "error.h"
#include "packed_block.h"

#include <stdlib.h>

bool add_knot(struct proc *pr, uint64_t raw, int64_t ns)
{
	struct knot *k;

	if (pr->nknots) {
		uint64_t ticks, passed;

		k = &pr->knots[pr->nknots - 1];
		if (raw <= k->raw || ns <= k->ns)
			return false;
		ticks = raw - k->raw;
		passed = (uint64_t)ns - (uint64_t)k->ns;
		if (ticks >> 4 > passed + (1 << 16))
			return false;
		k->slope = (double)passed / (double)ticks;
	}
	if (pr->nknots == pr->room) {
		pr->room = pr->room ? 2 * pr->room : 64;
		pr->knots = realloc(pr->knots, pr->room * sizeof *pr->knots);
		if (!pr->knots)
			die("no memory");
	}
	k = &pr->knots[pr->nknots++];
	*k = (struct knot){raw, ns, pr->nknots > 1 ? k[-1].slope : 1};
	return true;
}

int64_t time_of(struct proc *pr, uint64_t raw)
{
	struct knot *k = pr->knots;
	size_t i = pr->used, low = 0, high = pr->nknots;
	double ns;

	if (!pr->nknots)
		return 0;
	if (i >= pr->nknots || k[i].raw > raw || (i + 1 < pr->nknots && k[i + 1].raw <= raw)) {
		while (high - low > 1) {
			i = low + (high - low) / 2;
			if (k[i].raw <= raw)
				low = i;
			else
				high = i;
		}
		i = pr->used = low;
	}
	ns = raw >= k[i].raw ? (double)(raw - k[i].raw) * k[i].slope
			     : -(double)(k[i].raw - raw) * k[i].slope;
	if (i + 1 < pr->nknots && ns > (double)(k[i + 1].ns - k[i].ns))
		return k[i + 1].ns;
	if (ns > 1e18 || ns < -1e18)
		return ns > 0 ? INT64_MAX : INT64_MIN;
	return (int64_t)((uint64_t)k[i].ns + (uint64_t)(int64_t)ns);
}
