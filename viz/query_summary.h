/* SPDX-License-Identifier: MIT */
/* What the summary asks of the sums that were made when the trace was loaded. */
#ifndef VIZ_QUERY_SUMMARY_H
#define VIZ_QUERY_SUMMARY_H

#include "query.h"

/* Fill in total, and of what cost most to wait for its row and what that refers to; there is no row
 * if nobody waited. */
int query_most_contended(sqlite3 *db, struct contention *c);

/* How soon goroutines ran that were woken. */
struct woken {
	int64_t n, p50, p99;
};
int query_woken(sqlite3 *db, struct woken *w);

#endif
