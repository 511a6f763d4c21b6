/* SPDX-License-Identifier: MIT */
/* The rows of a question, one at a time. */
#include "rows.h"
#include "error.h"
#include "format.h"

static sqlite3_stmt *ask(sqlite3 *db, const char *sql, int64_t from, int64_t to)
{
	sqlite3_stmt *st;

	if (sqlite3_prepare_v2(db, sql, -1, &st, NULL) != SQLITE_OK) {
		error("cannot read the database: %s", sqlite3_errmsg(db));
		return NULL;
	}
	sqlite3_bind_int64(st, sqlite3_bind_parameter_index(st, ":from"), from);
	sqlite3_bind_int64(st, sqlite3_bind_parameter_index(st, ":to"), to);
	return st;
}

int rows_each(sqlite3 *db, const char *sql, int64_t from, int64_t to, row_fn *fn, void *arg)
{
	sqlite3_stmt *st = ask(db, sql, from, to);
	int rc, ret = 0;

	if (!st)
		return -1;
	while ((rc = sqlite3_step(st)) == SQLITE_ROW && ret == 0)
		ret = fn(st, arg);
	if (rc != SQLITE_ROW && rc != SQLITE_DONE)
		ret = error("cannot read the database: %s", sqlite3_errmsg(db));
	sqlite3_finalize(st);
	return ret;
}

char *rows_asked(sqlite3 *db, const char *sql, int64_t from, int64_t to)
{
	sqlite3_stmt *st = ask(db, sql, from, to);
	char *expanded = st ? sqlite3_expanded_sql(st) : NULL;
	char *text = expanded ? format_text("%s", expanded) : NULL;

	sqlite3_free(expanded);
	sqlite3_finalize(st);
	return text;
}

char *row_text(sqlite3_stmt *row, int col)
{
	const char *s = (const char *)sqlite3_column_text(row, col);

	return s ? format_text("%s", s) : NULL;
}

int64_t row_number(sqlite3_stmt *row, int col)
{
	return sqlite3_column_int64(row, col);
}

bool row_null(sqlite3_stmt *row, int col)
{
	return sqlite3_column_type(row, col) == SQLITE_NULL;
}
