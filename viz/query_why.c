/* SPDX-License-Identifier: MIT */
#include "query_why.h"
#include "format.h"
#include "query.h"

#include <stdio.h>
#include <string.h>

enum { NAME = 60 };

/* ---- One row ------------------------------------------------------------------------------- */

/* Prepare a query with up to four numbers; NULL after a message. */
#define ask(db, sql, ...) ask_with(db, sql, (const int64_t[4]){__VA_ARGS__})
static sqlite3_stmt *ask_with(sqlite3 *db, const char *sql, const int64_t v[4])
{
	sqlite3_stmt *st;

	if (sqlite3_prepare_v2(db, sql, -1, &st, NULL) != SQLITE_OK) {
		error("cannot read the database: %s", sqlite3_errmsg(db));
		return NULL;
	}
	for (int i = 0; i < 4 && i < sqlite3_bind_parameter_count(st); i++)
		sqlite3_bind_int64(st, i + 1, v[i]);
	return st;
}

/* The end of asking: 1 if the last step gave a row, 0 if there was none, -1 after a message. */
static int done(sqlite3 *db, sqlite3_stmt *st, int rc)
{
	sqlite3_finalize(st);
	if (rc == SQLITE_ROW || rc == SQLITE_DONE)
		return rc == SQLITE_ROW;
	return error("cannot read the database: %s", sqlite3_errmsg(db));
}

/* A text made by SQL, or an empty one. */
#define text_of(db, sql, ...) text_of_with(db, sql, (const int64_t[4]){__VA_ARGS__})
static char *text_of_with(sqlite3 *db, const char *sql, const int64_t v[4])
{
	sqlite3_stmt *st = ask_with(db, sql, v);
	const char *s = NULL;
	char *text;
	int rc;

	if (!st)
		return format_text("%s", "");
	rc = sqlite3_step(st);
	if (rc == SQLITE_ROW)
		s = (const char *)sqlite3_column_text(st, 0);
	text = s ? format_label(s, 200) : format_text("%s", "");
	done(db, st, rc);
	return text;
}

/* ---- States -------------------------------------------------------------------------------- */

#define STATE "ts, ts + dur, state, why, obj, site, p, open, waker, holder "

static struct why_span read_state(sqlite3_stmt *row)
{
	const char *state = (const char *)sqlite3_column_text(row, 2);
	const char *why = (const char *)sqlite3_column_text(row, 3);
	bool waiting = strcmp(state, "waiting") == 0, open = sqlite3_column_int(row, 7);
	int other = open ? 9 : 8;
	struct why_span s = {.from = sqlite3_column_int64(row, 0),
			     .to = sqlite3_column_int64(row, 1),
			     .state = {.what = waiting				? WHAT_WAITING
					       : strcmp(state, "runnable") == 0 ? WHAT_RUNNABLE
					       : strcmp(state, "detached") == 0 ? WHAT_DETACHED
										: WHAT_RUNNING,
				       .open = open,
				       .obj = sqlite3_column_int64(row, 4),
				       .site = sqlite3_column_int64(row, 5),
				       .other = -1,
				       .p = -1}};

	snprintf(s.state.why, sizeof s.state.why, "%s", why ? why : "");
	if (s.state.what == WHAT_RUNNING && sqlite3_column_type(row, 6) != SQLITE_NULL)
		s.state.p = sqlite3_column_int64(row, 6);
	if (waiting && sqlite3_column_type(row, other) != SQLITE_NULL)
		s.state.other = sqlite3_column_int64(row, other);
	return s;
}

struct history {
	int64_t g;
	struct why_spans spans;
};

struct histories {
	sqlite3 *db;
	struct window window;
	ARRAY(struct history) v;
};

struct histories *histories_new(sqlite3 *db, int64_t from, int64_t to)
{
	struct histories *h = array_zeroed(1, sizeof *h);

	h->db = db;
	h->window = (struct window){from, to};
	return h;
}

void histories_free(struct histories *h)
{
	for (size_t i = 0; i < h->v.n; i++)
		free(h->v.v[i].spans.v.v);
	free(h->v.v);
	free(h);
}

/* Before it was spawned, and after it had ended.  One whose parent did not run when it was made was
 * made by a timer, which the parent had set. */
