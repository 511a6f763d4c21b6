/* SPDX-License-Identifier: MIT */
/* The layout, as numbers (pack.h) one after the other; an index + 1 is 0 where there is none:
 *
 *   goroutines: how many; for each its number less that of the one before, name, function and kind
 *     of parent (texts, parent index + 1), address of the function less that of the
 *     one before, place of spawn, start less that of the one before,
 *     length + 1 or 0 if it lived on, how many states; and these: kind (+ 128 if open), length,
 *       running: worker + 1;  detached: thread index + 1;
 *       waiting: object index + 1, who ended it and who held it (0 nobody, 1 the runtime, else
 *       goroutine index + 2), place
 *   workers: how many; for each its number, how many states, the start of the first, and: kind
 *     (+ 128 if the thread is told), length, running: goroutine index + 1; thread index + 1
 *   objects: how many; for each kind, label (texts), place, start less that of the one before,
 *     length + 1 or 0, capacity + 2 (1: not known, 0: no channel), how many operations; and these:
 *     kind (+ 128 if it waited or was waited for), time since the one before, goroutine index + 1,
 *     value, place
 *   gaps: how many; for each start, length, thread, events
 *   marks: as query_marks.c says
 *   steps: how many + 1, or 0 if they are left out; for each the time since the one before, worker
 * + 1, the text of weft steps
 */
#include "query_page.h"
#include "format.h"
#include "query_marks.h"
#include "state.h"
#include "story.h"

#include <string.h>

const struct page_op page_ops[] = {
	{"chan", "send"},	  {"chan", "recv"},	    {"chan", "close"},
	{"chan", "drop"},
	{"mutex", "lock"},	  {"mutex", "unlock"},	    {"rwmutex", "lock"},
	{"rwmutex", "unlock"},	  {"rwmutex", "rlock"},	    {"rwmutex", "runlock"},
	{"waitgroup", "add"},	  {"waitgroup", "wait"},    {"once", "begin"},
	{"once", "end"},	  {"once", "pass"},	    {"cond", "wait"},
	{"cond", "cancel"},	  {"cond", "signal"},	    {"cond", "broadcast"},
	{"semaphore", "acquire"}, {"semaphore", "release"}, {"semaphore", "cancel"},
	{"barrier", "arrive"},	  {"barrier", "pass"},	    {"group", "go"},
	{"group", "done"},	  {"group", "wait"},	    {NULL, NULL},
};

/* What each table of operations has as value and as whether there was a wait. */
static const struct op_table {
	const char *table, *value, *waited;
} op_tables[] = {
	{"chan", "len", "parked"},
	{"mutex", "0", "contended"},
	{"rwmutex", "readers", "contended"},
	{"waitgroup", "count", "parked"},
	{"once", "0", "parked"},
	{"cond", "woken", "0"},
	{"semaphore", "held", "parked"},
	{"barrier", "arrived", "parked"},
	{"group", "running", "parked"},
};

/* States or operations of one thing. */
struct lane {
	struct bytes v;
	int64_t n, end; /* where the last one ended */
	int64_t thread; /* of a worker */
};

struct thing {
	int64_t id, until; /* until: where what is open ends */
	struct lane lane;
};
struct things {
	ARRAY(struct thing) v; /* by id, ascending */
};

/* A thread of the database. */
struct os_thread {
	int64_t m;
	uint32_t index; /* + 1 among those of the page; 0: nothing was seen of it */
};

struct reason {
	int64_t why;
	char *name;
};

struct kind {
	int64_t state, why;
};

struct packing {
	struct page_data *d;
	struct things goroutines, workers, objects, sites, processes; /* processes: by seq */
	ARRAY(struct os_thread) threads;				/* by number */
	ARRAY(struct reason) reasons;
	ARRAY(struct kind) kinds; /* as in d->kinds */
	int64_t last_id, last_ts, last_fn; /* of the goroutine or object before */
};

/* ---- Rows ---- */

typedef void row_fn(sqlite3_stmt *row, struct packing *p);

static int each(sqlite3 *db, const char *sql, row_fn *fn, struct packing *p)
{
	sqlite3_stmt *st;
	int rc;

	if (sqlite3_prepare_v2(db, sql, -1, &st, NULL) != SQLITE_OK)
		return error("cannot read the database: %s", sqlite3_errmsg(db));
	while ((rc = sqlite3_step(st)) == SQLITE_ROW)
		fn(st, p);
	sqlite3_finalize(st);
	return rc == SQLITE_DONE ? 0 : error("cannot read the database: %s", sqlite3_errmsg(db));
}

