/* SPDX-License-Identifier: MIT */
/* weft sql: ask the database a question. */
#include "cmds.h"
#include "db.h"
#include "error.h"
#include "hash.h"
#include "print.h"

#include <errno.h>
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static const char usage[] =
	"Usage: weft sql [OPTION]... RUN.db [QUERY]\n"
	"Print what an SQL query gives; several statements are separated by `;'.  Without QUERY it "
	"is\n"
	"read from standard input; at a terminal, the tables and views are listed instead.  The\n"
	"database is only read.\n"
	"\n"
	"  --table      aligned columns with a header (the default on a terminal)\n"
	"  --list       values separated by `|', no header (the default elsewhere)\n"
	"  --csv        comma-separated values with a header\n"
	"  --json       an array of objects for each statement\n"
	"  -h, --help   this text\n"
	"\n"
	"For example:\n"
	"  weft sql run.db 'select * from contention limit 10'\n"
	"  weft sql run.db 'select g, name, running, waiting from g_total order by waiting desc'\n"
	"docs/schema.md describes every table, view and column.\n";

/* Point at the place in the query that an error of SQLite is about. */
static int say_wrong(sqlite3 *sql, const char *query)
{
	int at = sqlite3_error_offset(sql), line = 1;
	char *place;

	for (int i = 0; i < at; i++)
		line += query[i] == '\n';
	if (at >= 0 && line > 1)
		return error("sql: %s (line %d of the query)", sqlite3_errmsg(sql), line);
	error("sql: %s", sqlite3_errmsg(sql));
	if (at >= 0) {
		place = sqlite3_mprintf("%.*s\n%*s^", (int)strcspn(query, "\n"), query, at, "");
		quote(place);
		sqlite3_free(place);
	}
	return -1;
}

static int run_query(sqlite3 *sql, const char *query, enum print_form form)
{
	sqlite3_stmt *stmt;
	const char *rest;
	int rc;

	for (; *query; query = rest) {
		if (sqlite3_prepare_v2(sql, query, -1, &stmt, &rest) != SQLITE_OK)
			return say_wrong(sql, query);
		if (!stmt)
			continue; /* a comment, or blanks */
		rc = print_rows(stdout, stmt, form);
		if (rc != SQLITE_DONE && rc != SQLITE_ROW)
			say_wrong(sql, query);
		sqlite3_finalize(stmt);
		if (rc != SQLITE_DONE && rc != SQLITE_ROW)
			return -1;
	}
	return 0;
}

static char *read_all(FILE *f)
{
	char *text = NULL;
	size_t room = 0;

	if (getdelim(&text, &room, '\0', f) < 0 && ferror(f)) {
		error("cannot read the query from standard input: %s", strerror(errno));
		free(text);
		return NULL;
	}
	if (!text)
		text = need(1);
	return text;
}

/* The tables and views that are in this database, with the first sentence of their comments. */
static int list(sqlite3 *sql)
{
	static const char query[] =
		"SELECT name, type FROM sqlite_schema WHERE type IN ('table', 'view')"
		" AND name NOT LIKE 'sqlite_%' AND name NOT LIKE 'ev\\_%' ESCAPE '\\'"
		" ORDER BY type, rowid";
	sqlite3_stmt *stmt;

	if (sqlite3_prepare_v2(sql, query, -1, &stmt, NULL) != SQLITE_OK)
		return say_wrong(sql, query);
	while (sqlite3_step(stmt) == SQLITE_ROW) {
		const char *name = (const char *)sqlite3_column_text(stmt, 0);
		char *doc = db_comment(name);

		printf("%-15s %-5s  %s\n", name, (const char *)sqlite3_column_text(stmt, 1), doc);
		free(doc);
	}
	sqlite3_finalize(stmt);
	printf("ev_NAME         view   the events of one kind, with their fields: weft events\n");
	return 0;
}

static int answer(sqlite3 *sql, const char *query, enum print_form form)
{
	char *text;
	int err;

	if (query)
		return run_query(sql, query, form);
	if (isatty(STDIN_FILENO))
		return list(sql);
	text = read_all(stdin);
	err = text ? run_query(sql, text, form) : -1;
	free(text);
	return err;
}

int cmd_sql(int argc, char **argv)
{
	enum { TABLE = 1, LIST, CSV, JSON };
	static const struct option options[] = {
		{"table", no_argument, NULL, TABLE}, {"list", no_argument, NULL, LIST},
		{"csv", no_argument, NULL, CSV},     {"json", no_argument, NULL, JSON},
		{"help", no_argument, NULL, 'h'},    {0}};
	enum print_form form = isatty(STDOUT_FILENO) ? PRINT_TABLE : PRINT_LIST;
	sqlite3 *sql;
	int c, err;

	while ((c = getopt_long(argc, argv, ":h", options, NULL)) != -1) {
		switch (c) {
		case TABLE:
			form = PRINT_TABLE;
			break;
		case LIST:
			form = PRINT_LIST;
			break;
		case CSV:
			form = PRINT_CSV;
			break;
		case JSON:
			form = PRINT_JSON;
			break;
		case 'h':
			fputs(usage, stdout);
			return 0;
		default:
			return cmd_bad_option(c, argv);
		}
	}
	if (optind == argc)
		return cmd_misuse("sql", "which database?");
	if (argc - optind > 2)
		return cmd_misuse("sql", "'%s': the query is one argument: quote it",
				  argv[optind + 2]);
	sql = db_open_read(argv[optind]);
	if (!sql)
		return 1;
	err = answer(sql, optind + 1 < argc ? argv[optind + 1] : NULL, form);
	sqlite3_close(sql);
	if (fflush(stdout) != 0 && errno != EPIPE)
		err = error("cannot write to standard output: %s", strerror(errno));
	return err ? 1 : 0;
}
