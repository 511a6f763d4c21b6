/* SPDX-License-Identifier: MIT */
/* The rows of a query, as text in one of several forms. */
#ifndef TRACER_PRINT_H
#define TRACER_PRINT_H

#include <sqlite3.h>
#include <stdio.h>

enum print_form {
	PRINT_LIST,  /* a|b|c, no header */
	PRINT_TABLE, /* columns under each other, with a header */
	PRINT_CSV,   /* RFC 4180, with a header */
	PRINT_JSON   /* an array of objects */
};

/* Run a prepared statement and print its rows: SQLITE_DONE, or an error of SQLite. */
int print_rows(FILE *f, sqlite3_stmt *stmt, enum print_form form);

/* A text as in a table: control characters as escapes; as in JSON: with its quotes. */
void print_text(FILE *f, const char *text);
void print_json_text(FILE *f, const char *text);

#endif
