/* SPDX-License-Identifier: MIT */
/* The layout, as numbers (pack.h) one after the other: four tables, each how many rows and these, and a
 * row is its columns.  Those that ascend are less what the row before has; texts are indices; what
 * lasts is its length + 1, or 0 if it did not end; a number that can be missing is + 1, or 0.
 *
 *   tasks: number, parent, goroutine, name, start, length
 *   regions, by goroutine, depth and time: goroutine, depth, task, name, start, length
 *   messages, by goroutine and time: goroutine, task, category, message, time
 *   samples, by goroutine and time: goroutine, worker, cpu time, stack as a text, time
 */
#include "query_marks.h"
#include "format.h"
#include "rows.h"

#include <string.h>

enum { COLUMNS = 6 };

/* For each column: a ascends, n a number, + one that can be missing, t a text. */
static const struct mark_table {
	const char *columns, *count, *sql;
} mark_tables[] = {
	{"a+ata+", "SELECT count(*) FROM task",
	 "SELECT task, parent, g, name, ts, dur FROM task ORDER BY task"},
	{"an+ta+", "SELECT count(*) FROM region",
	 "SELECT g, depth, task, name, ts, dur FROM region ORDER BY g, depth, ts, id"},
	{"a+tta", "SELECT count(*) FROM log",
	 "SELECT g, task, category, message, ts FROM log ORDER BY g, ts, id"},
	{"a+nta", "SELECT count(*) FROM cpu_sample WHERE g IS NOT NULL",
	 "SELECT c.g, c.p, c.ns, coalesce(t.text, 'not recorded'), c.ts FROM cpu_sample AS c "
	 "LEFT JOIN stack_text AS t USING (stack) WHERE c.g IS NOT NULL ORDER BY c.g, c.ts, c.id"},
};

struct packing {
	struct bytes *packed;
	struct texts *texts;
	const char *columns;
	int64_t last[COLUMNS];
};

static int count_row(sqlite3_stmt *row, void *arg)
{
	struct packing *p = arg;

	pack_number(p->packed, (uint64_t)row_number(row, 0));
	return 0;
}

static void pack_text(struct packing *p, sqlite3_stmt *row, int col)
{
	char *text = row_text(row, col), *shown = format_label(text ? text : "", 4000);

	pack_number(p->packed, texts_add(p->texts, shown));
	free(shown);
	free(text);
}

static int mark_row(sqlite3_stmt *row, void *arg)
{
	struct packing *p = arg;

	for (int i = 0; p->columns[i]; i++) {
		int64_t n = row_number(row, i);

		switch (p->columns[i]) {
		case 'a':
			pack_signed(p->packed, n - p->last[i]);
			p->last[i] = n;
			break;
		case '+':
			pack_number(p->packed, row_null(row, i) ? 0 : (uint64_t)n + 1);
			break;
		case 't':
			pack_text(p, row, i);
			break;
		default:
			pack_number(p->packed, (uint64_t)n);
		}
	}
	return 0;
}

int query_marks(sqlite3 *db, struct bytes *packed, struct texts *texts)
{
	for (size_t i = 0; i < sizeof mark_tables / sizeof *mark_tables; i++) {
		const struct mark_table *t = &mark_tables[i];
		struct packing p = {packed, texts, t->columns, {0}};

		if (rows_each(db, t->count, 0, 0, count_row, &p) < 0 ||
		    rows_each(db, t->sql, 0, 0, mark_row, &p) < 0)
			return -1;
	}
	return 0;
}