static int64_t number(sqlite3_stmt *row, int col)
{
	return sqlite3_column_int64(row, col);
}

static bool is_null(sqlite3_stmt *row, int col)
{
	return sqlite3_column_type(row, col) == SQLITE_NULL;
}

static const char *text(sqlite3_stmt *row, int col)
{
	const char *s = (const char *)sqlite3_column_text(row, col);

	return s ? s : "";
}

/* The index of a text as it is shown. */
static uint32_t label(struct packing *p, const char *s, int max)
{
	char *shown = format_label(s, max);
	uint32_t i = texts_add(&p->d->texts, shown);

	free(shown);
	return i;
}

/* The index + 1 of a thing; 0 if it is not there.  Most ids are near their place. */
static uint32_t find(const struct things *t, int64_t id)
{
	size_t lo = 0, hi = t->v.n;

	if (id > 0 && (size_t)id <= hi && t->v.v[id - 1].id == id)
		return (uint32_t)id;
	while (lo < hi) {
		size_t mid = (lo + hi) / 2;

		if (t->v.v[mid].id < id)
			lo = mid + 1;
		else
			hi = mid;
	}
	return lo < t->v.n && t->v.v[lo].id == id ? (uint32_t)lo + 1 : 0;
}

static uint32_t find_in(const struct things *t, sqlite3_stmt *row, int col)
{
	return is_null(row, col) ? 0 : find(t, number(row, col));
}

static void add_thing(struct things *t, int64_t id, int64_t until)
{
	array_add(&t->v, (struct thing){.id = id, .until = until});
}

static void free_things(struct things *t)
{
	for (size_t i = 0; i < t->v.n; i++)
		free(t->v.v[i].lane.v.v.v);
	free(t->v.v);
}

static void add_kind(struct packing *p, int64_t state, int64_t why)
{
	static const char *const states[] = {
		"", "running", "detached", "runnable", "waiting", "searching", "stopped"};
	const char *name = "";

	for (size_t i = 0; i < p->reasons.n; i++)
		if (p->reasons.v[i].why == why)
			name = p->reasons.v[i].name;
	if (p->kinds.n == 0x80)
		die("the database has more than 127 kinds of states");
	if (state < 0 || state > STATE_stopped)
		die("the database is damaged: a state %lld", (long long)state);
	array_add(&p->kinds, (struct kind){state, why});
	array_add(&p->d->kinds,
		  (struct page_kind){format_text("%s", states[state]), format_text("%s", name)});
}

enum { NO_REASON = -1 };

static uint8_t kind_of(struct packing *p, int64_t state, int64_t why)
{
	for (size_t i = 0; i < p->kinds.n; i++)
		if (p->kinds.v[i].why == why && p->kinds.v[i].state == state)
			return (uint8_t)i;
	add_kind(p, state, why);
	return (uint8_t)(p->kinds.n - 1);
}

/* The beginning of a state: its kind, its length, and before it a hole if there is one.  States
 * follow one another; one that begins before that is cut. */
static void begin_state(struct packing *p, struct lane *lane, uint8_t kind, uint8_t flag,
			int64_t from, int64_t to)
{
	if (lane->n && from > lane->end) {
		pack_byte(&lane->v, 0);
		pack_number(&lane->v, (uint64_t)(from - lane->end));
		lane->n++;
	}
	if (lane->n && from < lane->end) {
		p->d->backwards++;
		from = lane->end;
	}
	if (to < from)
		to = from;
	pack_byte(&lane->v, kind | flag);
	pack_number(&lane->v, (uint64_t)(to - from));
	lane->n++;
	lane->end = to;
}

/* ---- What there is ---- */

static void thread_row(sqlite3_stmt *row, struct packing *p)
{
	while (p->threads.n <= (size_t)number(row, 0))
		array_add(&p->threads, (struct os_thread){0});
	p->threads.v[number(row, 0)].m = number(row, 1);
}

static void process_row(sqlite3_stmt *row, struct packing *p)
{
	add_thing(&p->processes, number(row, 0), number(row, 1));
}

static void reason_row(sqlite3_stmt *row, struct packing *p)
{
	array_add(&p->reasons, (struct reason){number(row, 0), format_text("%s", text(row, 1))});
}

static void site_row(sqlite3_stmt *row, struct packing *p)
{
	add_thing(&p->sites, number(row, 0), 0);
	array_add(&p->d->places, format_label(text(row, 1), 200));
}

static void goroutine_id(sqlite3_stmt *row, struct packing *p)
{
	add_thing(&p->goroutines, number(row, 0), number(row, 1));
}

