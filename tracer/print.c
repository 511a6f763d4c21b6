/* SPDX-License-Identifier: MIT */
/* Texts of a database come from the traced program.  In tables, and in any form on a terminal, what
 * would command it is shown as escapes (utf8_shown()).
 * JSON is valid whatever the text is, and has such escapes anywhere.
 */
#include "print.h"
#include "error.h"
#include "hash.h"
#include "utf8.h"

#include <math.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* The first row can take long; then output begins. */
static int first_row(FILE *f, sqlite3_stmt *stmt)
{
	int rc = sqlite3_step(stmt);

	if (f == stdout)
		progress_over();
	return rc;
}

/* ---- Tables ------------------------------------------------------------------------------ */

/* The first rows are kept, to find how wide the columns are. */
enum { WIDTH_ROWS = 1000 };

struct table {
	int ncols;
	size_t *width;
	bool *left; /* the column holds texts */
	char **cells;
	size_t n, room;
};

/* A text as it is shown, to be freed. */
static char *shown(const char *text, size_t n)
{
	char *out = need(UTF8_SHOWN * n + 1), *to = out;

	for (size_t i = 0; i < n;)
		i += utf8_shown(&to, text + i);
	return out;
}

static char *cell(sqlite3_stmt *stmt, int col)
{
	const char *text = (const char *)sqlite3_column_text(stmt, col);

	return text ? shown(text, (size_t)sqlite3_column_bytes(stmt, col)) : need(1);
}

/* How many characters a terminal shows; all are taken to be one column wide. */
static size_t width(const char *text)
{
	size_t n = 0;

	for (; *text; text++)
		n += (*text & 0xc0) != 0x80;
	return n;
}

static void print_cells(FILE *f, const struct table *t, char *const *cells)
{
	for (int i = 0; i < t->ncols; i++) {
		size_t w = width(cells[i]), pad = t->width[i] > w ? t->width[i] - w : 0;
		bool last = i == t->ncols - 1;

		if (t->left[i])
			fprintf(f, "%s%*s", cells[i], last ? 0 : (int)pad, "");
		else
			fprintf(f, "%*s%s", (int)pad, "", cells[i]);
		fputs(last ? "\n" : "  ", f);
	}
}

static void print_kept(FILE *f, struct table *t, sqlite3_stmt *stmt)
{
	char **names = need((size_t)t->ncols * sizeof *names);

	for (int i = 0; i < t->ncols; i++) {
		const char *name = sqlite3_column_name(stmt, i);

		names[i] = shown(name, strlen(name));
		if (width(names[i]) > t->width[i])
			t->width[i] = width(names[i]);
	}
	print_cells(f, t, names);
	for (int i = 0; i < t->ncols; i++) {
		for (size_t w = 0; w < t->width[i]; w++)
			fputc('-', f);
		fputs(i == t->ncols - 1 ? "\n" : "  ", f);
		free(names[i]);
	}
	free(names);
	for (size_t i = 0; i < t->n; i += (size_t)t->ncols)
		print_cells(f, t, t->cells + i);
}

static void keep_row(struct table *t, sqlite3_stmt *stmt)
{
	for (int i = 0; i < t->ncols; i++) {
		char *text = cell(stmt, i);

		t->left[i] |= sqlite3_column_type(stmt, i) == SQLITE_TEXT;
		if (width(text) > t->width[i])
			t->width[i] = width(text);
		t->cells[t->n++] = text;
	}
}

static int print_table(FILE *f, sqlite3_stmt *stmt)
{
	int ncols = sqlite3_column_count(stmt), rc;
	struct table t = {.ncols = ncols,
			  .width = need((size_t)ncols * sizeof *t.width),
			  .left = need((size_t)ncols * sizeof *t.left),
			  .cells = need((size_t)ncols * WIDTH_ROWS * sizeof *t.cells)};

	while ((rc = sqlite3_step(stmt)) == SQLITE_ROW) {
		keep_row(&t, stmt);
		if (t.n < (size_t)ncols * WIDTH_ROWS)
			continue;
		break;
	}
	if (f == stdout)
		progress_over();
	if (rc == SQLITE_ROW || rc == SQLITE_DONE)
		print_kept(f, &t, stmt);
	while (rc == SQLITE_ROW && (rc = sqlite3_step(stmt)) == SQLITE_ROW) {
		for (int i = 0; i < ncols; i++) {
			free(t.cells[i]);
			t.cells[i] = cell(stmt, i);
		}
		print_cells(f, &t, t.cells);
	}
	for (size_t i = 0; i < t.n; i++)
		free(t.cells[i]);
	free(t.cells);
	free(t.width);
	free(t.left);
	return rc;
}

/* ---- Forms for programs ------------------------------------------------------------------ */

