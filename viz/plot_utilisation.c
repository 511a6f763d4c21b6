/* SPDX-License-Identifier: MIT */
/* How busy each worker was, over time. */
#include "plot.h"

#include <math.h>
#include <string.h>

static const char utilisation_sql[] =
	"SELECT p, state, ts, coalesce(dur, (SELECT k.ts + k.dur FROM process AS k\n"
	"\tWHERE k.seq = p / 10000) - ts) AS dur\n"
	"FROM p_interval";

enum { COLUMN = 2, LEFT = 132, TOTAL = 150, ROWS = 420, FEW = 12, GAP = 8 };

struct worker {
	int64_t p;
	struct curve running;
};

struct crew {
	const struct scene *s;
	int columns;
	struct curve running, searching; /* all workers together */
	ARRAY(struct worker) workers;	 /* by number */
};

/* The worker of that number, which is added if it is new. */
static struct worker *worker_of(struct crew *c, int64_t p)
{
	size_t lo = 0, hi = c->workers.n;

	while (lo < hi) {
		size_t mid = (lo + hi) / 2;

		if (c->workers.v[mid].p < p)
			lo = mid + 1;
		else
			hi = mid;
	}
	if (lo == c->workers.n || c->workers.v[lo].p != p) {
		array_add(&c->workers, (struct worker){0});
		memmove(&c->workers.v[lo + 1], &c->workers.v[lo],
			(c->workers.n - 1 - lo) * sizeof *c->workers.v);
		c->workers.v[lo] = (struct worker){.p = p};
		curve_begin(&c->workers.v[lo].running, c->s->from, c->s->to, c->columns);
	}
	return &c->workers.v[lo];
}

static int span_row(sqlite3_stmt *row, void *arg)
{
	struct crew *c = arg;
	struct worker *w = worker_of(c, row_number(row, 0)); /* in the picture whatever it did */
	int64_t state = row_number(row, 1), ts = row_number(row, 2), end = ts + row_number(row, 3);

	if (state == STATE_running) {
		curve_add(&c->running, ts, end);
		curve_add(&w->running, ts, end);
	} else if (state == STATE_searching) {
		curve_add(&c->searching, ts, end);
	}
	return 0;
}

/* All workers together: how many run, and how many more look for work. */
static void total(struct crew *c, struct figure *f)
{
	struct rect place = {LEFT, f->top + 26, c->columns * COLUMN, TOTAL};
	struct panel *p = figure_panel(f, place);
	double from = c->running.from, step = c->running.step;

	figure_put(f, LEFT, f->top + 8, ALIGN_LEFT, 12, INK,
		   format_text("Busy workers, of %zu", c->workers.n));
	for (int x = 0; x < c->columns; x++)
		c->searching.v[x] += c->running.v[x];
	p->x = figure_time(f, true);
	p->y = figure_count((double)c->workers.n);
	panel_columns(p, MARK_AREA, palette[COLOR_searching].rgb, from, step, c->searching.v,
		      c->columns);
	panel_columns(p, MARK_AREA, palette[COLOR_running].rgb, from, step, c->running.v,
		      c->columns);
}

static void label_worker(struct crew *c, const struct worker *w, double y, bool two,
			 struct figure *f)
{
	double part = w->running.total / (double)(c->s->to - c->s->from);
	char buf[FORMAT_MAX];

	figure_put(f, LEFT - 10, y - (two ? 8 : 0), ALIGN_RIGHT, 12, INK,
		   format_text("worker %lld", (long long)w->p));
	if (two)
		figure_put(f, LEFT - 10, y + 8, ALIGN_RIGHT, 11, INK_SOFT,
			   format_text("%s busy", format_percent(buf, part)));
}

/* Each alone, as an area. */
static void few_rows(struct crew *c, int y, int h, struct figure *f)
{
	for (size_t i = 0; i < c->workers.n; i++) {
		struct worker *w = &c->workers.v[i];
		struct rect place = {LEFT, y + (int)i * (h + GAP), c->columns * COLUMN, h};
		struct panel *p = figure_panel(f, place);

		panel_box(p, (double)c->s->from, (double)c->s->to, 0, 1, LANE);
		p->x = figure_time(f, i + 1 < c->workers.n);
		p->y = (struct scale){SCALE_PART, 0, 1, NULL, true};
		panel_columns(p, MARK_AREA, palette[COLOR_running].rgb, w->running.from,
			      w->running.step, w->running.v, c->columns);
		label_worker(c, w, place.y + h / 2.0, h >= 30, f);
	}
}

