/* SPDX-License-Identifier: MIT */
/* The rows of a database that is being made.
 *
 * Rows of large tables go straight into the file (pages.h), in the order of their keys: most come in it,
 * the others are sorted.  Those of small tables go through SQLite into another database, to be copied in
 * the end.
 */
#ifndef TRACER_ROWS_H
#define TRACER_ROWS_H

#include <sqlite3.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct rows;

/* The file of this path has the schema and is open as `file` until rows_begin(); `rest` has the
 * schema, too.  What does not fit into memory goes to dir. */
struct rows *rows_new(sqlite3 *file, sqlite3 *rest, const char *dir, int ntables);

/* Table number i is this one, and a row of it in C has this size.  One that is not small has no texts but
 * constants.  One that is sorted has no row ids, its key comes first and is of integers, at most SORT_KEYS
 * (sort.h), and it may have indexes. */
enum rows_kind { ROWS_SMALL, ROWS_IN_ORDER, ROWS_SORTED };
void rows_table(struct rows *rows, int i, const char *name, size_t row_size, enum rows_kind kind);

/* Begin to write. */
void rows_begin(struct rows *rows, const char *path);

void rows_put(struct rows *rows, int i, const void *row);

/* No rows of sorted tables follow: they are sorted while others are put. */
void rows_end_sorted(struct rows *rows);

/* The first code of SQLite that was no success, or 0; *err is errno then, if it is not 0. */
int rows_failed(const struct rows *rows, int *err);

/* Write all that is not written yet; only then `file`'s place may be opened again. */
void rows_finish(struct rows *rows);
void rows_free(struct rows *rows);

#endif
