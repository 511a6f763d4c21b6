/* SPDX-License-Identifier: MIT */
/* From the database to arrays. */
#define _GNU_SOURCE
#include "query.h"
#include "ids.h"
#include "rows.h"
#include "sums.h"

#include <stdio.h>
#include <string.h>

/* ---- The run ---- */

static int run_row(sqlite3_stmt *row, void *arg)
{
	struct run *run = arg;

	run->program = row_text(row, 0);
	run->args = row_text(row, 1);
	run->host = row_text(row, 2);
	run->kernel = row_text(row, 3);
	run->started = row_text(row, 4);
	run->fatal = row_text(row, 5);
	run->weft_version = row_text(row, 6);
	run->program_version = row_text(row, 7);
	run->dur = row_number(row, 8);
	run->workers = row_number(row, 9);
	run->cpus = row_number(row, 10);
	run->exit_status = row_null(row, 11) ? -1 : row_number(row, 11);
	run->exit_signal = row_null(row, 12) ? -1 : row_number(row, 12);
	run->events = row_number(row, 13);
	run->goroutines = row_number(row, 14);
	run->lost = row_number(row, 15);
	run->unknown = row_number(row, 16);
	run->unrecorded = row_text(row, 17);
	run->processes = row_number(row, 18);
	return 0;
}

int query_run(sqlite3 *db, struct run *run)
{
	memset(run, 0, sizeof *run);
	if (rows_each(db,
		      "SELECT program, args, host, kernel, started, fatal, weft_version, "
		      "program_version, dur, "
		      "workers, cpus, exit_status, exit_signal, events, goroutines, lost, unknown, "
		      "(SELECT group_concat(event_set, ', ') FROM unrecorded), "
		      "(SELECT count(*) FROM process) FROM run",
		      0, 0, run_row, run) < 0)
		return -1;
	if (!run->weft_version)
		return error("the database has no run in it");
	return 0;
}

bool query_recorded(const struct run *run, const char *set)
{
	size_t len = strlen(set);

	for (const char *at = run->unrecorded; at; at = strchr(at, ' ')) { /* "time, io" */
		at += *at == ' ';
		if (strncmp(at, set, len) == 0 && (at[len] == ',' || at[len] == 0))
			return false;
	}
	return true;
}

void query_run_free(struct run *run)
{
	free(run->program);
	free(run->args);
	free(run->host);
	free(run->kernel);
	free(run->started);
	free(run->fatal);
	free(run->weft_version);
	free(run->program_version);
	free(run->unrecorded);
}

/* Appends a JSON string's text, s being at its opening quote; where it ends. */
static const char *json_string(const char *s, FILE *f)
{
	for (s++; *s && *s != '"'; s++) {
		if (*s == '\\' && s[1])
			s++;
		fputc(*s, f);
	}
	return *s ? s + 1 : s;
}

char *query_command(const struct run *run)
{
	char *out;
	size_t n;
	FILE *f = open_memstream(&out, &n);

	if (!f)
		die("out of memory");
	fputs(run->program ? run->program : "a program that is not known", f);
	for (const char *s = run->args ? run->args : ""; *s;) {
		if (*s != '"') {
			s++;
			continue;
		}
		fputc(' ', f);
		s = json_string(s, f);
	}
	if (fclose(f) != 0)
		die("out of memory");
	return out;
}

/* ---- Timelines ---- */

/* Their millions of rows are read as numbers: the views' texts take twice as long. */
const char query_workers_sql[] = "SELECT p, ts, dur, state, g FROM p_interval\n"
				 "WHERE ts < :to AND (dur IS NULL OR ts + dur > :from)\n"
				 "ORDER BY id";
const char query_off_workers_sql[] =
	"SELECT g, ts, dur, state,\n"
	"\tiif(state = 2, (SELECT m FROM thread WHERE thread.thread = i.thread), NULL), why, waker\n"
	"FROM g_interval AS i WHERE state IN (2, 3) AND ts < :to AND (dur IS NULL OR ts + dur > :from)";

const char query_goroutines_sql[] = "SELECT g, ts, dur, state, why, obj, p, waker FROM g_interval\n"
				    "WHERE ts < :to AND (dur IS NULL OR ts + dur > :from)\n"
				    "ORDER BY g, ts, id";

