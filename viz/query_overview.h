/* SPDX-License-Identifier: MIT */
/* What workers and goroutines did, from the level of detail: what the page shows until its own data
 * are read. */
#ifndef VIZ_QUERY_OVERVIEW_H
#define VIZ_QUERY_OVERVIEW_H

#include "array.h"

#include <sqlite3.h>
#include <stdint.h>

struct overview_cell {
	int64_t lane; /* 0 the workers together, 1 the goroutines together */
	int64_t bucket, state, dur;
};

struct overview {
	int64_t width, workers, goroutines; /* of a bucket; the most that lived in one */
	ARRAY(struct overview_cell) cells;  /* by lane, bucket, state; none if the run is small */
};

/* -1 after a message; to be freed in any case. */
int query_overview(sqlite3 *db, struct overview *o);
void query_overview_free(struct overview *o);

#endif