static int add_ends(sqlite3 *db, struct history *hs)
{
	static const char sql[] = "SELECT ts, ts + dur, iif((SELECT state IN ('running', "
				  "'detached') FROM g_state AS s "
				  "WHERE s.g = n.parent AND s.ts <= n.ts ORDER BY s.ts DESC, id "
				  "DESC LIMIT 1), parent, 0) "
				  "FROM goroutine AS n WHERE g = ?";
	struct why_state none = {.other = -1, .p = -1};
	sqlite3_stmt *st = ask(db, sql, hs->g);
	int rc = st ? sqlite3_step(st) : SQLITE_ERROR;

	if (!st)
		return -1;
	if (rc == SQLITE_ROW) {
		none.what = WHAT_UNBORN;
		none.other = sqlite3_column_int64(st, 2);
		array_add(&hs->spans.v,
			  (struct why_span){INT64_MIN, sqlite3_column_int64(st, 0), none});
		none.what = WHAT_ENDED;
		none.other = -1;
		if (sqlite3_column_type(st, 1) != SQLITE_NULL)
			array_add(&hs->spans.v,
				  (struct why_span){sqlite3_column_int64(st, 1), INT64_MAX, none});
	}
	return done(db, st, rc);
}

/* All that it did in the window of these histories. */
static int read_history(struct histories *h, struct history *hs)
{
	static const char sql[] =
		"SELECT " STATE "FROM g_span WHERE g = ?1 AND ts < ?3 AND ts >= coalesce("
		"(SELECT max(ts) FROM g_state WHERE g = ?1 AND ts <= ?2), ?2) ORDER BY id";
	sqlite3_stmt *st;
	int rc;

	if (add_ends(h->db, hs) < 0)
		return -1;
	st = ask(h->db, sql, hs->g, h->window.from, h->window.to);
	if (!st)
		return -1;
	while ((rc = sqlite3_step(st)) == SQLITE_ROW)
		array_add(&hs->spans.v, read_state(st));
	return done(h->db, st, rc);
}

static int by_time(const void *a, const void *b)
{
	const struct why_span *x = a, *y = b;

	return x->from != y->from ? (x->from < y->from ? -1 : 1)
				  : (x->to > y->to) - (x->to < y->to);
}

static struct history *history_of(struct histories *h, int64_t g)
{
	struct history hs = {.g = g};

	for (size_t i = 0; i < h->v.n; i++)
		if (h->v.v[i].g == g)
			return &h->v.v[i];
	if (read_history(h, &hs) < 0) {
		free(hs.spans.v.v);
		return NULL;
	}
	qsort(hs.spans.v.v, hs.spans.v.n, sizeof *hs.spans.v.v, by_time);
	array_add(&h->v, hs);
	return &h->v.v[h->v.n - 1];
}

/* The first span that ends after t. */
static size_t first_after(const struct why_spans *s, int64_t t)
{
	size_t lo = 0, hi = s->v.n;

	while (lo < hi) {
		size_t mid = (lo + hi) / 2;

		if (s->v.v[mid].to <= t)
			lo = mid + 1;
		else
			hi = mid;
	}
	return lo;
}

int histories_source(void *arg, int64_t g, int64_t from, int64_t to, struct why_spans *spans)
{
	const struct history *hs = history_of(arg, g);

	if (!hs)
		return -1;
	for (size_t i = first_after(&hs->spans, from);
	     i < hs->spans.v.n && hs->spans.v.v[i].from < to; i++)
		array_add(&spans->v, hs->spans.v.v[i]);
	return 0;
}

/* ---- Which goroutine, which wait --------------------------------------------------------------
 */

int query_which(sqlite3 *db, const char *text, int64_t *g)
{
	static const char sql[] = "SELECT g, count(*) OVER () FROM goroutine WHERE g = ?1 "
				  "OR ?1 = 0 AND name = ?2 ORDER BY g";
	const char *number = text + (text[0] == 'g' && text[1] >= '0' && text[1] <= '9');
	char *end;
	sqlite3_stmt *st = ask(db, sql, strtoll(number, &end, 10));
	int64_t n = 0;
	int rc;

	if (!st)
		return -1;
	if (*end || end == number)
		sqlite3_bind_int64(st, 1, 0);
	sqlite3_bind_text(st, 2, text, -1, SQLITE_STATIC);
	rc = sqlite3_step(st);
	if (rc == SQLITE_ROW) {
		*g = sqlite3_column_int64(st, 0);
		n = sqlite3_column_int64(st, 1);
	}
	if (done(db, st, rc) < 0)
		return -1;
	if (n > 1)
		return error("%lld goroutines are called %s: name one by its number, as g%lld",
			     (long long)n, text, (long long)*g);
	return n ? 0
		 : error("there is no goroutine %s; weft sql RUN.db 'select g, name from "
			 "goroutine' lists them",
			 text);
}