static int reason_row(sqlite3_stmt *row, void *arg)
{
	struct reasons *r = arg;
	const char *name = (const char *)sqlite3_column_text(row, 1);

	while (r->colors.n <= (size_t)row_number(row, 0))
		array_add(&r->colors, COLOR_wait_other);
	r->colors.v[row_number(row, 0)] = palette_wait(name);
	if (strcmp(name, "ready") == 0)
		r->ready = row_number(row, 0);
	return 0;
}

int query_reasons(sqlite3 *db, struct reasons *r)
{
	return rows_each(db, "SELECT why, name FROM reason WHERE why BETWEEN 0 AND 9999", 0, 0,
			 reason_row, r);
}

enum color query_color(const struct reasons *r, int64_t state, int64_t why)
{
	if (state == STATE_running)
		return COLOR_running;
	if (state == STATE_detached)
		return COLOR_detached;
	if (state == STATE_runnable)
		return COLOR_runnable;
	return why >= 0 && (size_t)why < r->colors.n ? r->colors.v[why] : COLOR_wait_other;
}

/* The numbers of lanes, in the order in which they came. */
struct lane_ids {
	ARRAY(int64_t) v;
};

struct filling {
	struct timeline *t;
	struct reasons reasons;
	struct ids goroutines, objects;
	struct lane_ids workers, threads;
	ARRAY(struct span) detached;
	bool *seen; /* of each goroutine: whether it has a span */
};

static int goroutine_row(sqlite3_stmt *row, void *arg)
{
	struct filling *f = arg;
	const char *name = (const char *)sqlite3_column_text(row, 1);

	array_add(&f->goroutines.v, row_number(row, 0));
	array_add(&f->t->goroutines, (struct goroutine){(uint64_t)row_number(row, 0),
							format_text("%s", name ? name : "")});
	return 0;
}

static int object_row(sqlite3_stmt *row, void *arg)
{
	struct filling *f = arg;

	array_add(&f->objects.v, row_number(row, 0));
	array_add(&f->t->objects, row_text(row, 1));
	return 0;
}

static int gap_row(sqlite3_stmt *row, void *arg)
{
	struct timeline *t = arg;

	array_add(&t->gaps,
		  (struct gap){row_number(row, 0), row_number(row, 0) + row_number(row, 1),
			       row_number(row, 2)});
	return 0;
}

static int wake_row(sqlite3_stmt *row, void *arg)
{
	struct filling *f = arg;
	struct wake w = {row_number(row, 0),
			 row_null(row, 1) ? f->t->dur : row_number(row, 0) + row_number(row, 1),
			 ids_find(&f->goroutines, row_number(row, 2)),
			 ids_find(&f->goroutines, row_number(row, 3))};

	if (w.waker < f->t->goroutines.n && w.woken < f->t->goroutines.n)
		array_add(&f->t->wakes, w);
	return 0;
}

/* They were counted on the way; which they are, only if they can be drawn. */
static int fill_wakes(sqlite3 *db, struct filling *f)
{
	struct timeline *t = f->t;

	if (t->nwakes == 0 || t->nwakes > LAYOUT_ARROWS)
		return 0;
	return rows_each(db,
			 "SELECT ts, dur, waker, g FROM g_state WHERE state = 'runnable' AND "
			 "why = 'ready' AND waker > 0 AND ts >= :from AND ts < :to ORDER BY ts, g",
			 t->from, t->to, wake_row, f);
}

/* Whether an interval in which a goroutine could run is a wake-up in the window. */
static bool is_wake(const struct filling *f, const struct span *s, int64_t why, int64_t waker)
{
	return waker > 0 && why == f->reasons.ready && s->ts >= f->t->from;
}

/* What both kinds of lanes need. */
static int fill_common(sqlite3 *db, struct filling *f)
{
	struct timeline *t = f->t;

	if (query_reasons(db, &f->reasons) < 0 ||
	    rows_each(db, "SELECT g, name FROM goroutine ORDER BY g", 0, 0, goroutine_row, f) < 0 ||
	    rows_each(db, "SELECT obj, label FROM object ORDER BY obj", 0, 0, object_row, f) < 0)
		return -1;
	return rows_each(db,
			 "SELECT ts, dur, lost FROM gap WHERE ts <= :to AND ts + dur >= :from "
			 "ORDER BY ts, m",
			 t->from, t->to, gap_row, t);
}

static struct span span_of(const struct timeline *t, sqlite3_stmt *row)
{
	int64_t ts = row_number(row, 1);

