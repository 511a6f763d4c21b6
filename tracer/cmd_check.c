/* SPDX-License-Identifier: MIT */
/* weft check: can the database be believed?  Lost events, impossible transitions, and the
 * invariants of the schema (invariants.h), each as a question whose answer should be empty.
 *
 * Two threads ask, each with a connection of its own, one from the first invariant on and the other
 * from the last, until they meet.
 */
#define _GNU_SOURCE
#include "cmds.h"
#include "db.h"
#include "error.h"
#include "hash.h"
#include "invariants.h"
#include "print.h"

#include <getopt.h>
#include <inttypes.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>

static const char usage[] =
	"Usage: weft check [-v] [--json] RUN.db\n"
	"Look for lost events, for transitions that cannot be, and for numbers in the database "
	"that\n"
	"do not agree with each other.  The exit status is 0 if there are none, 1 if there are.\n"
	"\n"
	"  --json          each finding as an object of a JSON array: what kind, which, how many\n"
	"  -v, --verbose   show each finding, not only the first few of a kind\n"
	"  -h, --help      this text\n";

enum { FEW = 5 };

/* What was found under a headline. */
struct found {
	int64_t rows, sum;
	size_t n; /* of the findings that are kept: all, or a few */
	struct finding {
		char *text;
		int64_t n;
	} * findings;
};

struct check {
	const char *path;
	bool all; /* findings are kept */
	pthread_mutex_t lock;
	int first, end; /* the invariants that nobody has looked at yet */
	char *failure;	/* why one could not be looked at, or NULL */
	struct found found[][HEADLINES];
};

/* ---- Asking ------------------------------------------------------------------------------ */

static void keep(struct found *f, const char *text, int64_t n, bool all)
{
	f->rows++;
	f->sum += n;
	if (!all && f->n == FEW)
		return;
	if ((f->n & (f->n - 1)) == 0) {
		f->findings = realloc(f->findings, (f->n ? 2 * f->n : 1) * sizeof *f->findings);
		if (!f->findings)
			die("no memory");
	}
	f->findings[f->n++] = (struct finding){need_text(text ? text : ""), n};
}

static void ask(struct check *c, sqlite3 *sql, int i)
{
	sqlite3_stmt *stmt;
	int rc = sqlite3_prepare_v2(sql, invariants[i].query, -1, &stmt, NULL);

	while (rc == SQLITE_OK || rc == SQLITE_ROW) {
		rc = sqlite3_step(stmt);
		if (rc == SQLITE_ROW)
			keep(&c->found[i][sqlite3_column_int(stmt, 2)],
			     (const char *)sqlite3_column_text(stmt, 0),
			     sqlite3_column_int64(stmt, 1), c->all);
	}
	if (rc != SQLITE_DONE) {
		pthread_mutex_lock(&c->lock);
		if (!c->failure)
			c->failure = need_text(sqlite3_errmsg(sql));
		pthread_mutex_unlock(&c->lock);
	}
	sqlite3_finalize(stmt);
}

/* The next one to look at, or -1. */
static int next(struct check *c, bool last)
{
	int i = -1;

	pthread_mutex_lock(&c->lock);
	if (c->first < c->end && !c->failure)
		i = last ? --c->end : c->first++;
	pthread_mutex_unlock(&c->lock);
	return i;
}

static void ask_all(struct check *c, sqlite3 *sql, bool last)
{
	/* each page is looked at many times: it need not be copied each time */
	sqlite3_exec(sql, "PRAGMA mmap_size = 0x7fffffff0000", NULL, NULL, NULL);
	for (int i; (i = next(c, last)) >= 0;)
		ask(c, sql, i);
}

static void *ask_from_the_end(void *arg)
{
	struct check *c = arg;
	sqlite3 *sql = db_open_read(c->path);

	if (!sql)
		return NULL; /* it is said; and the other thread asks everything */
	sqlite3_progress_handler(sql, 0, NULL, NULL); /* the other one shows it */
	ask_all(c, sql, true);
	sqlite3_close(sql);
	return NULL;
}

static void ask_in_two_threads(struct check *c, sqlite3 *sql)
{
	pthread_t other;
	bool two = pthread_create(&other, NULL, ask_from_the_end, c) == 0;

	ask_all(c, sql, false);
	if (two)
		pthread_join(other, NULL);
}

