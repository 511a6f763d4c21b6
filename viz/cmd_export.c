/* SPDX-License-Identifier: MIT */
/* weft export: a run in the formats of other tools. */
#include "cmds.h"
#include "db.h"
#include "error.h"
#include "gnuplot.h"
#include "query_export.h"

#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static int help(void)
{
	printf("Usage: weft export FORMAT RUN.db [-o FILE]\n"
	       "Write a run in a format that other tools read, to standard output or FILE.\n\n");
	for (int i = 0; i < EXPORT_FORMATS; i++)
		printf("  %-7s  %s\n", export_formats[i].name, export_formats[i].doc);
	printf("\n  -o, --output FILE  where to; it is replaced when all is written, and in memory "
	       "until then\n"
	       "  -h, --help         this text\n\n"
	       "CSV and JSON of any table or view: weft sql --csv or --json.\n");
	return 0;
}

static const struct export_format *find(const char *name)
{
	for (int i = 0; i < EXPORT_FORMATS; i++)
		if (strcmp(export_formats[i].name, name) == 0)
			return &export_formats[i];
	return NULL;
}

/* The rows of one query; how many there were so far in *n. */
static int write_rows(FILE *f, sqlite3 *db, const struct export_format *e, const char *sql,
		      int64_t *n)
{
	sqlite3_stmt *st;
	int rc = sqlite3_prepare_v2(db, sql, -1, &st, NULL);

	while (rc == SQLITE_OK && sqlite3_step(st) == SQLITE_ROW) {
		fputs((*n)++ ? e->separator : e->head, f);
		fputs((const char *)sqlite3_column_text(st, 0), f);
	}
	if (rc == SQLITE_OK)
		rc = sqlite3_finalize(st);
	return rc == SQLITE_OK ? 0 : error("cannot read the database: %s", sqlite3_errmsg(db));
}

static int write_all(FILE *f, sqlite3 *db, const struct export_format *e)
{
	int64_t n = 0;

	for (int i = 0; e->sql[i]; i++)
		if (write_rows(f, db, e, e->sql[i], &n) < 0)
			return -1;
	if (!n && e->none)
		return error("%s: there is nothing to write as %s", e->none, e->name);
	fputs(n ? "" : e->head, f);
	fputs(e->tail, f);
	return 0;
}

/* To a file: whole, or not at all; kept in memory until then. */
static int write_file(const char *path, sqlite3 *db, const struct export_format *e)
{
	char *text;
	size_t len;
	FILE *f = open_memstream(&text, &len);
	int ret;

	if (!f)
		die("out of memory");
	ret = write_all(f, db, e);
	if (fclose(f) != 0)
		die("out of memory");
	if (ret == 0)
		ret = gnuplot_save(path, text, len);
	free(text);
	return ret;
}

int cmd_export(int argc, char **argv)
{
	static const struct option longopts[] = {
		{"output", required_argument, NULL, 'o'}, {"help", no_argument, NULL, 'h'}, {0}};
	const struct export_format *e;
	const char *output = NULL;
	sqlite3 *db;
	int c, ret;

	while ((c = getopt_long(argc, argv, ":o:h", longopts, NULL)) != -1) {
		if (c == 'h')
			return help();
		if (c != 'o')
			return cmd_bad_option(c, argv);
		output = optarg;
	}
	if (optind == argc)
		return cmd_misuse("export", "in which format?");
	e = find(argv[optind]);
	if (!e)
		return cmd_misuse("export", "there is no format %s", argv[optind]);
	if (optind + 1 == argc)
		return cmd_misuse("export", "which database?");
	if (optind + 2 < argc)
		return cmd_misuse("export", "one database at a time; what is %s?",
				  argv[optind + 2]);
	db = db_open_read(argv[optind + 1]);
	if (!db)
		return 1;
	ret = output ? write_file(output, db, e) : write_all(stdout, db, e);
	sqlite3_close(db);
	return ret < 0;
}
