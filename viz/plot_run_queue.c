/* SPDX-License-Identifier: MIT */
/* How many goroutines could run but had no worker, over time. */
#include "latency.h"
#include "plot.h"

#include <math.h>

static const char run_queue_sql[] = "SELECT ts, took FROM " SPANS("state = 3") "\n"
				    "WHERE ts < :to AND ts + took >= :from";

enum { COLUMN = 2, LEFT = 76, HEIGHT = 300 };

struct queue {
	const struct scene *s;
	struct curve mean;
	double *most;
	ARRAY(int64_t) began, ended;
};

static int span_row(sqlite3_stmt *row, void *arg)
{
	struct queue *q = arg;
	int64_t ts = row_number(row, 0), end = ts + row_number(row, 1);

	curve_add(&q->mean, ts, end);
	array_add(&q->began, ts);
	array_add(&q->ended, end);
	return 0;
}

/* The columns up to a time are at least as high as the queue is. */
static int until(struct queue *q, int at, int64_t ts, double level)
{
	double col = ((double)ts - q->mean.from) / q->mean.step;

	while (at < col && at < q->mean.n - 1)
		q->most[++at] = level;
	return at;
}

/* Who leaves at a time leaves before who comes. */
static void find_most(struct queue *q)
{
	size_t n = q->began.n;
	double level = 0;
	int at = 0;

	latency_sort(q->began.v, n);
	latency_sort(q->ended.v, n);
	for (size_t i = 0, k = 0; k < n;) {
		bool leaves = i == n || q->ended.v[k] <= q->began.v[i];

		at = until(q, at, (leaves ? q->ended.v[k++] : q->began.v[i++]) - 1, level);
		level += leaves ? -1 : 1;
		q->most[at] = fmax(q->most[at], level);
	}
}

static void panel(struct queue *q, struct figure *f)
{
	struct panel *p =
		figure_panel(f, (struct rect){LEFT, f->top + 26, q->mean.n * COLUMN, HEIGHT});
	double max = 0;

	for (int i = 0; i < q->mean.n; i++)
		max = fmax(max, q->most[i]);
	figure_put(f, LEFT, f->top + 8, ALIGN_LEFT, 12, INK, format_text("Runnable goroutines"));
	p->x = figure_time(f, false);
	p->y = figure_count(max);
	panel_columns(p, MARK_AREA, 0xf6d797, q->mean.from, q->mean.step, q->most, q->mean.n);
	panel_columns(p, MARK_AREA, palette[COLOR_runnable].rgb, q->mean.from, q->mean.step,
		      q->mean.v, q->mean.n);
	f->bottom += FIGURE_AXIS;
}

static void layout(struct queue *q, struct figure *f)
{
	const struct scene *s = q->s;
	char a[FORMAT_MAX], *window = scene_window(s);
	const struct key keys[] = {{palette[COLOR_runnable].rgb, "on average in a column"},
				   {0xf6d797, "at most"}};
	double mean = q->mean.total / (double)(s->to - s->from);

	figure_begin(
		f, s->width, s->title,
		format_text("%s; on average %.2f goroutines could run and waited for one of %lld "
			    "worker%s",
			    window, mean, (long long)s->run.workers,
			    s->run.workers == 1 ? "" : "s"));
	free(window);
	f->from = s->from;
	f->to = s->to;
	if (q->began.n == 0) {
		figure_empty(f, "no goroutine waited for a worker in this time");
		return;
	}
	find_most(q);
	curve_finish(&q->mean);
	figure_legend(f, keys, 2);
	panel(q, f);
	figure_note(f, format_text("A column is %s wide.", format_ns(a, q->mean.step, 3)));
}

static int draw(const struct scene *s, struct figure *f)
{
	struct queue q = {.s = s};
	int ret;

	curve_begin(&q.mean, s->from, s->to, (s->width - LEFT - FIGURE_RIGHT) / COLUMN);
	q.most = array_zeroed((size_t)q.mean.n, sizeof *q.most);
	ret = scene_ask(s, run_queue_sql, span_row, &q);
	if (ret == 0)
		layout(&q, f);
	curve_free(&q.mean);
	free(q.most);
	free(q.began.v);
	free(q.ended.v);
	return ret;
}

const struct plot plot_run_queue = {
	.title = "Run queue",
	.words = "How many goroutines could run but waited for a worker. A queue that is never "
		 "empty "
		 "means that more workers, or less work, would help.",
	.window = true,
	.stretch = true,
	.sql = {run_queue_sql},
	.draw = draw,
};
