/* SPDX-License-Identifier: MIT */
#include "query_steps.h"
#include "format.h"

#include <stdlib.h>
#include <string.h>

enum { NAME = 60, TEXT = 300 };

enum ask { ASK_GOROUTINE, ASK_PLACE, ASK_STRING, ASK_CAPACITY, ASKS };

static const char *const asks[ASKS] = {
	[ASK_GOROUTINE] = "SELECT name FROM goroutine WHERE g = ?",
	[ASK_PLACE] = "SELECT ' at ' || file || ':' || line FROM site WHERE site = ?",
	[ASK_STRING] = "SELECT text FROM string WHERE id = ?",
	[ASK_CAPACITY] = "SELECT cap FROM chan WHERE obj = ?",
};

/* An object of a process at its address since a time; sorted by these.  Several processes may have one
 * address. */
struct at {
	int64_t pid, addr, ts, obj;
	char *label;
};

struct step_query {
	sqlite3 *db;
	sqlite3_stmt *ask[ASKS];
	ARRAY(struct at) objects;
};

static int failed(sqlite3 *db)
{
	return error("cannot read the database: %s", sqlite3_errmsg(db));
}

static int read_objects(struct step_query *q)
{
	sqlite3_stmt *st;
	int rc;

	if (sqlite3_prepare_v2(
		    q->db,
		    "SELECT pid, addr, ts, obj, iif(label LIKE kind || ' %', label, kind || ' ' "
		    "|| label) FROM (SELECT pid, addr, ts, obj, label, iif(kind = 'chan', "
		    "'channel', kind) AS kind FROM object) ORDER BY pid, addr, ts, obj",
		    -1, &st, NULL) != SQLITE_OK)
		return failed(q->db);
	while ((rc = sqlite3_step(st)) == SQLITE_ROW)
		array_add(
			&q->objects,
			(struct at){sqlite3_column_int64(st, 0), sqlite3_column_int64(st, 1),
				    sqlite3_column_int64(st, 2), sqlite3_column_int64(st, 3),
				    format_label((const char *)sqlite3_column_text(st, 4), NAME)});
	sqlite3_finalize(st);
	return rc == SQLITE_DONE ? 0 : failed(q->db);
}

struct step_query *step_query_new(sqlite3 *db)
{
	struct step_query *q = array_zeroed(1, sizeof *q);
	int ret = 0;

	q->db = db;
	for (int i = 0; i < ASKS && ret == 0; i++)
		if (sqlite3_prepare_v2(db, asks[i], -1, &q->ask[i], NULL) != SQLITE_OK)
			ret = failed(db);
	if (ret == 0)
		ret = read_objects(q);
	if (ret == 0)
		return q;
	step_query_free(q);
	return NULL;
}

void step_query_free(struct step_query *q)
{
	for (int i = 0; i < ASKS; i++)
		sqlite3_finalize(q->ask[i]);
	for (size_t i = 0; i < q->objects.n; i++)
		free(q->objects.v[i].label);
	free(q->objects.v);
	free(q);
}

/* ---- Names ----------------------------------------------------------------------------------- */

/* The row for a number, until the next question of this kind; NULL if there is none. */
static sqlite3_stmt *answer(struct step_query *q, enum ask what, int64_t id)
{
	sqlite3_stmt *st = q->ask[what];

	sqlite3_reset(st);
	sqlite3_bind_int64(st, 1, id);
	return sqlite3_step(st) == SQLITE_ROW ? st : NULL;
}

static char *text(struct step_query *q, enum ask what, int64_t id, int max)
{
	sqlite3_stmt *st = answer(q, what, id);

	return format_label(st ? (const char *)sqlite3_column_text(st, 0) : "", max);
}

static char *goroutine(void *arg, int64_t g)
{
	char *name = text(arg, ASK_GOROUTINE, g, NAME);
	char *all = format_text("g%lld%s%s", (long long)g, *name ? " " : "", name);

	free(name);
	return all;
}

static char *place(void *arg, int64_t site)
{
	return text(arg, ASK_PLACE, site, TEXT);
}

static char *string(void *arg, int64_t id)
{
	return text(arg, ASK_STRING, id, TEXT);
}

/* The last that began at this address by then. */
static const struct at *object_at(const struct step_query *q, int64_t addr, const struct step *s)
{
	size_t lo = 0, hi = q->objects.n;
	const struct at *last;

	while (lo < hi) {
		size_t mid = (lo + hi) / 2;
		const struct at *o = &q->objects.v[mid];

		if (o->pid != s->pid ? o->pid < s->pid : o->addr != addr ? o->addr < addr : o->ts <= s->ts)
			lo = mid + 1;
		else
			hi = mid;
	}
	last = lo ? &q->objects.v[lo - 1] : NULL;
	return last && last->pid == s->pid && last->addr == addr ? last : NULL;
}