/* ---- Telling ----------------------------------------------------------------------------- */

static void say_found(const struct check *c, const char *headline, const struct found *f)
{
	if (!f->rows)
		return;
	printf("%s: %" PRId64 " %s\n", c->path, f->sum, headline);
	for (size_t i = 0; i < f->n; i++) {
		printf("    ");
		print_text(stdout, f->findings[i].text);
		printf("\n");
	}
	if (f->rows > (int64_t)f->n)
		printf("    and %" PRId64 " more\n", f->rows - (int64_t)f->n);
}

static int say_fine(sqlite3 *sql, const char *path)
{
	sqlite3_stmt *stmt;

	if (sqlite3_prepare_v2(sql, "SELECT events, goroutines, unknown FROM run", -1, &stmt,
			       NULL) != SQLITE_OK ||
	    sqlite3_step(stmt) != SQLITE_ROW) {
		error("cannot read %s: %s", path, sqlite3_errmsg(sql));
		sqlite3_finalize(stmt);
		return 1;
	}
	printf("%s: fine: %lld events of %lld goroutines, none lost, every transition possible, "
	       "every sum right",
	       path, sqlite3_column_int64(stmt, 0), sqlite3_column_int64(stmt, 1));
	if (sqlite3_column_int64(stmt, 2))
		printf("; %lld events of other kinds were left out", sqlite3_column_int64(stmt, 2));
	printf("\n");
	sqlite3_finalize(stmt);
	return 0;
}

static void say_as_json(const char *headline, const struct found *f, bool *some)
{
	for (size_t i = 0; i < f->n; i++) {
		fputs(*some ? ",\n" : "", stdout);
		fputs("{\"what\":", stdout);
		print_json_text(stdout, headline);
		fputs(",\"finding\":", stdout);
		print_json_text(stdout, f->findings[i].text);
		printf(",\"n\":%" PRId64 "}", f->findings[i].n);
		*some = true;
	}
}

/* The exit status. */
static int tell(const struct check *c, sqlite3 *sql, bool json)
{
	bool some = false;

	progress_over();
	if (json)
		fputs("[", stdout);
	for (int i = 0; i < ninvariants; i++)
		for (int k = 0; k < HEADLINES; k++) {
			const struct found *f = &c->found[i][k];

			if (json) {
				say_as_json(invariants[i].headlines[k], f, &some);
				continue;
			}
			say_found(c, invariants[i].headlines[k], f);
			some |= f->rows > 0;
		}
	if (json)
		fputs("]\n", stdout);
	return some || json ? some : say_fine(sql, c->path);
}

static void forget(struct check *c)
{
	for (struct found *f = c->found[0]; f < c->found[ninvariants]; f++) {
		for (size_t i = 0; i < f->n; i++)
			free(f->findings[i].text);
		free(f->findings);
	}
	free(c->failure);
	pthread_mutex_destroy(&c->lock);
	free(c);
}

static int check(sqlite3 *sql, const char *path, bool all, bool json)
{
	struct check *c = need(sizeof *c + (size_t)ninvariants * sizeof *c->found);
	int status;

	c->path = path;
	c->all = all || json;
	c->end = ninvariants;
	pthread_mutex_init(&c->lock, NULL);
	ask_in_two_threads(c, sql);
	status = c->failure ? error("cannot read %s: %s", path, c->failure) != 0
			    : tell(c, sql, json);
	forget(c);
	return status;
}

int cmd_check(int argc, char **argv)
{
	static const struct option options[] = {{"verbose", no_argument, NULL, 'v'},
						{"json", no_argument, NULL, 'j'},
						{"help", no_argument, NULL, 'h'},
						{0}};
	bool verbose = false, json = false;
	sqlite3 *sql;
	int c, status;

	while ((c = getopt_long(argc, argv, ":vh", options, NULL)) != -1) {
		switch (c) {
		case 'v':
			verbose = true;
			break;
		case 'j':
			json = true;
			break;
		case 'h':
			fputs(usage, stdout);
			return 0;
		default:
			return cmd_bad_option(c, argv);
		}
	}
	if (optind + 1 != argc)
		return cmd_misuse("check",
				  optind == argc ? "which database?" : "one database at a time");
	sql = db_open_read(argv[optind]);
	if (!sql)
		return 1;
	status = check(sql, argv[optind], verbose, json);
	sqlite3_close(sql);
	return status;
}
