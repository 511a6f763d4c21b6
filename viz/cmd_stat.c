/* SPDX-License-Identifier: MIT */
/* weft stat: what a person reads first. */
#include "cmds.h"
#include "db.h"
#include "print.h"
#include "query_stat.h"
#include "summary.h"

#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>

static const char usage[] = "Usage: weft stat RUN.db [OPTION]...\n"
			    "Sum a run up: what ran, what was waited for and because of whom, and "
			    "the tables behind it.\n\n"
			    "      --top N  so many rows of each table: 10 by default\n"
			    "      --json   an object: the answers are in `summary', each table is "
			    "an array of objects;\n"
			    "               docs/export.md\n"
			    "  -h, --help   this text\n";

enum { OPT_TOP = 256, OPT_JSON };

struct stat {
	sqlite3 *db;
	int top;
	bool json;
};

static int failed(sqlite3 *db)
{
	return error("cannot read the database: %s", sqlite3_errmsg(db));
}

/* One table, with its title, if it is not empty; in JSON in any case. */
static int print_one(const struct stat *st, const struct stat_table *t)
{
	sqlite3_stmt *stmt;
	int rc;

	if (!st->json && !t->title)
		return 0;
	if (sqlite3_prepare_v2(st->db, t->sql, -1, &stmt, NULL) != SQLITE_OK)
		return failed(st->db);
	sqlite3_bind_int(stmt, 1, st->top);
	rc = sqlite3_step(stmt);
	sqlite3_reset(stmt);
	if (st->json)
		printf(",\n\"%s\": ", t->name);
	else if (rc == SQLITE_ROW)
		printf("\n%s\n\n", t->title);
	if (st->json || rc == SQLITE_ROW)
		rc = print_rows(stdout, stmt, st->json ? PRINT_JSON : PRINT_TABLE);
	sqlite3_finalize(stmt);
	return rc == SQLITE_DONE ? 0 : failed(st->db);
}

static void print_answers(const struct summary *s)
{
	progress_over();
	print_text(stdout, s->command);
	puts("\n");
	for (size_t i = 0; i < s->answers.n; i++) {
		printf("%-18s ", s->answers.v[i].question);
		print_text(stdout, s->answers.v[i].text);
		puts("");
	}
}

static void print_answers_json(const struct summary *s)
{
	progress_over();
	fputs("{\"command\": ", stdout);
	print_json_text(stdout, s->command);
	fputs(",\n\"summary\": {", stdout);
	for (size_t i = 0; i < s->answers.n; i++) {
		fputs(i ? ",\n" : "", stdout);
		print_json_text(stdout, s->answers.v[i].question);
		fputs(": ", stdout);
		print_json_text(stdout, s->answers.v[i].text);
	}
	fputs("}", stdout);
}

static int print(const struct stat *st)
{
	struct summary s;
	int ret = summary_read(st->db, &s);

	if (ret == 0 && st->json)
		print_answers_json(&s);
	else if (ret == 0)
		print_answers(&s);
	summary_free(&s);
	for (int i = 0; i < STAT_TABLES && ret == 0; i++)
		ret = print_one(st, &stat_tables[i]);
	if (st->json)
		puts("}");
	return ret;
}

int cmd_stat(int argc, char **argv)
{
	static const struct option longopts[] = {{"top", required_argument, NULL, OPT_TOP},
						 {"json", no_argument, NULL, OPT_JSON},
						 {"help", no_argument, NULL, 'h'},
						 {0}};
	struct stat st = {.top = 10};
	char *end;
	int c, ret;

	while ((c = getopt_long(argc, argv, ":h", longopts, NULL)) != -1) {
		switch (c) {
		case OPT_TOP:
			st.top = (int)strtol(optarg, &end, 10);
			if (*end || end == optarg || st.top < 1)
				return cmd_misuse("stat", "--top %s: not a number from 1 on",
						  optarg);
			break;
		case OPT_JSON:
			st.json = true;
			break;
		case 'h':
			return fputs(usage, stdout) < 0;
		default:
			return cmd_bad_option(c, argv);
		}
	}
	if (optind == argc)
		return cmd_misuse("stat", "which database?");
	if (optind + 1 < argc)
		return cmd_misuse("stat", "one database at a time; what is %s?", argv[optind + 1]);
	st.db = db_open_read(argv[optind]);
	if (!st.db)
		return 1;
	ret = print(&st);
	sqlite3_close(st.db);
	return ret < 0;
}
