/* SPDX-License-Identifier: MIT */
/* Writes the b-trees of tables and indexes straight into a database file, in the format of SQLite
 * (https://sqlite.org/fileformat2.html), for rows that come in the order of their keys.
 *
 * That is ten times as fast as inserting them: every page is written once, full, and none is looked
 * for. SQLite makes the schema, with empty tables; nobody else may write to the file until
 * pages_finish(), after which it is a database like any other.
 */
#ifndef TRACER_PAGES_H
#define TRACER_PAGES_H

#include <stddef.h>
#include <stdint.h>

struct pages;
struct queue;
struct tree;

/* For a file that has this many pages of this size.  Full ones are written in the writer's thread. */
struct pages *pages_new(int fd, uint32_t size, uint32_t count, struct queue *writer);

/* The table, or index, of this root page, which is empty; it lives as long as the pages. */
struct tree *tree_new(struct pages *pg, uint32_t root);

/* A record's most bytes, and its most columns. */
enum { RECORD_MAX = 512, RECORD_COLUMNS = 32 };

/* A column's type in a record. */
enum column { COLUMN_INTEGER, COLUMN_NOT_NULL, COLUMN_TEXT, COLUMN_ROWID };

/* Encode columns into a record of at most RECORD_MAX bytes: its size.  INT64_MIN is NULL, in a
 * COLUMN_INTEGER and in a COLUMN_TEXT, which otherwise is a const char * of a short text. */
size_t record_encode(uint8_t *to, const int64_t *cells, const enum column *columns, int n);

/* The same, and quicker, if all columns are integers that are not the row id. */
size_t record_encode_integers(uint8_t *to, const int64_t *cells, const enum column *columns, int n);

/* Add a row to a table; row ids increase. */
void tree_add_row(struct tree *t, int64_t rowid, const uint8_t *record, size_t size);
/* The last row id, or 0. */
int64_t tree_last(const struct tree *t);
/* Add an entry to an index, or a row to a table without row ids; entries are in order. */
void tree_add_entry(struct tree *t, const uint8_t *record, size_t size);

/* Write what is not written yet, and free it all: 0, or the first errno that there was. */
int pages_finish(struct pages *pg);
/* The first errno, or 0. */
int pages_error(const struct pages *pg);

#endif