/* The state that a query finds, if any: 1, 0 or -1. */
static int find_state(sqlite3 *db, const char *sql, int64_t a, int64_t b, int64_t c,
		      struct part *part)
{
	sqlite3_stmt *st = ask(db, sql, a, b, c);
	int rc = st ? sqlite3_step(st) : SQLITE_ERROR;

	if (!st)
		return -1;
	if (rc == SQLITE_ROW) {
		struct why_span s = read_state(st);

		*part = (struct part){.g = sqlite3_column_int64(st, 10),
				      .state = s.state,
				      .total = s.to - s.from};
		array_add(&part->windows, (struct window){s.from, s.to});
	}
	return done(db, st, rc);
}

int query_state_at(sqlite3 *db, int64_t g, int64_t at, struct part *part)
{
	return find_state(db,
			  "SELECT " STATE ", g FROM g_span WHERE g = ?1 AND ts <= ?2 AND "
			  "(ts + dur > ?2 OR open) ORDER BY ts DESC, id DESC LIMIT 1",
			  g, at, 0, part);
}

int query_wait(sqlite3 *db, const struct wait_id *wait, struct part *part)
{
	return find_state(db,
			  "SELECT " STATE ", g FROM g_span WHERE g = ?1 AND ts = ?2 AND id = ?3",
			  wait->g, wait->ts, wait->id, part);
}

int query_longest_waits(sqlite3 *db, int64_t g, int64_t top, struct wait_ids *ids)
{
/* Whatever the reason: a channel is waited for both ways, an RWMutex to read and to write. */
#define MOST "(SELECT obj FROM contention LIMIT 1)"
#define WAITS_OF(whom)                                                                             \
	"SELECT g, ts, id FROM g_interval AS s WHERE state = 4 AND " whom " ORDER BY ifnull(dur, (SELECT "  \
	"p.ts + p.dur - s.ts FROM goroutine AS o JOIN process AS p USING (pid) WHERE o.g = s.g)) "   \
	"DESC, id LIMIT ?2"
	sqlite3_stmt *st = ask(
		db,
		g	   ? WAITS_OF("g = ?1")
		: top == 1 ? "SELECT g, ts, id FROM g_sum WHERE state = 4 AND obj = " MOST
			     " ORDER BY max DESC, id LIMIT 1"
			   : WAITS_OF("obj = " MOST),
		g, top);
	int rc;

	if (!st)
		return -1;
	while ((rc = sqlite3_step(st)) == SQLITE_ROW)
		array_add(&ids->v, (struct wait_id){sqlite3_column_int64(st, 0),
						    sqlite3_column_int64(st, 1),
						    sqlite3_column_int64(st, 2)});
	return done(db, st, rc);
}

int query_longest_wait(sqlite3 *db, int64_t g, struct part *part)
{
	struct wait_ids ids = {0};
	int found = query_longest_waits(db, g, 1, &ids);

	if (found == 0 && ids.v.n)
		found = query_wait(db, &ids.v.v[0], part);
	free(ids.v.v);
	return found;
}

/* ---- Words -------------------------------------------------------------------------------------
 */

char *query_name(sqlite3 *db, int64_t g)
{
	char *name = text_of(db, "SELECT name FROM goroutine WHERE g = ?", g), *text;
	char *label = format_label(name, NAME);

	text = format_text("g%lld%s%s", (long long)g, *label ? " " : "", label);
	free(label);
	free(name);
	return text;
}

char *query_func(sqlite3 *db, int64_t g)
{
	return text_of(db, "SELECT func FROM goroutine WHERE g = ?", g);
}

char *query_object(sqlite3 *db, int64_t obj)
{
	return text_of(
		db,
		"SELECT iif(label LIKE kind || ' %', label, kind || ' ' || label) "
		"FROM (SELECT obj, label, iif(kind = 'chan', 'channel', kind) AS kind FROM object) "
		"WHERE obj = ?",
		obj);
}

char *query_place(sqlite3 *db, int64_t site)
{
	return text_of(db, "SELECT ' at ' || file || ':' || line FROM site WHERE site = ?", site);
}