/* An empty text is quoted: without quotes it is NULL. */
static void csv_text(FILE *f, const char *text, size_t n)
{
	if (n && !memchr(text, ',', n) && !memchr(text, '"', n) && !memchr(text, '\n', n) &&
	    !memchr(text, '\r', n)) {
		fwrite(text, 1, n, f);
		return;
	}
	fputc('"', f);
	for (size_t i = 0; i < n; i++) {
		if (text[i] == '"')
			fputc('"', f);
		fputc(text[i], f);
	}
	fputc('"', f);
}

static void json_text(FILE *f, const char *text, size_t n)
{
	fputc('"', f);
	for (size_t i = 0; i < n;) {
		unsigned char c = (unsigned char)text[i];
		size_t len = c >= 0x80 ? utf8_char(text + i) : 1;

		unsigned bad = utf8_commanding(text + i, len);

		if (!len || bad)
			fprintf(f, "\\u%04x", len ? bad : 0xfffd);
		else if (c == '"' || c == '\\')
			fprintf(f, "\\%c", c);
		else if (c < 0x20 || c == 0x7f)
			fprintf(f, "\\u%04x", c);
		else
			fwrite(text + i, 1, len, f);
		i += len ? len : 1;
	}
	fputc('"', f);
}

static void json_value(FILE *f, sqlite3_stmt *stmt, int col)
{
	double real;

	switch (sqlite3_column_type(stmt, col)) {
	case SQLITE_NULL:
		fputs("null", f);
		break;
	case SQLITE_INTEGER:
		fprintf(f, "%lld", sqlite3_column_int64(stmt, col));
		break;
	case SQLITE_FLOAT:
		real = sqlite3_column_double(stmt, col);
		fprintf(f, isfinite(real) ? "%.17g" : "null", real);
		break;
	default:
		json_text(f, (const char *)sqlite3_column_text(stmt, col),
			  (size_t)sqlite3_column_bytes(stmt, col));
	}
}

static void print_json_row(FILE *f, sqlite3_stmt *stmt)
{
	int ncols = sqlite3_column_count(stmt);

	fputc('{', f);
	for (int i = 0; i < ncols; i++) {
		const char *name = sqlite3_column_name(stmt, i);

		fputs(i ? "," : "", f);
		json_text(f, name, strlen(name));
		fputc(':', f);
		json_value(f, stmt, i);
	}
	fputc('}', f);
}

static int print_json(FILE *f, sqlite3_stmt *stmt)
{
	int rc = first_row(f, stmt);

	fputc('[', f);
	while (rc == SQLITE_ROW) {
		print_json_row(f, stmt);
		rc = sqlite3_step(stmt);
		fputs(rc == SQLITE_ROW ? ",\n" : "", f);
	}
	fputs("]\n", f);
	return rc;
}

static void print_value(FILE *f, sqlite3_stmt *stmt, int col, enum print_form form, bool terminal)
{
	const char *text = (const char *)sqlite3_column_text(stmt, col);
	size_t n = (size_t)sqlite3_column_bytes(stmt, col);
	char *tame = text && terminal ? shown(text, n) : NULL;

	if (tame) {
		text = tame;
		n = strlen(tame);
	}
	if (text && form == PRINT_CSV)
		csv_text(f, text, n);
	else if (text)
		fwrite(text, 1, n, f);
	free(tame);
}

static int print_separated(FILE *f, sqlite3_stmt *stmt, enum print_form form)
{
	int ncols = sqlite3_column_count(stmt), rc = first_row(f, stmt);
	const char *sep = form == PRINT_CSV ? "," : "|", *end = form == PRINT_CSV ? "\r\n" : "\n";
	bool terminal = isatty(fileno(f));

	for (int i = 0; i < ncols && form == PRINT_CSV; i++) {
		const char *name = sqlite3_column_name(stmt, i);

		csv_text(f, name, strlen(name));
		fputs(i == ncols - 1 ? end : sep, f);
	}
	for (; rc == SQLITE_ROW && !ferror(f); rc = sqlite3_step(stmt)) {
		for (int i = 0; i < ncols; i++) {
			print_value(f, stmt, i, form, terminal);
			fputs(i == ncols - 1 ? end : sep, f);
		}
	}
	return ferror(f) ? SQLITE_DONE : rc;
}

void print_text(FILE *f, const char *text)
{
	char *out = shown(text, strlen(text));

	fputs(out, f);
	free(out);
}

void print_json_text(FILE *f, const char *text)
{
	json_text(f, text, strlen(text));
}

int print_rows(FILE *f, sqlite3_stmt *stmt, enum print_form form)
{
	if (!sqlite3_column_count(stmt))
		return sqlite3_step(stmt);
	switch (form) {
	case PRINT_TABLE:
		return print_table(f, stmt);
	case PRINT_JSON:
		return print_json(f, stmt);
	case PRINT_LIST:
	case PRINT_CSV:
		break;
	}
	return print_separated(f, stmt, form);
}
