/* SPDX-License-Identifier: MIT */
/* Events and names for weft steps.  Functions return -1 after a message. */
#ifndef VIZ_QUERY_STEPS_H
#define VIZ_QUERY_STEPS_H

#include "steps.h"

#include <sqlite3.h>

struct step_query;
struct step_query *step_query_new(sqlite3 *db); /* NULL after a message */
void step_query_free(struct step_query *q);

struct step_names step_query_names(struct step_query *q);

/* Who was runnable at a time. */
int step_query_runnable(struct step_query *q, int64_t at, struct runnable *r);

/* Call fn for each event from one time until before another; a result that is not 0 ends it. */
int step_query_each(struct step_query *q, int64_t from, int64_t to,
		    int (*fn)(void *arg, const struct step *s), void *arg);

/* Call fn for each gap that touches that time; they are in the order of their beginnings. */
int step_query_each_gap(struct step_query *q, int64_t from, int64_t to,
			void (*fn)(void *arg, struct step_gap gap), void *arg);

/* How many elements a channel buffers, or -1. */
int64_t step_query_capacity(struct step_query *q, int64_t addr, const struct step *s);

#endif
