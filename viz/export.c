/* SPDX-License-Identifier: MIT */
/* Formats whose rows SQL makes: lines of text, and tables. */
#define _GNU_SOURCE
#include "export.h"
#include "array.h"
#include "format.h"
#include "print.h"
#include "query_export.h"
#include "save.h"

#include <errno.h>
#include <string.h>
#include <sys/stat.h>

static int failed(sqlite3 *db)
{
	return error("cannot read the database: %s", sqlite3_errmsg(db));
}

struct lines {
	const char *head, *separator, *tail; /* before, between and after the rows */
	const char *const *sql;
};

/* The rows of one query; how many there were so far in *n. */
static int write_rows(FILE *f, sqlite3 *db, const struct lines *l, const char *sql, int64_t *n)
{
	sqlite3_stmt *st;
	int rc = sqlite3_prepare_v2(db, sql, -1, &st, NULL);

	if (rc != SQLITE_OK)
		return failed(db);
	while (!ferror(f) && sqlite3_step(st) == SQLITE_ROW) {
		fputs((*n)++ ? l->separator : l->head, f);
		fputs((const char *)sqlite3_column_text(st, 0), f);
	}
	return sqlite3_finalize(st) == SQLITE_OK ? 0 : failed(db);
}

static int write_lines(FILE *f, sqlite3 *db, const struct lines *l, const char *none)
{
	int64_t n = 0;

	for (int i = 0; l->sql[i]; i++)
		if (write_rows(f, db, l, l->sql[i], &n) < 0)
			return -1;
	if (!n && none)
		return error("%s: there is nothing to write", none);
	fputs(n ? "" : l->head, f);
	fputs(l->tail, f);
	return 0;
}

int export_chrome(FILE *f, const struct export *x)
{
	static const struct lines lines = {"{\"displayTimeUnit\": \"ns\", \"traceEvents\": [\n",
					   ",\n", "\n]}\n", chrome_sql};

	return write_lines(f, x->db, &lines, NULL);
}

int export_folded(FILE *f, const struct export *x)
{
	static const struct lines lines = {"", "\n", "\n", folded_sql};

	return write_lines(f, x->db, &lines, "no goroutine waited");
}

int export_dot(FILE *f, const struct export *x)
{
	static const struct lines lines = {"digraph wakes {\n  node [shape=box];\n", "\n", "\n}\n",
					   dot_sql};

	return write_lines(f, x->db, &lines, NULL);
}

int export_csv(FILE *f, const struct export *x)
{
	char *sql = sqlite3_mprintf("SELECT * FROM \"%w\"", x->what);
	sqlite3_stmt *st;
	int rc = sqlite3_prepare_v2(x->db, sql, -1, &st, NULL);

	sqlite3_free(sql);
	if (rc != SQLITE_OK)
		return error(
			"there is no table or view %s in this database; weft sql lists them, and "
			"docs/schema.md",
			x->what);
	rc = print_rows(f, st, PRINT_CSV);
	sqlite3_finalize(st);
	return rc == SQLITE_DONE ? 0 : failed(x->db);
}

static int csv_file(const struct export *x, const char *directory)
{
	char *path = format_text("%s/%s.csv", directory, x->what);
	struct save s;
	int ret = save_begin(&s, path);

	if (ret == 0) {
		ret = export_csv(s.f, x);
		ret = save_end(&s, ret == 0);
	}
	free(path);
	return ret;
}

int export_csv_all(const struct export *x, const char *directory)
{
	sqlite3_stmt *st;
	int ret = 0;

	if (mkdir(directory, 0777) < 0 && errno != EEXIST)
		return error("cannot make %s: %s", directory, strerror(errno));
	if (sqlite3_prepare_v2(x->db, export_tables_sql, -1, &st, NULL) != SQLITE_OK)
		return failed(x->db);
	while (ret == 0 && sqlite3_step(st) == SQLITE_ROW) {
		struct export one = *x;

		one.what = (const char *)sqlite3_column_text(st, 0);
		ret = csv_file(&one, directory);
	}
	sqlite3_finalize(st);
	return ret;
}