	return (struct span){.ts = ts, .end = row_null(row, 2) ? t->dur : ts + row_number(row, 2)};
}

static int lost_goroutine(sqlite3_stmt *row)
{
	return error("the database is damaged: a state of goroutine %lld, which is not there",
		     (long long)row_number(row, 0));
}

static int goroutine_span(sqlite3_stmt *row, void *arg)
{
	struct filling *f = arg;
	struct timeline *t = f->t;
	struct span s = span_of(t, row);

	s.lane = ids_find(&f->goroutines, row_number(row, 0));
	if (s.lane == t->lanes.n)
		return lost_goroutine(row);
	f->seen[s.lane] = true;
	s.style = (uint16_t)query_color(&f->reasons, row_number(row, 3), row_number(row, 4));
	t->nwakes +=
		s.style == COLOR_runnable && is_wake(f, &s, row_number(row, 4), row_number(row, 7));
	if (s.style == COLOR_running && !row_null(row, 6))
		s.ref = (uint32_t)row_number(row, 6) + 1;
	else if (!row_null(row, 5))
		s.ref = (ids_find(&f->objects, row_number(row, 5)) + 1) %
			(uint32_t)(t->objects.n + 1);
	array_add(&t->spans, s);
	return 0;
}

/* Lanes that have nothing in the window are left out. */
static void drop_empty_lanes(struct timeline *t, const bool *seen)
{
	uint32_t *at = array_zeroed(t->lanes.n, sizeof *at), n = 0;
	size_t all = t->lanes.n;

	for (size_t i = 0; i < all; i++) {
		if (!seen[i]) {
			free(t->lanes.v[i].name);
			free(t->lanes.v[i].group);
			continue;
		}
		at[i] = n;
		t->lanes.v[n++] = t->lanes.v[i];
	}
	t->lanes.n = n;
	for (size_t i = 0; n < all && i < t->spans.n; i++)
		t->spans.v[i].lane = at[t->spans.v[i].lane];
	free(at);
}

int query_goroutines(sqlite3 *db, struct timeline *t)
{
	struct filling f = {.t = t};
	int ret = -1;

	if (fill_common(db, &f) < 0)
		goto out;
	for (size_t i = 0; i < t->goroutines.n; i++) {
		const struct goroutine *g = &t->goroutines.v[i];

		array_add(&t->lanes,
			  (struct lane){format_text("g%llu %s", (unsigned long long)g->g, g->name),
					format_text("%s", g->name)});
	}
	f.seen = array_zeroed(t->lanes.n, sizeof *f.seen);
	ret = rows_each(db, query_goroutines_sql, t->from, t->to, goroutine_span, &f);
	if (ret == 0)
		ret = fill_wakes(db, &f);
	if (ret == 0)
		drop_empty_lanes(t, f.seen);
out:
	free(f.seen);
	free(f.reasons.colors.v);
	free(f.goroutines.v.v);
	free(f.objects.v.v);
	return ret;
}

/* The index of a number among those that came so far, in the order in which they came. */
static uint32_t lane_of(struct lane_ids *ids, int64_t id)
{
	for (size_t i = 0; i < ids->v.n; i++)
		if (ids->v.v[i] == id)
			return (uint32_t)i;
	array_add(&ids->v, id);
	return (uint32_t)ids->v.n - 1;
}

static int worker_span(sqlite3_stmt *row, void *arg)
{
	struct filling *f = arg;
	struct span s = span_of(f->t, row);
	int64_t state = row_number(row, 3);

	s.lane = lane_of(&f->workers, row_number(row, 0));
	s.style = COLOR_searching;
	if (state == STATE_stopped)
		return 0; /* it has a lane, which is empty */
	if (state == STATE_running) {
		s.style = COLOR_running;
		s.ref = ids_find(&f->goroutines, row_number(row, 4));
		if (s.ref == f->t->goroutines.n)
			return error(
				"the database is damaged: worker %lld ran a goroutine %lld that "
				"is not there",
				(long long)row_number(row, 0), (long long)row_number(row, 4));
	}
	array_add(&f->t->spans, s);
	return 0;
}

/* Runnable ones are counted in the panel below; detached ones are on the lane of their thread,
 * which is below those of the workers. */