static char *object(void *arg, int64_t addr, const struct step *s)
{
	const struct at *o = object_at(arg, addr, s);

	return o ? format_text("%s", o->label) : format_text("0x%llx", (unsigned long long)addr);
}

struct step_names step_query_names(struct step_query *q)
{
	return (struct step_names){goroutine, object, place, string, q};
}

int64_t step_query_capacity(struct step_query *q, int64_t addr, const struct step *s)
{
	const struct at *o = object_at(q, addr, s);
	sqlite3_stmt *st = o ? answer(q, ASK_CAPACITY, o->obj) : NULL;

	return st && sqlite3_column_type(st, 0) != SQLITE_NULL ? sqlite3_column_int64(st, 0) : -1;
}

/* ---- Events ---------------------------------------------------------------------------------- */

static sqlite3_stmt *between(struct step_query *q, const char *sql, int64_t from, int64_t to)
{
	sqlite3_stmt *st;

	if (sqlite3_prepare_v2(q->db, sql, -1, &st, NULL) != SQLITE_OK) {
		failed(q->db);
		return NULL;
	}
	sqlite3_bind_int64(st, 1, from);
	if (sqlite3_bind_parameter_count(st) > 1)
		sqlite3_bind_int64(st, 2, to);
	return st;
}

int step_query_runnable(struct step_query *q, int64_t at, struct runnable *r)
{
	sqlite3_stmt *st = between(q,
				   "SELECT g FROM g_state WHERE state = 'runnable' AND ts < ?1 AND "
				   "(dur IS NULL OR ts + dur >= ?1) ORDER BY ts, id",
				   at, at);
	int rc;

	if (!st)
		return -1;
	while ((rc = sqlite3_step(st)) == SQLITE_ROW)
		array_add(&r->v, sqlite3_column_int64(st, 0));
	sqlite3_finalize(st);
	return rc == SQLITE_DONE ? 0 : failed(q->db);
}

static bool read_step(sqlite3_stmt *row, struct step *s)
{
	const char *name = (const char *)sqlite3_column_text(row, 2);
	int kind = name ? event_find(name) : -1;

	if (kind < 0)
		return false;
	*s = (struct step){
		.ts = sqlite3_column_int64(row, 0),
		.p = sqlite3_column_type(row, 1) == SQLITE_NULL ? -1 : sqlite3_column_int64(row, 1),
		.pid = sqlite3_column_int64(row, 3 + MAX_FIELDS),
		.kind = (enum event)kind};
	for (int i = 0; i < MAX_FIELDS; i++)
		s->a[i] = sqlite3_column_int64(row, 3 + i);
	return true;
}

int step_query_each(struct step_query *q, int64_t from, int64_t to,
		    int (*fn)(void *arg, const struct step *s), void *arg)
{
	sqlite3_stmt *st = between(
		q,
		"SELECT e.ts, e.p, n.name, a0, a1, a2, a3, a4, a5, a6, a7, e.pid FROM event AS e "
		"CROSS JOIN event_kind AS n USING (kind) "
		"WHERE e.ts >= ? AND e.ts < ? ORDER BY e.id",
		from, to);
	int rc, ret = 0;

	if (!st)
		return -1;
	while (ret == 0 && (rc = sqlite3_step(st)) == SQLITE_ROW) {
		struct step s;

		if (read_step(st, &s))
			ret = fn(arg, &s);
	}
	sqlite3_finalize(st);
	if (ret)
		return ret;
	return rc == SQLITE_DONE ? 0 : failed(q->db);
}

int step_query_each_gap(struct step_query *q, int64_t from, int64_t to,
			void (*fn)(void *arg, struct step_gap gap), void *arg)
{
	sqlite3_stmt *st = between(q,
				   "SELECT ts, ts + dur, m, lost FROM gap "
				   "WHERE ts + dur >= ? AND ts < ? ORDER BY ts, m",
				   from, to);
	int rc;

	if (!st)
		return -1;
	while ((rc = sqlite3_step(st)) == SQLITE_ROW)
		fn(arg,
		   (struct step_gap){sqlite3_column_int64(st, 0), sqlite3_column_int64(st, 1),
				     sqlite3_column_int64(st, 2), sqlite3_column_int64(st, 3)});
	sqlite3_finalize(st);
	return rc == SQLITE_DONE ? 0 : failed(q->db);
}
