/* SPDX-License-Identifier: MIT */
/* How long locks were held, and waited for: the distributions. */
#include "latency.h"
#include "objects.h"

#include <math.h>
#include <string.h>

static const char locks_sql[] =
	"SELECT obj, op = 'unlock' AS held, dur FROM mutex_op\n"
	"WHERE (op = 'unlock' OR contended) AND dur IS NOT NULL AND ts >= :from AND ts <= :to\n"
	"UNION ALL\n"
	"SELECT obj, op = 'unlock', dur FROM rwmutex_op\n"
	"WHERE (op = 'unlock' OR contended AND op <> 'runlock') AND dur IS NOT NULL\n"
	"\tAND ts >= :from AND ts <= :to";

/* What had not come to an end: locks that are held, and goroutines that wait for one. */
static const char open_sql[] =
	"SELECT (SELECT count(*) FROM leak WHERE since <= :to\n"
	"\tAND why IN ('mutex_lock', 'rwmutex_lock', 'rwmutex_rlock')),\n"
	"\tEXISTS (SELECT 1 FROM mutex_op WHERE ts >= :from AND ts <= :to)\n"
	"\tOR EXISTS (SELECT 1 FROM rwmutex_op WHERE ts >= :from AND ts <= :to)";

enum { MOST = 8, LEFT = 60, GAP = 70, HEIGHT = 300, STEPS = 600, PITCH = 22 };
enum { WAITED, HELD, KINDS };

/* A lock, or those of one name if they are many. */
struct lock {
	int group;
	int64_t total[KINDS];
	ARRAY(int64_t) v[KINDS]; /* durations; ascending in the end */
};

struct locks {
	ARRAY(struct lock) v;
	struct objects objects;
	uint32_t *index; /* of a group: of its lock + 1 */
	int64_t open;	 /* waits that had not ended */
	bool used;
};

static struct lock *lock_of(struct locks *l, int group)
{
	if (!l->index[group]) {
		array_add(&l->v, (struct lock){.group = group});
		l->index[group] = (uint32_t)l->v.n;
	}
	return &l->v.v[l->index[group] - 1];
}

static int lock_row(sqlite3_stmt *row, void *arg)
{
	struct locks *locks = arg;
	int group = objects_group(&locks->objects, row_number(row, 0));
	int kind = row_number(row, 1) ? HELD : WAITED;
	struct lock *l;

	if (group < 0)
		return 0;
	l = lock_of(locks, group);
	array_add(&l->v[kind], row_number(row, 2));
	l->total[kind] += row_number(row, 2);
	return 0;
}

static int open_row(sqlite3_stmt *row, void *arg)
{
	struct locks *l = arg;

	l->open = row_number(row, 0);
	l->used = row_number(row, 1) != 0;
	return 0;
}

/* Those that were waited for longest first. */
static int by_waiting(const void *a, const void *b)
{
	const struct lock *x = a, *y = b;

	for (int k = WAITED; k < KINDS; k++)
		if (x->total[k] != y->total[k])
			return x->total[k] < y->total[k] ? 1 : -1;
	return (x->group > y->group) - (x->group < y->group);
}

static void curve(struct panel *p, const int64_t *v, size_t n, uint32_t rgb)
{
	struct mark *m = panel_mark(p, MARK_STEPS, rgb);

	mark_point(m, fmax(p->x.min, (double)v[0]), 0);
	for (size_t i = 0; i < n; i += n / STEPS + 1)
		mark_point(m, fmax(p->x.min, (double)v[i]), 100 * (double)(i + 1) / (double)n);
	mark_point(m, fmax(p->x.min, (double)v[n - 1]), 100);
}

/* The same for both, so that the curves can be compared; what took no time is at its left end. */
static struct scale durations(const struct locks *l, size_t shown)
{
	double least = 1e18, most = 1;

	for (size_t i = 0; i < shown * KINDS; i++) {
		const struct lock *lock = &l->v.v[i / KINDS];
		const int64_t *v = lock->v[i % KINDS].v;
		size_t n = lock->v[i % KINDS].n, zeros = 0;

		while (zeros < n && v[zeros] == 0)
			zeros++;
		if (zeros < n)
			least = fmin(least, (double)v[zeros]);
		if (n)
			most = fmax(most, (double)v[n - 1]);
	}
	return figure_durations(least > most ? 1 : least, most);
}

static void panel(const struct locks *l, size_t shown, int kind, struct figure *f)
{
	static const char *const names[] = {
		[WAITED] = "how long it was waited for, by those that had to wait",
		[HELD] = "how long it was held"};
	int w = (f->width - LEFT - GAP - FIGURE_RIGHT) / 2;
	struct panel *p = figure_panel(
		f, (struct rect){kind == WAITED ? LEFT : LEFT + w + GAP, f->top + 8, w, HEIGHT});
	bool any = false;

	p->y = (struct scale){SCALE_PERCENT, 0, 101, NULL, false};
	p->x = durations(l, shown);
	p->x.label = names[kind];
	for (size_t i = shown; i-- > 0;)
		if (l->v.v[i].v[kind].n) {
			any = true;
			curve(p, l->v.v[i].v[kind].v, l->v.v[i].v[kind].n, hues[i]);
		}
	if (!any)
		figure_put(f, p->place.x + w / 2.0, p->place.y + HEIGHT / 2.0, ALIGN_CENTER, 14,
			   INK_SOFT,
			   format_text(kind == WAITED ? "nobody had to wait"
						      : "no lock was seen to be unlocked"));
}