static int off_worker_span(sqlite3_stmt *row, void *arg)
{
	struct filling *f = arg;
	struct span s = span_of(f->t, row);

	s.lane = NO_LANE;
	s.style = COLOR_runnable;
	if (row_number(row, 3) == STATE_detached) {
		s.style = COLOR_detached;
		s.lane = (uint32_t)f->workers.v.n + lane_of(&f->threads, row_number(row, 4));
		s.ref = ids_find(&f->goroutines, row_number(row, 0));
		if (s.ref == f->t->goroutines.n)
			return lost_goroutine(row);
	} else {
		f->t->nwakes += is_wake(f, &s, row_number(row, 5), row_number(row, 6));
	}
	if (s.style == COLOR_detached)
		array_add(&f->detached, s);
	else
		array_add(&f->t->spans, s);
	return 0;
}

static int by_time(const void *a, const void *b)
{
	const struct span *x = a, *y = b;

	if (x->end != y->end)
		return x->end < y->end ? -1 : 1;
	return (x->ts > y->ts) - (x->ts < y->ts);
}

/* Goroutines on threads of their own are few: only they are sorted. */
static void add_detached(struct filling *f)
{
	if (f->detached.n)
		qsort(f->detached.v, f->detached.n, sizeof *f->detached.v, by_time);
	for (size_t i = 0; i < f->detached.n; i++)
		array_add(&f->t->spans, f->detached.v[i]);
}

static int by_lane_id(const void *a, const void *b, void *arg)
{
	const int64_t *id = arg;
	int64_t x = id[*(const uint32_t *)a], y = id[*(const uint32_t *)b];

	return (x > y) - (x < y);
}

/* Lanes in the order of their numbers: their labels, and in `at` where each goes, from `first` on.
 */
static void number_lanes(struct filling *f, const struct lane_ids *ids, const char *name,
			 uint32_t *at, uint32_t first)
{
	uint32_t *order = array_zeroed(ids->v.n, sizeof *order);

	for (size_t i = 0; i < ids->v.n; i++)
		order[i] = (uint32_t)i;
	if (ids->v.n)
		qsort_r(order, ids->v.n, sizeof *order, by_lane_id, ids->v.v);
	for (size_t i = 0; i < ids->v.n; i++) {
		at[order[i]] = first + (uint32_t)i;
		array_add(&f->t->lanes,
			  (struct lane){format_text("%s %lld", name, (long long)ids->v.v[order[i]]),
					format_text("%s", name)});
	}
	free(order);
}

static void worker_lanes(struct filling *f)
{
	struct timeline *t = f->t;
	size_t n = f->workers.v.n;
	uint32_t *at = array_zeroed(n + f->threads.v.n, sizeof *at);

	number_lanes(f, &f->workers, "worker", at, 0);
	number_lanes(f, &f->threads, "thread", at + n, (uint32_t)n);
	for (size_t i = 0; i < t->spans.n; i++)
		if (t->spans.v[i].lane != NO_LANE)
			t->spans.v[i].lane = at[t->spans.v[i].lane];
	free(at);
}

int query_workers(sqlite3 *db, struct timeline *t)
{
	struct filling f = {.t = t};
	int ret = -1;

	if (fill_common(db, &f) < 0 ||
	    rows_each(db, query_workers_sql, t->from, t->to, worker_span, &f) < 0 ||
	    rows_each(db, query_off_workers_sql, t->from, t->to, off_worker_span, &f) < 0)
		goto out;
	add_detached(&f);
	worker_lanes(&f);
	ret = fill_wakes(db, &f);
out:
	free(f.reasons.colors.v);
	free(f.goroutines.v.v);
	free(f.objects.v.v);
	free(f.workers.v.v);
	free(f.threads.v.v);
	free(f.detached.v);
	return ret;
}

/* ---- Contention ---- */

const char query_contention_sql[] =
	"SELECT obj, ts, took, why, nullif(coalesce(holder, waker), 0) AS blame,\n"
	"\tdur IS NULL AS open, site,\n"
	"\tdur IS NOT NULL AND coalesce(holder, waker) IS NULL AS lost\n"
	"FROM " SPANS("state = 4") " WHERE obj IS NOT NULL";

struct contention_filling {
	struct contention *c;
	struct reasons reasons;
	struct ids objects, goroutines;
	struct sums places; /* of an object, a site */
};

static int contended_object_row(sqlite3_stmt *row, void *arg)
{
	struct contention_filling *f = arg;

	array_add(&f->objects.v, row_number(row, 0));
	array_add(&f->c->objects,
		  (struct object){.label = row_text(row, 1), .kind = row_text(row, 2)});
	return 0;
}

