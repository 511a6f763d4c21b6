/* SPDX-License-Identifier: MIT */
/* weft check: can the database be believed?  Lost events, impossible transitions, and the
 * invariants of the schema, each as a question whose answer should be empty.
 */
#include "cmds.h"
#include "db.h"
#include "error.h"
#include "print.h"

#include <getopt.h>
#include <inttypes.h>
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

/* Where events are lost, what follows from that is no finding of its own. */
#define WHOLE "o.pid NOT IN (SELECT pid FROM gap)"

/* The intervals, to which those sums belong that were made when the trace was loaded. */
#define INTERVALS                                                                                  \
	"WITH i AS (SELECT s.*, o.func, ifnull(s.dur, p.ts + p.dur - s.ts) AS time FROM g_interval AS s" \
	" JOIN goroutine AS o USING (g) JOIN process AS p USING (pid)) "

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
	{"channel operations that leave another number of elements than they can",
	 "SELECT printf('event %d: %s leaves %d in channel %d, in which %d were', id, op, len, obj,"
	 " before), 1 FROM (SELECT x.id, x.op, x.len, x.obj,"
	 "  lag(x.len, 1, 0) OVER (PARTITION BY x.obj ORDER BY x.id) AS before,"
	 "  iif(x.peer IS NULL, (x.op = 'send') - (x.op = 'recv' AND x.ok), 0) AS step"
	 "  FROM chan_op AS x JOIN chan AS c USING (obj) JOIN object AS o USING (obj)"
	 "  WHERE c.cap IS NOT NULL AND " WHOLE
	 "  AND x.obj NOT IN (SELECT obj FROM chan_op WHERE g = 0))" /* whose timer takes back */
	 " WHERE len <> before + step"},
	{"channel operations before the channel was made, or after it was freed",
	 "SELECT printf('event %d: %s, channel %d', x.id, x.op, obj), 1"
	 " FROM chan_op AS x JOIN object AS o USING (obj)"
	 " WHERE x.ts < o.ts OR x.ts > o.ts + o.dur"},
	{"mutex operations that do not take turns: a lock, then an unlock",
	 "SELECT printf('event %d: %s of mutex %d after %s', id, op, obj, before), 1 FROM"
	 " (SELECT x.id, x.op, x.obj,"
	 "  lag(x.op, 1, 'unlock') OVER (PARTITION BY x.obj ORDER BY x.id) AS before"
	 "  FROM mutex_op AS x JOIN object AS o USING (obj) WHERE " WHOLE ") WHERE op = before"},
	{"waits for a lock that the goroutine's states do not have",
	 "SELECT printf('event %d: goroutine %d, %d ns for object %d', id, g, dur, obj), 1 FROM"
	 " (SELECT id, ts, g, obj, dur FROM mutex_op WHERE op = 'lock' AND dur > 0"
	 "  UNION ALL SELECT id, ts, g, obj, dur FROM rwmutex_op"
	 "  WHERE op IN ('lock', 'rlock') AND dur > 0) AS x"
	 " WHERE NOT EXISTS (SELECT 1 FROM g_state AS s WHERE s.g = x.g AND s.ts = x.ts - x.dur"
	 "  AND s.state = 'waiting' AND s.obj = x.obj)"},
	{"goroutines whose waits for one thing and another do not sum to what they waited",
	 "SELECT printf('goroutine %d: %d ns of %d', t.g, ifnull(w.total, 0), t.waiting), 1"
	 " FROM g_total AS t LEFT JOIN (SELECT g, sum(total) AS total FROM g_wait GROUP BY g) AS w"
	 " USING (g) WHERE t.waiting <> ifnull(w.total, 0)"},
	{"workers whose utilisation over time does not sum to what they ran",
	 "SELECT printf('worker %d: %d ns of %d', p, w.running, t.running), 1 FROM worker_total AS t"
	 " JOIN (SELECT p, sum(running) AS running FROM worker_time GROUP BY p) AS w USING (p)"
	 " WHERE t.running <> w.running"},
	{"sums of a level of detail that are not those of the states",
	 "SELECT printf('level %d of %s %d, %s: %d ns and %d times too many', level, lane, key,"
	 " state, sum(dur), sum(n)), 1 FROM"
	 " (SELECT level, lane, key, state, dur, n FROM lod"
	 "  UNION ALL SELECT v.level, lane, key, state, -dur, -n FROM"
	 "  (SELECT 'g' AS lane, g AS key, state, sum(dur) AS dur, count(*) AS n FROM g_span"
	 "   WHERE g IN (SELECT key FROM lod_lane WHERE lane = 'g') GROUP BY g, state"
	 "   UNION ALL SELECT 'all', 0, state, sum(dur), count(*) FROM g_span GROUP BY state"
	 "   UNION ALL SELECT 'p', p, state, sum(coalesce(dur, (SELECT k.ts + k.dur FROM process AS k"
	 "    WHERE k.seq = p / 10000) - ts)), count(*) FROM p_state GROUP BY p, state)"
	 "  JOIN lod_lane AS l USING (lane, key) JOIN lod_level AS v ON v.level >= l.level)"
	 " WHERE lane IN ('g', 'p', 'all') GROUP BY level, lane, key, state"
	 " HAVING sum(dur) <> 0 OR sum(n) <> 0"},
	{"goroutines whose sums are not those of their states",
	 INTERVALS "SELECT printf('goroutine %d: %d, %d, %d, %d ns in %d runs and %d waits', g, a, b, c, d,"
	 " r, w), 1 FROM (SELECT g, sum(iif(state = 1, time, 0)) AS a, sum(iif(state = 2, time, 0)) AS b,"
	 " sum(iif(state = 3, time, 0)) AS c, sum(iif(state = 4, time, 0)) AS d, sum(state = 1) AS r,"
	 " sum(state = 4) AS w, max(ts) AS e FROM i GROUP BY g) JOIN goroutine USING (g)"
	 " WHERE (running, detached, runnable, waiting, runs, waits, last) IS NOT (a, b, c, d, r, w, e)"},
	{"sums of a function that are not those of its goroutines' states",
	 INTERVALS "SELECT printf('%s, state %d, reason %s, object %s, site %s: %d times, %d ns, the longest %d"
	 " too many', func, state, why, obj, site, sum(n), sum(total), sum(max)), 1 FROM"
	 " (SELECT text AS func, state, why, obj, site, n, total, max FROM g_sum JOIN string AS f ON f.id = func"
	 "  UNION ALL SELECT func, state, why, obj, site, -count(*), -sum(time), -max(time) FROM i"
	 "  GROUP BY func, state, why, obj, site) GROUP BY func, state, why, obj, site"
	 " HAVING sum(n) <> 0 OR sum(total) <> 0 OR sum(max) <> 0"
	 " UNION ALL SELECT printf('%s, state %d: not the longest of %d ns', f.text, s.state, max), 1"
	 " FROM g_sum AS s JOIN string AS f ON f.id = s.func LEFT JOIN i ON (i.g, i.ts, i.id) = (s.g, s.ts, s.id)"
	 " WHERE (f.text, s.state, s.why, s.obj, s.site, max)"
	 " IS NOT (i.func, i.state, i.why, i.obj, i.site, time)"},
	{"culprits whose sums are not those of the waits because of them",
	 INTERVALS "SELECT printf('object %d, goroutine %d: %d waits, %d ns too many', obj, culprit, sum(waits),"
	 " sum(total)), 1 FROM (SELECT * FROM blame_sum UNION ALL"
	 " SELECT obj, coalesce(holder, waker) AS culprit, -count(*), -sum(time) FROM i"
	 " WHERE state = 4 AND obj IS NOT NULL AND culprit > 0 GROUP BY obj, culprit)"
	 " GROUP BY obj, culprit HAVING sum(waits) <> 0 OR sum(total) <> 0"},
	{"percentiles that are not those of the states",
	 INTERVALS ", x AS (SELECT state, why, NULL AS obj, NULL AS site, g, time FROM i WHERE state IN (3, 4)"
	 " UNION ALL SELECT 4, NULL, obj, NULL, g, time FROM i WHERE state = 4 AND obj IS NOT NULL"
	 " UNION ALL SELECT 4, why, NULL, site, g, time FROM i WHERE state = 4 AND site IS NOT NULL),"
	 " ranked AS (SELECT *, row_number() OVER (PARTITION BY state, why, obj, site ORDER BY time) AS rank,"
	 " count(*) OVER (PARTITION BY state, why, obj, site) AS n FROM x)"
	 " SELECT printf('state %d, reason %s, object %s, site %s: %d goroutines, %d, %d, %d ns too many', state,"
	 " why, obj, site, sum(goroutines), sum(p50), sum(p90), sum(p99)), 1 FROM"
	 " (SELECT * FROM spread UNION ALL SELECT state, why, obj, site, -count(DISTINCT g),"
	 "  -max(iif(rank = (n * 50 + 99) / 100, time, 0)), -max(iif(rank = (n * 90 + 99) / 100, time, 0)),"
	 "  -max(iif(rank = (n * 99 + 99) / 100, time, 0)) FROM ranked WHERE n > 1"
	 "  GROUP BY state, why, obj, site) GROUP BY state, why, obj, site"
	 " HAVING count(*) <> 2 OR sum(goroutines) <> 0 OR sum(p50) <> 0 OR sum(p90) <> 0 OR sum(p99) <> 0"},
	{"sums of channels and mutexes that are not those of their operations",
	 "SELECT printf('channel %d: %d sends, %d receives', obj, s, r), 1 FROM chan LEFT JOIN (SELECT obj, sum(op = 'send') AS s,"
	 " sum(op = 'recv' AND ok) AS r, sum(op <> 'close' AND peer IS NOT NULL) AS d,"
	 " sum(op = 'send' AND parked) AS sp, sum(op = 'recv' AND parked) AS rp, max(len) AS l FROM chan_op"
	 " GROUP BY obj) USING (obj)"
	 " WHERE (sends, recvs, direct, sends_parked, recvs_parked, max_len)"
	 " IS NOT (ifnull(s, 0), ifnull(r, 0), ifnull(d, 0), ifnull(sp, 0), ifnull(rp, 0), l)"
	 " UNION ALL SELECT printf('mutex %d: held %d ns, waited for %d ns', obj, h, w), 1 FROM"
	 " (SELECT obj, sum(op = 'lock') AS n, sum(op = 'lock' AND contended) AS c, sum(iif(op = 'unlock', dur, 0)) AS h,"
	 "  ifnull(max(iif(op = 'unlock', dur, 0)), 0) AS hm, sum(iif(op = 'lock', dur, 0)) AS w,"
	 "  max(iif(op = 'lock', dur, 0)) AS wm FROM mutex_op GROUP BY obj) LEFT JOIN mutex USING (obj)"
	 " WHERE (locks, contended, held, held_max, waited, waited_max) IS NOT (n, c, ifnull(h, 0), hm, ifnull(w, 0),"
	 " ifnull(wm, 0))"},
	{"times that are negative",
	 "SELECT printf('table %s, row %d: %d ns', what, id, dur), 1 FROM"
	 " (SELECT 'process' AS what, pid AS id, dur FROM process"
	 "  UNION ALL SELECT 'goroutine', g, dur FROM goroutine"
	 "  UNION ALL SELECT 'g_state', id, dur FROM g_state"
	 "  UNION ALL SELECT 'p_state', id, dur FROM p_state"
	 "  UNION ALL SELECT 'object', obj, dur FROM object"
	 "  UNION ALL SELECT 'mutex_op', id, dur FROM mutex_op"
	 "  UNION ALL SELECT 'rwmutex_op', id, dur FROM rwmutex_op"
	 "  UNION ALL SELECT 'once_op', id, dur FROM once_op"
	 "  UNION ALL SELECT 'panic', id, dur FROM panic"
	 "  UNION ALL SELECT 'task', task, dur FROM task"
	 "  UNION ALL SELECT 'region', id, dur FROM region"
	 "  UNION ALL SELECT 'gap', rowid, dur FROM gap) WHERE dur < 0"},
	{"events that come before the one before them",
	 "SELECT printf('event %d at %d ns', id, ts), 1 FROM"
	 " (SELECT id, ts, lag(ts) OVER (ORDER BY id) AS before FROM event) WHERE before > ts"},
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
		progress_over();
	if (rows)
		printf("%s: %" PRId64 " %s\n", path, sum, c->headline);
	sqlite3_reset(stmt);
	for (int64_t i = 0; i < rows && (verbose || i < FEW); i++) {
		sqlite3_step(stmt);
		printf("    ");
		print_text(stdout, (const char *)sqlite3_column_text(stmt, 0));
		printf("\n");
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
	progress_over();
	printf("%s: fine: %lld events of %lld goroutines, none lost, every transition possible, "
	       "every sum right",
	       path, sqlite3_column_int64(stmt, 0), sqlite3_column_int64(stmt, 1));
	if (sqlite3_column_int64(stmt, 2))
		printf("; %lld events of other kinds were left out", sqlite3_column_int64(stmt, 2));
	printf("\n");
	sqlite3_finalize(stmt);
	return 0;
}

