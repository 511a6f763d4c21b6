/* SPDX-License-Identifier: MIT */
/* weft check: can the database be believed?  Lost events, impossible transitions, and the
 * invariants of the schema, each as a question whose answer should be empty.
 */
#include "cmds.h"
#include "db.h"
#include "error.h"

#include <getopt.h>
#include <inttypes.h>
#include <stdio.h>

static const char usage[] =
	"Usage: weft check [-v] RUN.db\n"
	"Look for lost events, for transitions that cannot be, and for numbers in the database "
	"that\n"
	"do not agree with each other.  The exit status is 0 if there are none, 1 if there are.\n"
	"\n"
	"  -v, --verbose   show each finding, not only the first few of a kind\n"
	"  -h, --help      this text\n";

enum { FEW = 5 };

static const struct check {
	const char *headline; /* begins with a number: the sum of column 2 */
	const char *query;    /* a row for each finding: what, how many */
} checks[] = {
	{"events are lost",
	 "SELECT printf('%d between %.6f s and %.6f s, on thread %d of process %d', lost, ts / 1e9,"
	 " (ts + dur) / 1e9, m, pid), lost FROM gap ORDER BY ts"},
	{"impossible transitions, or complaints about the trace",
	 "SELECT printf('at %.6f s: %s', ts / 1e9, what), 1 FROM anomaly ORDER BY ts"},
	{"goroutines whose states do not sum to their lifetime",
	 "SELECT printf('goroutine %d: %d ns of %d', g, sum(s.dur), g.dur), 1"
	 " FROM goroutine AS g JOIN g_state AS s USING (g) WHERE g.dur IS NOT NULL"
	 " GROUP BY g HAVING sum(s.dur) <> g.dur OR count(s.dur) <> count(*)"},
	{"goroutines without any state",
	 "SELECT printf('goroutine %d', g), 1 FROM goroutine AS g"
	 " WHERE g.dur > 0 AND NOT EXISTS (SELECT 1 FROM g_state AS s WHERE s.g = g.g)"},
	{"states of goroutines that do not begin where the one before ends",
	 "SELECT printf('goroutine %d at %d ns', g, ts), 1 FROM (SELECT g, ts,"
	 " lag(ts + ifnull(dur, -1)) OVER (PARTITION BY g ORDER BY id) AS before FROM g_state)"
	 " WHERE before <> ts"},
	{"states of workers that do not begin where the one before ends",
	 "SELECT printf('worker %d at %d ns', p, ts), 1 FROM (SELECT p, ts,"
	 " lag(ts + ifnull(dur, -1)) OVER (PARTITION BY p ORDER BY id) AS before FROM p_state)"
	 " WHERE before <> ts"},
	{"workers that ran for another time than goroutines ran on them",
	 "SELECT printf('worker %d: %d ns, goroutines %d ns', p, w.dur, ifnull(g.dur, 0)), 1 FROM"
	 " (SELECT p, sum(dur) AS dur FROM p_state WHERE state = 'running' GROUP BY p) AS w"
	 " LEFT JOIN (SELECT p, sum(dur) AS dur FROM g_state WHERE state = 'running' GROUP BY p) "
	 "AS g"
	 " USING (p) WHERE ifnull(w.dur, 0) <> ifnull(g.dur, 0)"},
	{"channel operations that leave more elements than the channel can hold",
	 "SELECT printf('event %d: %d in channel %d of %d', id, len, obj, cap), 1"
	 " FROM chan_op JOIN chan USING (obj) WHERE len > cap"},
	{"counts of the run that are not those of its tables",
	 "SELECT printf('%s: %d, and %d rows', what, n, rows), 1 FROM"
	 " (SELECT 'events' AS what, events AS n, (SELECT count(*) FROM event) AS rows FROM run"
	 "  UNION ALL SELECT 'goroutines', goroutines, (SELECT count(*) FROM goroutine) FROM run"
	 "  UNION ALL SELECT 'lost', lost, (SELECT ifnull(sum(lost), 0) FROM gap) FROM run)"
	 " WHERE n <> rows"},
	{"references to rows that are not there",
	 "SELECT printf('table %s, row %s, to table %s', \"table\", rowid, parent), 1"
	 " FROM pragma_foreign_key_check"},
	{"errors in the database file",
	 "SELECT integrity_check, 1 FROM pragma_integrity_check WHERE integrity_check <> 'ok'"},
};

/* Print what a check finds: how many rows, or -1 after a message. */
static int64_t run_check(sqlite3 *sql, const char *path, const struct check *c, bool verbose)
{
	sqlite3_stmt *stmt;
	int64_t rows = 0, sum = 0;
	int rc = sqlite3_prepare_v2(sql, c->query, -1, &stmt, NULL);

	while (rc == SQLITE_OK || rc == SQLITE_ROW) {
		rc = sqlite3_step(stmt);
		if (rc == SQLITE_ROW) {
			rows++;
			sum += sqlite3_column_int64(stmt, 1);
		}
	}
	if (rc != SQLITE_DONE) {
		error("cannot read %s: %s", path, sqlite3_errmsg(sql));
		sqlite3_finalize(stmt);
		return -1;
	}
	if (rows)
		printf("%s: %" PRId64 " %s\n", path, sum, c->headline);
	sqlite3_reset(stmt);
	for (int64_t i = 0; i < rows && (verbose || i < FEW); i++) {
		sqlite3_step(stmt);
		printf("    %s\n", (const char *)sqlite3_column_text(stmt, 0));
	}
	if (rows > FEW && !verbose)
		printf("    and %" PRId64 " more\n", rows - FEW);
	sqlite3_finalize(stmt);
	return rows;
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

static int check(sqlite3 *sql, const char *path, bool verbose)
{
	int64_t found = 0;

	for (size_t i = 0; i < sizeof checks / sizeof *checks; i++) {
		int64_t n = run_check(sql, path, &checks[i], verbose);

		if (n < 0)
			return 1;
		found += n;
	}
	return found ? 1 : say_fine(sql, path);
}

int cmd_check(int argc, char **argv)
{
	static const struct option options[] = {
		{"verbose", no_argument, NULL, 'v'}, {"help", no_argument, NULL, 'h'}, {0}};
	bool verbose = false;
	sqlite3 *sql;
	int c, status;

	while ((c = getopt_long(argc, argv, ":vh", options, NULL)) != -1) {
		switch (c) {
		case 'v':
			verbose = true;
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
	status = check(sql, argv[optind], verbose);
	sqlite3_close(sql);
	return status;
}
