/* SPDX-License-Identifier: MIT */
/* Jobs that are done side by side, by this process and helpers of it.
 *
 * A helper is a process: begun before the database is open, which must not be shared by a fork, it
 * opens its own; it dies with this one.  What a job writes is kept until it is asked for, so the
 * order in which jobs end does not matter.
 */
#ifndef VIZ_HELPERS_H
#define VIZ_HELPERS_H

#include <stdio.h>

/* At most so many processes, this one included: each may need as much memory as one job does. */
enum { HELPERS_MOST = 8 };

struct work {
	int n; /* how many jobs */
	/* Both -1 after a message.  begin: in a helper, before its first job. */
	int (*begin)(void *arg);
	int (*job)(void *arg, int i, FILE *out);
	void *arg;
	const char *things; /* what the jobs make: "pictures" */
};

struct helpers;

/* Begin, with a helper for each cpu but one; the jobs are taken in their order.  What helpers would
 * say on stderr is kept. */
struct helpers *helpers_start(const struct work *w);
/* Do what jobs are left, too, and wait for the helpers.  -1 after a message, of one that failed. */
int helpers_join(struct helpers *h);
/* Write what a job wrote. */
void helpers_write(const struct helpers *h, int i, FILE *f);
/* End them, whether they are ready or not. */
void helpers_free(struct helpers *h);

#endif