static void numbers(const struct lock *l, int kind, double x, double y, double dx, struct figure *f)
{
	char buf[FORMAT_MAX];
	size_t n = l->v[kind].n;
	const int64_t *v = l->v[kind].v;
	const double values[] = {(double)latency_percentile(v, n, 50),
				 (double)latency_percentile(v, n, 99), n ? (double)v[n - 1] : 0,
				 (double)l->total[kind]};

	figure_put(f, x, y, ALIGN_RIGHT, 12, INK, format_text("%s", format_count(buf, (int64_t)n)));
	for (int i = 0; n && i < 4; i++)
		figure_put(f, x + dx * (i + 1), y, ALIGN_RIGHT, 12, INK,
			   format_text("%s", format_ns(buf, values[i], 3)));
}

/* The same in numbers. */
static void table(const struct locks *l, size_t shown, struct figure *f)
{
	static const char *const heads[] = {"times", "median", "p99", "longest", "in all"};
	double left = f->width * 0.22, dx = (f->width - left - FIGURE_RIGHT) / 10.8;
	double x[KINDS] = {left + dx, left + 6.4 * dx}, y = f->bottom + FIGURE_AXIS + 34;

	for (int kind = 0; kind < KINDS; kind++) {
		figure_put(f, x[kind] + 1.5 * dx, y - 18, ALIGN_CENTER, 12, INK,
			   format_text(kind == WAITED ? "waited for" : "held"));
		for (int i = 0; i < 5; i++)
			figure_put(f, x[kind] + dx * i, y, ALIGN_RIGHT, 12, INK_SOFT,
				   format_text("%s", heads[i]));
	}
	for (size_t i = 0; i < shown; i++) {
		const struct lock *lock = &l->v.v[i];
		char *name = figure_fit(l->objects.alike.v.v[lock->group].name,
					left - FIGURE_MARGIN - FIGURE_SWATCH - 6, 12);

		y += PITCH;
		figure_key(f, FIGURE_MARGIN, y, hues[i], name);
		free(name);
		for (int kind = 0; kind < KINDS; kind++)
			numbers(lock, kind, x[kind], y, dx, f);
	}
	f->bottom = (int)y + 12;
}

static void note_others(const struct locks *l, size_t shown, struct figure *f)
{
	char a[FORMAT_MAX], b[FORMAT_MAX];
	int64_t waited = 0;

	for (size_t i = shown; i < l->v.n; i++)
		waited += l->v.v[i].total[WAITED];
	if (shown < l->v.n)
		figure_note(f, format_text("Not shown: %s other lock%s, waited for %s in all.",
					   format_count(b, (int64_t)(l->v.n - shown)),
					   l->v.n - shown == 1 ? "" : "s",
					   format_ns(a, (double)waited, 3)));
	figure_note(
		f,
		format_text(
			"A wait is until the lock was had, with what the goroutine then waited "
			"for a worker; who came by it without being parked waited 0, at the left "
			"end. An RWMutex counts as held while one writes."));
}

static void note_open(const struct locks *l, struct figure *f)
{
	char buf[FORMAT_MAX];

	if (l->open)
		figure_note(f, format_text("Not in it: %s wait%s for a lock that had not ended with "
					   "the trace.",
					   format_count(buf, l->open), l->open == 1 ? "" : "s"));
}

static void layout(const struct scene *s, struct locks *l, struct figure *f)
{
	size_t shown = l->v.n < MOST ? l->v.n : MOST;
	char *window = scene_window(s);

	figure_begin(
		f, s->width, s->title,
		format_text("%s; of 100 times that a lock was waited for, or held, how many took "
			    "no longer",
			    window));
	free(window);
	if (shown == 0) {
		figure_empty(f, !query_recorded(&s->run, "sync") ? "locks and unlocks were not recorded"
				: l->used || l->open ? "in this time no lock was unlocked, and nobody who "
						       "had to wait for one got it"
						     : "no lock was used in this time");
		note_open(l, f);
		return;
	}
	qsort(l->v.v, l->v.n, sizeof *l->v.v, by_waiting);
	for (size_t i = 0; i < shown; i++)
		for (int k = 0; k < KINDS; k++)
			latency_sort(l->v.v[i].v[k].v, l->v.v[i].v[k].n);
	for (int k = 0; k < KINDS; k++)
		panel(l, shown, k, f);
	table(l, shown, f);
	note_others(l, shown, f);
	note_open(l, f);
	for (size_t i = 0; i < shown; i++)
		if (l->objects.alike.v.v[l->v.v[i].group].n > 1) {
			figure_note(f, format_text("Many locks of one name, or first used at one "
						   "place, are one."));
			break;
		}
}

static int draw(const struct scene *s, struct figure *f)
{
	struct locks l = {0};
	int ret = objects_read(s, &l.objects);

	l.index = array_zeroed(l.objects.alike.v.n, sizeof *l.index);
	if (ret == 0)
		ret = scene_ask(s, locks_sql, lock_row, &l);
	if (ret == 0)
		ret = scene_ask(s, open_sql, open_row, &l);
	if (ret == 0)
		layout(s, &l, f);
	for (size_t i = 0; i < l.v.n; i++)
		for (int k = 0; k < KINDS; k++)
			free(l.v.v[i].v[k].v);
	free(l.v.v);
	free(l.index);
	objects_free(&l.objects);
	return ret;
}

const struct plot plot_locks = {
	.title = "Locks",
	.words = "How long each lock was held, and how long those that did not get it at once waited. "
		 "Waits that "
		 "are much longer than the lock is held mean a queue of waiters.",
	.window = true,
	.stretch = true,
	.sql = {locks_sql, objects_sql, open_sql},
	.draw = draw,
};