static void object_id(sqlite3_stmt *row, struct packing *p)
{
	add_thing(&p->objects, number(row, 0), 0);
}

/* ---- States ---- */

static uint32_t who(const struct packing *p, sqlite3_stmt *row, int col)
{
	uint32_t g = find_in(&p->goroutines, row, col);

	return g ? g + 1 : !is_null(row, col) && number(row, col) == 0;
}

/* The index + 1 of the thread in the page; 0 if it is not known.  Only those get one that have or had
 * a worker, or a goroutine. */
static uint32_t thread_of(struct packing *p, sqlite3_stmt *row, int col)
{
	struct page_data *d = p->d;
	struct os_thread *t;
	size_t i = 0;

	if (is_null(row, col) || (uint64_t)number(row, col) >= p->threads.n)
		return 0;
	t = &p->threads.v[number(row, col)];
	if (t->index)
		return t->index;
	while (i < d->threads.n && d->threads.v[i] != t->m)
		i++;
	if (i == d->threads.n)
		array_add(&d->threads, t->m);
	return t->index = (uint32_t)i + 1;
}

static void state_row(sqlite3_stmt *row, struct packing *p)
{
	uint32_t g = find(&p->goroutines, number(row, 0));
	int64_t state = number(row, 3), why = is_null(row, 4) ? NO_REASON : number(row, 4);
	bool open = is_null(row, 2);
	struct thing *t;
	struct bytes *b;

	if (!g)
		return;
	t = &p->goroutines.v.v[g - 1];
	b = &t->lane.v;
	if (t->lane.n == 0)
		t->lane.end = number(row, 1);
	begin_state(p, &t->lane, kind_of(p, state, why), open ? 0x80 : 0, number(row, 1),
		    open ? t->until : number(row, 1) + number(row, 2));
	if (state == STATE_running) {
		pack_number(b, is_null(row, 6) ? 0 : (uint64_t)number(row, 6) + 1);
	} else if (state == STATE_detached) {
		pack_number(b, thread_of(p, row, 7));
	} else if (state == STATE_waiting) {
		pack_number(b, find_in(&p->objects, row, 5));
		pack_number(b, who(p, row, 8));
		pack_number(b, who(p, row, 9));
		pack_number(b, find_in(&p->sites, row, 10));
	}
}

/* The worker of that number, which is added at its place if it is new. */
static struct thing *worker_of(struct packing *p, int64_t id)
{
	uint32_t i = find(&p->workers, id), process = find(&p->processes, id / 10000);
	struct thing *v;

	if (i)
		return &p->workers.v.v[i - 1];
	add_thing(&p->workers, id, process ? p->processes.v.v[process - 1].until : 0);
	v = p->workers.v.v;
	for (size_t k = p->workers.v.n - 1; k > 0 && v[k - 1].id > v[k].id; k--) {
		struct thing t = v[k];

		v[k] = v[k - 1];
		v[k - 1] = t;
	}
	return worker_of(p, id);
}

static void worker_state_row(sqlite3_stmt *row, struct packing *p)
{
	uint32_t thread = thread_of(p, row, 5);
	struct thing *t = worker_of(p, number(row, 0));
	bool running = number(row, 3) == STATE_running, tell = thread != t->lane.thread;
	int64_t from = number(row, 1);

	if (t->lane.n == 0) {
		pack_number(&t->lane.v, (uint64_t)from);
		t->lane.end = from;
	}
	begin_state(p, &t->lane, kind_of(p, number(row, 3), NO_REASON), tell ? 0x80 : 0, from,
		    is_null(row, 2) ? t->until : from + number(row, 2));
	if (running)
		pack_number(&t->lane.v, find_in(&p->goroutines, row, 4));
	if (tell)
		pack_number(&t->lane.v, thread);
	t->lane.thread = thread;
}

/* ---- Operations ---- */

static void op_row(sqlite3_stmt *row, struct packing *p)
{
	uint32_t obj = find(&p->objects, number(row, 0));
	const char *op = text(row, 2), *table = text(row, 6);
	struct lane *lane;
	int kind = 0;

	if (!obj)
		return;
	while (page_ops[kind].op &&
	       (strcmp(page_ops[kind].op, op) != 0 || strcmp(page_ops[kind].table, table) != 0))
		kind++;
	if (!page_ops[kind].op)
		return;
	lane = &p->objects.v.v[obj - 1].lane;
	pack_byte(&lane->v, (uint8_t)(kind | (number(row, 5) ? 0x80 : 0)));
	pack_signed(&lane->v, number(row, 1) - lane->end);
	pack_number(&lane->v, find(&p->goroutines, number(row, 3)));
	pack_signed(&lane->v, number(row, 4));
	pack_number(&lane->v, find_in(&p->sites, row, 7));
	lane->end = number(row, 1);
	lane->n++;
	p->d->ops++;
}