static int culprit_row(sqlite3_stmt *row, void *arg)
{
	struct contention_filling *f = arg;

	array_add(&f->goroutines.v, row_number(row, 0));
	array_add(&f->c->goroutines,
		  (struct goroutine){(uint64_t)row_number(row, 0), row_text(row, 1)});
	return 0;
}

static int wait_row(sqlite3_stmt *row, void *arg)
{
	struct contention_filling *f = arg;
	uint32_t who = row_null(row, 4) ? NOBODY : ids_find(&f->goroutines, row_number(row, 4));
	struct wait w = {.ts = row_number(row, 1),
			 .dur = row_number(row, 2),
			 .obj = ids_find(&f->objects, row_number(row, 0)),
			 .blame = who == f->c->goroutines.n ? NOBODY : who,
			 .color = (uint16_t)query_color(&f->reasons, STATE_waiting,
							row_number(row, 3)),
			 .open = row_number(row, 5),
			 .lost = row_number(row, 7)};

	if (w.obj == f->c->objects.n)
		return error("the database is damaged: a wait for object %lld, which is not there",
			     (long long)row_number(row, 0));
	array_add(&f->c->waits, w);
	if (!row_null(row, 6))
		sums_add(&f->places, (int64_t)w.obj, row_number(row, 6), 0, w.dur);
	return 0;
}

/* The places of the source, by number. */
struct places {
	struct ids ids;
	ARRAY(char *) texts;
};

static int place_row(sqlite3_stmt *row, void *arg)
{
	struct places *p = arg;

	array_add(&p->ids.v, row_number(row, 0));
	array_add(&p->texts, row_text(row, 1));
	return 0;
}

/* Where each object was waited for most. */
static int fill_places(sqlite3 *db, struct contention_filling *f)
{
	struct places p = {0};
	int ret = rows_each(db, "SELECT site, file || ':' || line FROM site ORDER BY site", 0, 0,
			    place_row, &p);

	sums_sort(&f->places);
	for (size_t i = 0; ret == 0 && i < f->places.n; i++) {
		const struct sum *s = &f->places.v[i];
		struct object *o = &f->c->objects.v[s->key[0]];
		uint32_t place = ids_find(&p.ids, s->key[1]);

		if (!o->where && place < p.texts.n && p.texts.v[place])
			o->where = format_text("%s", p.texts.v[place]);
	}
	for (size_t i = 0; i < p.texts.n; i++)
		free(p.texts.v[i]);
	free(p.texts.v);
	free(p.ids.v.v);
	return ret;
}

int query_contention(sqlite3 *db, struct contention *c)
{
	struct contention_filling f = {.c = c};
	struct run run;
	int ret = -1;

	memset(c, 0, sizeof *c);
	if (query_run(db, &run) < 0)
		return -1;
	c->title = query_command(&run);
	c->dur = run.dur;
	query_run_free(&run);
	if (query_reasons(db, &f.reasons) < 0 ||
	    rows_each(db, "SELECT g, name FROM goroutine ORDER BY g", 0, 0, culprit_row, &f) < 0 ||
	    rows_each(db, "SELECT obj, label, kind FROM object ORDER BY obj", 0, 0,
		      contended_object_row, &f) < 0)
		goto out;
	ret = rows_each(db, query_contention_sql, 0, 0, wait_row, &f);
	if (ret == 0)
		ret = fill_places(db, &f);
out:
	sums_free(&f.places);
	free(f.reasons.colors.v);
	free(f.objects.v.v);
	free(f.goroutines.v.v);
	return ret;
}

/* ---- For the report ---- */

const char query_latency_sql[] =
	"SELECT why IN " WHY("'create'") " AS new, took, dur IS NULL AS open FROM " SPANS("state = 3") "\n"
	"WHERE why IN " WHY("'ready', 'create'") " AND ts >= :from AND ts < :to";

static int latency_row(sqlite3_stmt *row, void *arg)
{
	struct latency *t = arg;

	array_add(&t->v[row_number(row, 0) ? LATENCY_NEW : LATENCY_WOKEN], row_number(row, 1));
	t->open += row_number(row, 2);
	return 0;
}

