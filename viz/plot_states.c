/* SPDX-License-Identifier: MIT */
/* How many goroutines were in which state, over time. */
#include "plot.h"

#include <math.h>
#include <string.h>

static const char states_sql[] = "SELECT state, why, ts, took FROM " SPANS("true") "\n"
				 "WHERE ts < :to AND ts + took >= :from";

enum { COLUMN = 2, LEFT = 76, HEIGHT = 480, REASONS = 9 };

/* A reason to wait, or a state. */
struct band {
	enum color color;
	struct curve curve;
};

struct bands {
	const struct scene *s;
	int columns;
	struct reasons reasons;
	struct band v[COLORS]; /* by colour; begun if it occurs */
};

static int state_row(sqlite3_stmt *row, void *arg)
{
	struct bands *b = arg;
	int64_t ts = row_number(row, 2);
	enum color color = query_color(&b->reasons, row_number(row, 0), row_number(row, 1));
	struct band *band = &b->v[color];

	band->color = color;
	if (!band->curve.v)
		curve_begin(&band->curve, b->s->from, b->s->to, b->columns);
	curve_add(&band->curve, ts, ts + row_number(row, 3));
	return 0;
}

/* Running is at the bottom, what is waited for most above it. */
static int rank(enum color c)
{
	return c == COLOR_running ? 0 : c == COLOR_detached ? 1 : c == COLOR_runnable ? 2 : 3;
}

static int by_rank(const void *a, const void *b)
{
	const struct band *x = a, *y = b;
	int rx = rank(x->color), ry = rank(y->color);

	if (rx != ry)
		return rx - ry;
	if (x->curve.total != y->curve.total)
		return x->curve.total < y->curve.total ? 1 : -1;
	return (int)x->color - (int)y->color;
}

/* The bands that occur come first; how many they are. */
static int order(struct bands *b)
{
	int n = 0;

	for (int i = 0; i < COLORS; i++)
		if (b->v[i].curve.total > 0) {
			struct band band = b->v[i];

			b->v[i] = b->v[n];
			b->v[n++] = band;
		}
	qsort(b->v, (size_t)n, sizeof *b->v, by_rank);
	return n;
}

/* All from the band `first` on become one. */
static int merge(struct bands *b, int first, int n)
{
	if (n <= first + 1)
		return n;
	for (int i = first + 1; i < n; i++) {
		for (int x = 0; x <= b->columns; x++) {
			b->v[first].curve.v[x] += b->v[i].curve.v[x];
			b->v[first].curve.change[x] += b->v[i].curve.change[x];
		}
		b->v[first].curve.total += b->v[i].curve.total;
	}
	return first + 1;
}

static void legend(const struct bands *b, int n, int merged, struct figure *f)
{
	struct key keys[COLORS];
	double all = 0;

	for (int i = 0; i < n; i++)
		all += b->v[i].curve.total;
	for (int i = 0; i < n; i++) {
		const struct band *band = &b->v[i];
		const char *name = palette[band->color].legend;
		char part[FORMAT_MAX];
		char *others = i == n - 1 && merged > 1
				       ? format_text("%d other reasons to wait", merged)
				       : NULL;

		keys[i] = (struct key){others ? OTHERS : palette[band->color].rgb,
				       format_text("%s  %s", others ? others : name,
						   format_percent(part, band->curve.total / all))};
		free(others);
	}
	figure_legend(f, keys, (size_t)n);
	for (int i = 0; i < n; i++)
		free((char *)keys[i].label);
}

static void areas(struct bands *b, int n, bool others, struct figure *f)
{
	struct panel *p =
		figure_panel(f, (struct rect){LEFT, f->top + 26, b->columns * COLUMN, HEIGHT});
	double max = 0;

	figure_put(f, LEFT, f->top + 8, ALIGN_LEFT, 12, INK, format_text("Goroutines"));
	for (int i = 0; i < n; i++) {
		struct curve *c = &b->v[i].curve;

		curve_finish(c);
		for (int x = 0; x < b->columns; x++) {
			c->v[x] += i ? b->v[i - 1].curve.v[x] : 0;
			max = fmax(max, c->v[x]);
		}
	}
	p->x = figure_time(f, false);
	p->y = figure_count(max);
	for (int i = n - 1; i >= 0; i--)
		panel_columns(p, MARK_AREA,
			      i == n - 1 && others ? OTHERS : palette[b->v[i].color].rgb,
			      b->v[i].curve.from, b->v[i].curve.step, b->v[i].curve.v, b->columns);
	f->bottom += FIGURE_AXIS;
}

static void layout(struct bands *b, struct figure *f)
{
	const struct scene *s = b->s;
	char a[FORMAT_MAX], *window = scene_window(s);
	int n = order(b), all = n, first = 0;

	figure_begin(f, s->width, s->title,
		     format_text("%s; %s goroutine%s in all, and what they did", window,
				 format_count(a, s->run.goroutines),
				 s->run.goroutines == 1 ? "" : "s"));
	free(window);
	f->from = s->from;
	f->to = s->to;
	if (n == 0) {
		figure_empty(f, "there was no goroutine in this time");
		return;
	}
	while (first < n && rank(b->v[first].color) < 3)
		first++;
	n = merge(b, first + REASONS - 1, n);
	legend(b, n, all - n + 1, f);
	areas(b, n, all > n, f);
	figure_note(f, format_text("A column is %s wide and shows the average of that time.",
				   format_ns(a, b->v[0].curve.step, 3)));
}

static int draw(const struct scene *s, struct figure *f)
{
	struct bands b = {.s = s, .columns = (s->width - LEFT - FIGURE_RIGHT) / COLUMN};
	int ret = query_reasons(s->db, &b.reasons);

	if (ret == 0)
		ret = scene_ask(s, states_sql, state_row, &b);
	if (ret == 0)
		layout(&b, f);
	for (int i = 0; i < COLORS; i++)
		curve_free(&b.v[i].curve);
	free(b.reasons.colors.v);
	return ret;
}

const struct plot plot_states = {
	.title = "Goroutines by state",
	.words = "How many goroutines were alive, and what they did. Green is work; a broad band "
		 "of one "
		 "colour above it is what the program as a whole waits for.",
	.window = true,
	.stretch = true,
	.sql = {states_sql},
	.draw = draw,
};