static int read_ops(sqlite3 *db, struct packing *p)
{
	for (size_t i = 0; i < sizeof op_tables / sizeof *op_tables; i++) {
		const struct op_table *t = &op_tables[i];
		char *sql = format_text("SELECT obj, ts, op, g, %s, %s, '%s', site, id FROM %s_op "
					"ORDER BY id",
					t->value, t->waited, t->table, t->table);
		int ret = each(db, sql, op_row, p);

		free(sql);
		if (ret < 0)
			return -1;
	}
	return 0;
}

/* ---- All of it, in order ---- */

static void goroutine_row(sqlite3_stmt *row, struct packing *p)
{
	struct bytes *b = &p->d->packed;
	struct lane *lane = &p->goroutines.v.v[find(&p->goroutines, number(row, 0)) - 1].lane;

	pack_signed(b, number(row, 0) - p->last_id);
	pack_number(b, label(p, text(row, 1), 60));
	pack_number(b, label(p, text(row, 2), 60));
	pack_number(b, find_in(&p->goroutines, row, 3));
	pack_signed(b, number(row, 7) - p->last_fn);
	pack_number(b, find_in(&p->sites, row, 4));
	pack_signed(b, number(row, 5) - p->last_ts);
	pack_number(b, is_null(row, 6) ? 0 : (uint64_t)number(row, 6) + 1);
	p->d->g_spans += lane->n;
	pack_number(b, (uint64_t)lane->n);
	pack_bytes(b, &lane->v);
	p->last_id = number(row, 0);
	p->last_fn = number(row, 7);
	p->last_ts = number(row, 5);
	free(lane->v.v.v);
	lane->v.v.v = NULL;
}

static void pack_workers(struct packing *p)
{
	struct bytes *b = &p->d->packed;

	pack_number(b, p->workers.v.n);
	for (size_t i = 0; i < p->workers.v.n; i++) {
		const struct thing *t = &p->workers.v.v[i];

		pack_number(b, (uint64_t)t->id);
		pack_number(b, (uint64_t)t->lane.n);
		p->d->p_spans += t->lane.n;
		pack_bytes(b, &t->lane.v);
	}
}

static void object_row(sqlite3_stmt *row, struct packing *p)
{
	struct bytes *b = &p->d->packed;
	const struct lane *lane = &p->objects.v.v[find(&p->objects, number(row, 0)) - 1].lane;
	bool chan = strcmp(text(row, 1), "chan") == 0;

	pack_number(b, label(p, text(row, 1), 60));
	pack_number(b, label(p, text(row, 2), 200));
	pack_number(b, find_in(&p->sites, row, 3));
	pack_signed(b, number(row, 4) - p->last_ts);
	pack_number(b, is_null(row, 5) ? 0 : (uint64_t)number(row, 5) + 1);
	pack_number(b, !chan ? 0 : is_null(row, 6) ? 1 : (uint64_t)number(row, 6) + 2);
	pack_number(b, (uint64_t)lane->n);
	pack_bytes(b, &lane->v);
	p->last_ts = number(row, 4);
}

static void gap_row(sqlite3_stmt *row, struct packing *p)
{
	for (int i = 0; i < 4; i++)
		pack_number(&p->d->packed, (uint64_t)number(row, i));
}

static void count_row(sqlite3_stmt *row, struct packing *p)
{
	pack_number(&p->d->packed, (uint64_t)number(row, 0));
}

/* A table's rows, with how many there are before them. */
static int pack_table(sqlite3 *db, const char *count, const char *sql, row_fn *fn,
		      struct packing *p)
{
	p->last_id = p->last_ts = 0;
	return each(db, count, count_row, p) < 0 || each(db, sql, fn, p) < 0 ? -1 : 0;
}

