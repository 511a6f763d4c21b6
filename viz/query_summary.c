/* SPDX-License-Identifier: MIT */
/* What the summary asks: of the sums that were made when the trace was loaded. */
#include "query_summary.h"
#include "rows.h"

#include <string.h>

struct most {
	struct contention *c;
	int64_t obj;
};

static int most_row(sqlite3_stmt *row, void *arg)
{
	struct most *m = arg;

	m->obj = row_number(row, 0);
	array_add(&m->c->objects,
		  (struct object){row_text(row, 1), row_text(row, 2), row_text(row, 3), NULL});
	array_add(&m->c->rows, (struct contended){.waits = row_number(row, 4),
						  .total = row_number(row, 5),
						  .median = row_number(row, 6),
						  .p99 = row_number(row, 7),
						  .longest = row_number(row, 8),
						  .open = row_number(row, 9),
						  .open_total = row_number(row, 10),
						  .lost = row_number(row, 11)});
	m->c->total = row_number(row, 12);
	return 0;
}

static int culprit_row(sqlite3_stmt *row, void *arg)
{
	struct contention *c = arg;
	struct contended *most = &c->rows.v[0];

	most->blamed += row_number(row, 3);
	if (most->nwho++ >= (int64_t)(sizeof most->who / sizeof *most->who))
		return 0;
	most->who[most->nwho - 1] = (struct culprit){
		(uint32_t)c->goroutines.n, (uint32_t)row_number(row, 2), row_number(row, 3)};
	array_add(&c->goroutines,
		  (struct goroutine){(uint64_t)row_number(row, 0), row_text(row, 1)});
	return 0;
}

int query_most_contended(sqlite3 *db, struct contention *c)
{
	struct most m = {.c = c};

	memset(c, 0, sizeof *c);
	if (rows_each(db,
		      "SELECT obj, label, kind, (SELECT file || ':' || line FROM g_sum AS s JOIN "
		      "site "
		      "USING (site) WHERE s.obj = c.obj AND state = 4 GROUP BY s.site "
		      "ORDER BY sum(total) DESC, s.site LIMIT 1), waits, total, p50, p99, max, "
		      "(SELECT count(*) FROM leak WHERE leak.obj = c.obj AND state = 'waiting'), "
		      "(SELECT sum(dur) FROM leak WHERE leak.obj = c.obj AND state = 'waiting'), "
		      /* Only asked if it can be, since it looks at each of the waits. */
		      "EXISTS (SELECT 1 FROM anomaly) AND EXISTS (SELECT 1 FROM g_interval AS i "
		      "WHERE i.obj = c.obj AND state = 4 AND dur IS NOT NULL "
		      "AND coalesce(holder, waker) IS NULL), "
		      "(SELECT sum(total) FROM g_sum JOIN object USING (obj) WHERE state = 4 "
		      "AND kind NOT IN ('waitgroup', 'group', 'conn')) "
		      "FROM (SELECT * FROM contention LIMIT 1) AS c",
		      0, 0, most_row, &m) < 0)
		return -1;
	if (c->rows.n == 0)
		return 0;
	return rows_each(db,
			 "SELECT min(g), name, count(*), sum(total) FROM blame_sum "
			 "JOIN goroutine ON g = culprit WHERE obj = :from "
			 "GROUP BY name HAVING sum(total) > 0 ORDER BY sum(total) DESC, min(g)",
			 m.obj, 0, culprit_row, c);
}

static int woken_row(sqlite3_stmt *row, void *arg)
{
	*(struct woken *)arg =
		(struct woken){row_number(row, 0), row_number(row, 1), row_number(row, 2)};
	return 0;
}

int query_woken(sqlite3 *db, struct woken *w)
{
	*w = (struct woken){0};
	return rows_each(db, "SELECT wakeups, p50, p99 FROM wakeup_latency WHERE why = 'ready'", 0,
			 0, woken_row, w);
}