/* Many: each a row of shades, equal ones next to each other as one. */
static void many_rows(struct crew *c, int y, double h, struct figure *f)
{
	struct rect place = {LEFT, y, c->columns * COLUMN, (int)ceil(h * (double)c->workers.n)};
	struct panel *p = figure_panel(f, place);
	int every = (int)ceil(15 / h);

	p->x = figure_time(f, false);
	for (size_t i = 0; i < c->workers.n; i++) {
		const struct curve *r = &c->workers.v[i].running;

		if (i % (size_t)every == 0)
			label_worker(c, &c->workers.v[i], y + ((double)i + 0.5) * h, false, f);
		for (int x = 0, first = 0; x < r->n; x++) {
			uint32_t rgb = r->v[first] < 0.005 ? LANE : figure_shade(r->v[first]);

			if (x + 1 < r->n && fabs(r->v[x + 1] - r->v[first]) < 0.02)
				continue;
			panel_box(p, r->from + first * r->step, r->from + (x + 1) * r->step,
				  (double)i * h, (double)(i + 1) * h, rgb);
			first = x + 1;
		}
	}
}

static void rows(struct crew *c, struct figure *f)
{
	size_t n = c->workers.n;
	int y = f->bottom + 22;

	if (n <= FEW) {
		int h = ROWS / (int)n - GAP;

		few_rows(c, y, h > 60 ? 60 : h, f);
	} else {
		many_rows(c, y, fmax(1.5, fmin(16, ROWS / (double)n)), f);
		figure_note(f, format_text("Workers: the darker, the more of the time they ran "
					   "goroutines."));
	}
	f->bottom += FIGURE_AXIS;
}

static void layout(struct crew *c, struct figure *f)
{
	const struct scene *s = c->s;
	char a[FORMAT_MAX], *window = scene_window(s);
	double all = (double)(s->to - s->from) * (double)c->workers.n;
	const struct key keys[] = {{palette[COLOR_running].rgb, "running goroutines"},
				   {palette[COLOR_searching].rgb, "looking for work"}};

	figure_begin(f, s->width, s->title,
		     format_text("%s; workers were busy %.0f%% of the time, and looked for work "
				 "%.1f%%",
				 window, 100 * c->running.total / fmax(1, all),
				 100 * c->searching.total / fmax(1, all)));
	free(window);
	f->from = s->from;
	f->to = s->to;
	if (c->workers.n == 0) {
		figure_empty(f, "no worker ran in this time");
		return;
	}
	curve_finish(&c->running);
	curve_finish(&c->searching);
	for (size_t i = 0; i < c->workers.n; i++)
		curve_finish(&c->workers.v[i].running);
	figure_legend(f, keys, 2);
	total(c, f);
	rows(c, f);
	figure_note(f, format_text("A column is %s wide and shows the average of that time.",
				   format_ns(a, c->running.step, 3)));
}

static int draw(const struct scene *s, struct figure *f)
{
	struct crew c = {.s = s, .columns = (s->width - LEFT - FIGURE_RIGHT) / COLUMN};
	int ret;

	curve_begin(&c.running, s->from, s->to, c.columns);
	curve_begin(&c.searching, s->from, s->to, c.columns);
	ret = scene_ask(s, utilisation_sql, span_row, &c);
	if (ret == 0)
		layout(&c, f);
	for (size_t i = 0; i < c.workers.n; i++)
		curve_free(&c.workers.v[i].running);
	curve_free(&c.running);
	curve_free(&c.searching);
	free(c.workers.v);
	return ret;
}

const struct plot plot_utilisation = {
	.title = "Utilisation",
	.words = "How many workers were busy, and each of them. Where few are while goroutines "
		 "wait for "
		 "locks or channels, the program itself is what is not parallel.",
	.window = true,
	.stretch = true,
	.sql = {utilisation_sql},
	.draw = draw,
};