static int read_all(sqlite3 *db, struct packing *p)
{
	if (each(db,
		 "SELECT thread, m FROM thread WHERE thread BETWEEN 0 AND 999999 ORDER BY thread",
		 thread_row, p) < 0 ||
	    each(db, "SELECT seq, ts + dur FROM process ORDER BY seq", process_row, p) < 0 ||
	    each(db, "SELECT why, name FROM reason", reason_row, p) < 0 ||
	    each(db, "SELECT site, file || ':' || line FROM site ORDER BY site", site_row, p) < 0 ||
	    each(db,
		 "SELECT g, k.ts + k.dur FROM goroutine JOIN process AS k USING (pid) ORDER BY g",
		 goroutine_id, p) < 0 ||
	    each(db, "SELECT obj FROM object ORDER BY obj", object_id, p) < 0)
		return -1;
	/* Millions of rows: as numbers, and in the order in which they are stored. */
	if (each(db,
		 "SELECT g, ts, dur, state, why, obj, p, thread, waker, holder, site "
		 "FROM g_interval ORDER BY g, ts, id",
		 state_row, p) < 0 ||
	    each(db, "SELECT p, ts, dur, state, g, thread FROM p_interval ORDER BY id",
		 worker_state_row, p) < 0)
		return -1;
	return read_ops(db, p);
}

/* ---- Steps ---- */

struct telling {
	struct packing *p;
	struct story story;
	struct bytes v;
	int64_t n, last;
};

static int tell(void *arg, const struct step *s)
{
	struct telling *t = arg;
	struct told told = story_step(&t->story, s, 0);
	char *said;
	size_t size;
	FILE *f;

	if (!told.sentence)
		return 0;
	f = open_memstream(&said, &size);
	if (!f)
		die("out of memory");
	story_write(f, &t->story, &told);
	if (fclose(f) != 0)
		die("out of memory");
	free(told.sentence);
	pack_signed(&t->v, s->ts - t->last);
	pack_number(&t->v, (uint64_t)(s->p + 1));
	pack_number(&t->v, texts_add(&t->p->d->texts, said));
	t->last = s->ts;
	t->n++;
	free(said);
	return 0;
}

static int pack_steps(sqlite3 *db, struct packing *p)
{
	struct telling t = {.p = p};
	int ret = story_begin(&t.story, db, 0);

	if (ret == 0)
		ret = step_query_each(t.story.query, 0, INT64_MAX, tell, &t);
	pack_number(&p->d->packed, (uint64_t)t.n + 1);
	pack_bytes(&p->d->packed, &t.v);
	story_end(&t.story);
	free(t.v.v.v);
	return ret;
}

/* ---- All of it, in order ---- */

static int pack_all(sqlite3 *db, struct packing *p)
{
	if (pack_table(db, "SELECT count(*) FROM goroutine",
		       "SELECT g, name, func, parent, site, ts, dur, fn FROM goroutine ORDER BY g",
		       goroutine_row, p) < 0)
		return -1;
	pack_workers(p);
	if (pack_table(
		    db, "SELECT count(*) FROM object",
		    "SELECT obj, kind, iif(label LIKE word || ' %', label, word || ' ' || label), "
		    "site, ts, dur, cap FROM (SELECT *, iif(kind = 'chan', 'channel', kind) AS "
		    "word FROM object) LEFT JOIN chan USING (obj) ORDER BY obj",
		    object_row, p) < 0)
		return -1;
	return pack_table(db, "SELECT count(*) FROM gap",
			  "SELECT ts, dur, m, lost FROM gap ORDER BY ts, m", gap_row, p);
}

int query_page(sqlite3 *db, int64_t events, struct page_data *d)
{
	struct packing p = {.d = d};
	int ret;

	memset(d, 0, sizeof *d);
	add_kind(&p, 0, NO_REASON); /* holes */
	texts_add(&d->texts, "");
	array_add(&d->places, format_text("%s", ""));
	ret = read_all(db, &p);
	if (ret == 0)
		ret = pack_all(db, &p);
	if (ret == 0)
		ret = query_marks(db, &d->packed, &d->texts);
	if (ret == 0 && events <= PAGE_STEPS)
		ret = pack_steps(db, &p);
	else
		pack_number(&d->packed, 0);
	free_things(&p.goroutines);
	free_things(&p.workers);
	free_things(&p.objects);
	free_things(&p.sites);
	free_things(&p.processes);
	for (size_t i = 0; i < p.reasons.n; i++)
		free(p.reasons.v[i].name);
	free(p.reasons.v);
	free(p.threads.v);
	free(p.kinds.v);
	return ret;
}

void query_page_free(struct page_data *d)
{
	for (size_t i = 0; i < d->kinds.n; i++) {
		free(d->kinds.v[i].state);
		free(d->kinds.v[i].why);
	}
	for (size_t i = 0; i < d->places.n; i++)
		free(d->places.v[i]);
	free(d->kinds.v);
	free(d->places.v);
	free(d->threads.v);
	free(d->packed.v.v);
	texts_free(&d->texts);
}