/* All checks as one query, to be freed. */
static char *every_check(void)
{
	char *query = NULL, *what;
	size_t size;
	FILE *f = open_memstream(&query, &size);

	if (!f)
		die("no memory");
	for (size_t i = 0; i < sizeof checks / sizeof *checks; i++)
		fprintf(f, "%s c%zu(finding, n) AS (%s)", i ? "," : "WITH", i, checks[i].query);
	for (size_t i = 0; i < sizeof checks / sizeof *checks; i++) {
		what = sqlite3_mprintf("%Q", checks[i].headline);
		fprintf(f, "%s SELECT %s AS what, finding, n FROM c%zu", i ? " UNION ALL" : "",
			what, i);
		sqlite3_free(what);
	}
	fclose(f);
	return query;
}

static int check_json(sqlite3 *sql, const char *path)
{
	char *query = every_check(), *json = NULL;
	size_t size;
	FILE *f = open_memstream(&json, &size);
	sqlite3_stmt *stmt;
	int rc;

	if (!f)
		die("no memory");
	rc = sqlite3_prepare_v2(sql, query, -1, &stmt, NULL);
	if (rc == SQLITE_OK)
		rc = print_rows(f, stmt, PRINT_JSON);
	if (rc != SQLITE_DONE)
		error("cannot read %s: %s", path, sqlite3_errmsg(sql));
	sqlite3_finalize(stmt);
	fclose(f);
	progress_over();
	fputs(json, stdout);
	rc = rc != SQLITE_DONE || json[1] != ']'; // there is a finding
	free(json);
	free(query);
	return rc;
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
		{"verbose", no_argument, NULL, 'v'},
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
	status = json ? check_json(sql, argv[optind]) : check(sql, argv[optind], verbose);
	sqlite3_close(sql);
	return status;
}