char *query_spawn_place(sqlite3 *db, int64_t g)
{
	return text_of(db,
		       "SELECT ' at ' || file || ':' || line FROM goroutine AS g JOIN site USING "
		       "(site) WHERE g = ?",
		       g);
}

/* The first event at that time or later, by which what happened at a time is found without a look at all
 * events; one more than the last if there is none; -1 after a message. */
static int64_t first_event(sqlite3 *db, int64_t ts)
{
	sqlite3_stmt *last = ask(db, "SELECT ifnull(max(id), 0) + 1 FROM fact", 0), *st;
	int64_t lo = 1, hi = 1;
	int rc = last ? sqlite3_step(last) : SQLITE_ERROR;

	if (rc == SQLITE_ROW)
		hi = sqlite3_column_int64(last, 0);
	if (!last || done(db, last, rc) < 0)
		return -1;
	st = ask(db, "SELECT ts FROM fact WHERE id >= ? ORDER BY id LIMIT 1", 0);
	while (st && lo < hi) {
		int64_t mid = lo + (hi - lo) / 2;

		sqlite3_bind_int64(st, 1, mid);
		rc = sqlite3_step(st);
		if (rc != SQLITE_ROW)
			break;
		if (sqlite3_column_int64(st, 0) < ts)
			lo = mid + 1;
		else
			hi = mid;
		sqlite3_reset(st);
	}
	return st && done(db, st, rc) >= 0 ? lo : -1;
}

/* What ends a wait for each kind of object. */
static const struct {
	const char *kind, *verb, *from;
} deeds[] = {
	{"chan", "CASE op WHEN 'send' THEN 'sent' WHEN 'recv' THEN 'received' ELSE 'closed it' END",
	 "chan_op AS x WHERE op <> 'drop'"},
	{"mutex", "'unlocked it'", "mutex_op AS x WHERE op = 'unlock'"},
	{"rwmutex", "'unlocked it'", "rwmutex_op AS x WHERE op IN ('unlock', 'runlock')"},
	{"waitgroup", "'counted to 0'", "waitgroup_op AS x WHERE op = 'add' AND count = 0"},
	{"cond", "iif(op = 'signal', 'signalled it', 'broadcast')",
	 "cond_op AS x WHERE op IN ('signal', 'broadcast')"},
	{"semaphore", "'released'", "semaphore_op AS x WHERE op = 'release'"},
	{"barrier", "'came last'", "barrier_op AS x WHERE op = 'arrive'"},
	{"group", "'ended'", "group_op AS x WHERE op = 'done'"},
};

static char *deed(sqlite3 *db, const char *verb, const char *from, const int64_t v[4])
{
	char *sql = format_text("SELECT %s || coalesce(' at ' || file || ':' || line, '') FROM "
				"(SELECT * FROM %s) LEFT JOIN site USING (site) WHERE obj = ? AND "
				"g = ? AND id >= ? AND id < ? ORDER BY id DESC LIMIT 1",
				verb, from);
	char *text = text_of_with(db, sql, v);

	free(sql);
	return text;
}

char *query_deed(sqlite3 *db, int64_t g, int64_t obj, struct window wait)
{
	char *kind = text_of(db, "SELECT kind FROM object WHERE obj = ?", obj), *text = NULL;

	for (size_t i = 0; i < sizeof deeds / sizeof *deeds && !text; i++)
		if (strcmp(deeds[i].kind, kind) == 0)
			text = deed(db, deeds[i].verb, deeds[i].from,
				    (const int64_t[4]){obj, g, first_event(db, wait.from),
						       first_event(db, wait.to + 1)});
	free(kind);
	if (text && *text)
		return text;
	free(text);
	return format_text("woke it");
}

char *query_locked(sqlite3 *db, int64_t g, int64_t obj, int64_t at)
{
	return text_of(db,
		       "SELECT ' at ' || file || ':' || line FROM ("
		       "SELECT id, obj, g, site FROM mutex_op WHERE op = 'lock' UNION ALL "
		       "SELECT id, obj, g, site FROM rwmutex_op WHERE op = 'lock' UNION ALL "
		       "SELECT id, obj, g, site FROM once_op WHERE op = 'begin') "
		       "JOIN site USING (site) "
		       "WHERE obj = ? AND g = ? AND id < ? ORDER BY id DESC LIMIT 1",
		       obj, g, first_event(db, at + 1));
}
