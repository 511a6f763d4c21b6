/* SPDX-License-Identifier: MIT */
#include "query_overview.h"
#include "rows.h"

#include <string.h>

/* The finest level that all these lanes have, and that is not too fine for a page. */
static const char level_sql[] =
	"SELECT level, width, (SELECT count(DISTINCT p) FROM p_interval) FROM lod_level, run "
	"WHERE level >= (SELECT max(level) FROM lod_lane WHERE lane IN ('all', 'p')) "
	"AND run.dur / width < 1200 ORDER BY level LIMIT 1";

static const char cells_sql[] =
	"SELECT lane = 'all', bucket, state, sum(dur) FROM lod_cell "
	"WHERE level = :from AND lane IN ('all', 'p') AND state < 5 GROUP BY 1, 2, 3 ORDER BY 1, 2, 3";

struct reading {
	struct overview *o;
	int64_t level, bucket, sum, most;
};

static int level_row(sqlite3_stmt *row, void *arg)
{
	struct reading *r = arg;

	r->level = row_number(row, 0);
	r->o->width = row_number(row, 1);
	r->o->workers = row_number(row, 2);
	return 0;
}

static int cell_row(sqlite3_stmt *row, void *arg)
{
	struct reading *r = arg;
	struct overview_cell c = {row_number(row, 0), row_number(row, 1), row_number(row, 2),
				  row_number(row, 3)};

	array_add(&r->o->cells, c);
	if (c.lane != 1)
		return 0;
	r->sum = c.bucket == r->bucket ? r->sum + c.dur : c.dur;
	r->bucket = c.bucket;
	r->most = r->sum > r->most ? r->sum : r->most;
	return 0;
}

int query_overview(sqlite3 *db, struct overview *o)
{
	struct reading r = {.o = o, .level = -1, .bucket = -1};

	memset(o, 0, sizeof *o);
	if (rows_each(db, level_sql, 0, 0, level_row, &r) < 0)
		return -1;
	if (r.level >= 0 && rows_each(db, cells_sql, r.level, 0, cell_row, &r) < 0)
		return -1;
	o->goroutines = o->width ? (r.most + o->width - 1) / o->width : 0;
	return 0;
}

void query_overview_free(struct overview *o)
{
	free(o->cells.v);
}