int query_latency(sqlite3 *db, int64_t from, int64_t to, struct latency *t)
{
	int ret = rows_each(db, query_latency_sql, from, to, latency_row, t);

	for (int k = 0; k < LATENCY_KINDS; k++)
		latency_sort(t->v[k].v, t->v[k].n);
	return ret;
}

static int totals_row(sqlite3_stmt *row, void *arg)
{
	*(struct totals *)arg = (struct totals){
		row_number(row, 0), row_number(row, 1), row_number(row, 2), row_number(row, 3),
		row_number(row, 4), row_number(row, 5), row_number(row, 6)};
	return 0;
}

int query_totals(sqlite3 *db, struct totals *t)
{
	return rows_each(db,
			 "SELECT sum(running), sum(detached), sum(runnable), sum(waiting), "
			 "(SELECT count(*) FROM anomaly), (SELECT count(*) FROM gap), "
			 "sum(dur IS NULL) FROM goroutine",
			 0, 0, totals_row, t);
}

const char query_crews_sql[] =
	"SELECT count(*), func FROM goroutine GROUP BY func ORDER BY 1 DESC, func";
const char query_functions_sql[] =
	"SELECT func, goroutines, running + detached AS running, runnable, waiting, runs, waits\n"
	"FROM func_total LIMIT 50";
const char query_channels_sql[] =
	"SELECT label, cap, sends, recvs, direct, sends_parked, recvs_parked, max_len, closed\n"
	"FROM chan_total WHERE 'chan' NOT IN (SELECT event_set FROM unrecorded)\n"
	"ORDER BY sends + recvs DESC, obj LIMIT 50";
const char query_mutexes_sql[] =
	"SELECT label, locks, contended, held, held_max, waited, waited_max\n"
	"FROM mutex_total ORDER BY waited DESC, obj LIMIT 50";
const char query_often_sql[] =
	"SELECT sum(n), f.text, r.name, (SELECT file || ':' || line FROM site WHERE site.site = "
	"s.site)\n"
	"FROM g_sum AS s JOIN string AS f ON f.id = s.func JOIN reason AS r USING (why) WHERE state = 4\n"
	"GROUP BY s.func, s.why, s.site HAVING sum(n) >= 100 ORDER BY 1 DESC, 2, 3 LIMIT 1";
const char query_left_sql[] =
	"SELECT count(*), g.func, l.why, l.place, min(l.label), sum(count(*)) OVER ()\n"
	"FROM leak AS l JOIN goroutine AS g USING (g) WHERE l.state = 'waiting' AND g.parent IS "
	"NOT NULL\n"
	"GROUP BY g.func, l.why, l.place ORDER BY 1 DESC, 2, 3 LIMIT 1";
const char query_unfinished_sql[] =
	"SELECT 'g' || l.g, l.name, l.state, replace(l.why, '_', ' ') AS why, l.label,\n"
	"       'g' || h.g || ' ' || h.name AS held_by, l.dur,\n"
	"       l.place || coalesce(', by ' || replace(k.text, ';', ' > '), ''), l.spawned\n"
	"FROM leak AS l JOIN g_state AS s ON s.g = l.g AND s.dur IS NULL\n"
	"     LEFT JOIN goroutine AS h ON h.g = s.holder LEFT JOIN stack_text AS k ON k.stack = "
	"s.stack\n"
	"ORDER BY l.dur DESC, l.g LIMIT 50";
const char query_calls_sql[] = "SELECT func, waits, total, self FROM offcpu_func LIMIT 30";
const char query_gaps_sql[] = "SELECT ts, dur, pid, m, lost FROM gap ORDER BY ts, m LIMIT 50";
const char query_anomalies_sql[] =
	"SELECT anomaly.ts, what, 'g' || g, label FROM anomaly LEFT JOIN object USING (obj)\n"
	"ORDER BY anomaly.ts LIMIT 50";

static int table_row(sqlite3_stmt *row, void *arg)
{
	struct table *t = arg;

	t->cols = sqlite3_column_count(row);
	for (int i = 0; i < t->cols; i++)
		array_add(&t->cells, (struct cell){row_text(row, i), row_number(row, i)});
	return 0;
}

int query_table(sqlite3 *db, const char *sql, struct table *t)
{
	memset(t, 0, sizeof *t);
	return rows_each(db, sql, 0, 0, table_row, t);
}

void query_table_free(struct table *t)
{
	for (size_t i = 0; i < t->cells.n; i++)
		free(t->cells.v[i].text);
	free(t->cells.v);
}
