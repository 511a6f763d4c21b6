/* SPDX-License-Identifier: MIT */
/* The rows of a question, one at a time: a run may have more than memory holds. */
#ifndef VIZ_ROWS_H
#define VIZ_ROWS_H

#include <sqlite3.h>
#include <stdbool.h>
#include <stdint.h>

/* What is done with a row; -1, after a message, ends it. */
typedef int row_fn(sqlite3_stmt *row, void *arg);

/* Call fn for each row; :from and :to are the window, where the question has them.  -1 after a
 * message. */
int rows_each(sqlite3 *db, const char *sql, int64_t from, int64_t to, row_fn *fn, void *arg);

/* The question with its window put in, as a person can ask it again; to be freed. */
char *rows_asked(sqlite3 *db, const char *sql, int64_t from, int64_t to);

/* A text, to be freed, NULL if it is NULL; a number; whether it is NULL. */
char *row_text(sqlite3_stmt *row, int col);
int64_t row_number(sqlite3_stmt *row, int col);
bool row_null(sqlite3_stmt *row, int col);

#endif
