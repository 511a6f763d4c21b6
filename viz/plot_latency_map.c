/* SPDX-License-Identifier: MIT */
/* How long goroutines that could run waited for a worker, over time, as a heat map. */
#include "latency.h"
#include "plot.h"

#include <math.h>

static const char latency_map_sql[] =
	"SELECT ts + dur AS ran, dur AS latency FROM g_interval\n"
	"WHERE state = 3 AND why IN " WHY("'ready', 'create'") "\n"
	"\tAND ts + dur >= :from AND ts + dur < :to";

enum { CELL = 8, LEFT = 80, HEIGHT = 320, DECADE = 10, MANY = 20 };

struct latency_ran {
	int64_t ran, latency;
};

struct map {
	const struct scene *s;
	ARRAY(struct latency_ran) v;
	int columns, rows;
	double least; /* ns, where the first row begins: a power of ten */
	int64_t *cells, most;
	double *p50, *p99; /* of each column, in rows; below 0: too few ran */
	bool many;	   /* whether one has them */
};

static int ran_row(sqlite3_stmt *row, void *arg)
{
	struct map *m = arg;

	array_add(&m->v, (struct latency_ran){row_number(row, 0), row_number(row, 1)});
	return 0;
}

static double row_of(const struct map *m, int64_t latency)
{
	double row = log10(fmax(1, (double)latency) / m->least) * DECADE;

	return row < 0 ? 0 : row >= m->rows ? m->rows - 1 : row;
}

static void scale(struct map *m)
{
	int64_t least = INT64_MAX, most = 1;
	double lo;

	for (size_t i = 0; i < m->v.n; i++) {
		least = m->v.v[i].latency < least ? m->v.v[i].latency : least;
		most = m->v.v[i].latency > most ? m->v.v[i].latency : most;
	}
	lo = floor(log10(fmax(1, (double)least)));
	m->least = pow(10, lo);
	m->rows = DECADE * (int)fmax(1, ceil(log10((double)most * 1.01)) - lo);
}

/* The row below which that part of a column's wake-ups are. */
static double percentile(const struct map *m, int col, double part)
{
	int64_t n = 0, sum = 0;

	for (int y = 0; y < m->rows; y++)
		n += m->cells[y * m->columns + col];
	for (int y = 0; y < m->rows; y++) {
		sum += m->cells[y * m->columns + col];
		if (n >= MANY && (double)sum >= part * (double)n)
			return y + 0.5;
	}
	return -1;
}

static void count(struct map *m)
{
	double step = (double)(m->s->to - m->s->from) / m->columns;

	m->cells = array_zeroed((size_t)(m->columns * m->rows), sizeof *m->cells);
	m->p50 = array_zeroed((size_t)m->columns, sizeof *m->p50);
	m->p99 = array_zeroed((size_t)m->columns, sizeof *m->p99);
	for (size_t i = 0; i < m->v.n; i++) {
		int col = (int)((double)(m->v.v[i].ran - m->s->from) / step);
		int64_t *cell;

		col = col >= m->columns ? m->columns - 1 : col;
		cell = &m->cells[(int)row_of(m, m->v.v[i].latency) * m->columns + col];
		m->most = ++*cell > m->most ? *cell : m->most;
	}
	for (int x = 0; x < m->columns; x++) {
		m->p50[x] = percentile(m, x, 0.50);
		m->p99[x] = percentile(m, x, 0.99);
		m->many |= m->p50[x] >= 0;
	}
}

/* From one to most, as many steps on the scale of colours as there are on a logarithmic one. */
static double part(const struct map *m, int64_t n)
{
	return m->most > 1 ? 0.12 + 0.88 * log10((double)n) / log10((double)m->most) : 0.5;
}

/* Cells of one row, equal ones next to each other as one. */
static void boxes(const struct map *m, struct panel *p, int y)
{
	double step = (double)(m->s->to - m->s->from) / m->columns;
	double lo = m->least * pow(10, y / (double)DECADE);
	double hi = m->least * pow(10, (y + 1) / (double)DECADE);
	const int64_t *row = m->cells + y * m->columns;

	for (int x = 0, first = 0; x < m->columns; x++) {
		if (x + 1 < m->columns && row[x + 1] == row[first])
			continue;
		if (row[first])
			panel_box(p, (double)m->s->from + first * step,
				  (double)m->s->from + (x + 1) * step, lo, hi,
				  figure_shade(part(m, row[first])));
		first = x + 1;
	}
}

/* A dash in each column that has a value, three pixels high. */
static void dashes(const struct map *m, struct panel *p, const double *rows, uint32_t rgb)
{
	double step = (double)(m->s->to - m->s->from) / m->columns;
	double half = 1.5 / p->place.h * m->rows;

	for (int x = 0; x < m->columns; x++) {
		double t = (double)m->s->from + x * step;

		if (rows[x] >= 0)
			panel_box(p, t, t + step, m->least * pow(10, (rows[x] - half) / DECADE),
				  m->least * pow(10, (rows[x] + half) / DECADE), rgb);
	}
}

/* What the colours mean. */
static void legend(const struct map *m, struct figure *f)
{
	double x = FIGURE_MARGIN, y = f->top + 8;
	int64_t n = 1;
	char a[FORMAT_MAX];

	figure_put(f, x, y, ALIGN_LEFT, 12, INK, format_text("Wake-ups in a cell:"));
	x += figure_width("Wake-ups in a cell:", 12) + 12;
	for (; n < m->most; n *= 10)
		x = figure_key(f, x, y, figure_shade(part(m, n)), format_count(a, n));
	x = figure_key(f, x, y, figure_shade(part(m, m->most)), format_count(a, m->most));
	if (m->many) {
		x = figure_key(f, x + 20, y, hues[3], "half of a column took no longer");
		figure_key(f, x, y, hues[4], "99% of it");
	}
	f->top += FIGURE_LINE + 14;
}

static void layout(struct map *m, struct figure *f)
{
	const struct scene *s = m->s;
	char a[FORMAT_MAX], b[FORMAT_MAX], *window = scene_window(s);
	struct panel *p;

	figure_begin(
		f, s->width, s->title,
		format_text("%s; how long goroutines that could run had waited when they ran, %s "
			    "time%s",
			    window, format_count(a, (int64_t)m->v.n), m->v.n == 1 ? "" : "s"));
	free(window);
	f->from = s->from;
	f->to = s->to;
	if (m->v.n == 0) {
		figure_empty(f, "no goroutine that had waited for a worker ran in this time");
		return;
	}
	scale(m);
	count(m);
	legend(m, f);
	p = figure_panel(f, (struct rect){LEFT, f->top, m->columns * CELL, HEIGHT});
	p->x = figure_time(f, false);
	p->y = (struct scale){SCALE_DURATION, m->least,
			      m->least * pow(10, m->rows / (double)DECADE), NULL, false};
	for (int y = 0; y < m->rows; y++)
		boxes(m, p, y);
	dashes(m, p, m->p99, hues[4]);
	dashes(m, p, m->p50, hues[3]);
	f->bottom += FIGURE_AXIS;
	figure_note(f, format_text("A cell is %s wide; its colour counts, each shade darker is the "
				   "same factor more.",
				   format_ns(b, (double)(s->to - s->from) / m->columns, 3)));
	if (m->many)
		figure_note(f, format_text("The dashes are as exact as the cells, and where %d or "
					   "more ran.",
					   MANY));
}

static int draw(const struct scene *s, struct figure *f)
{
	struct map m = {.s = s, .columns = (s->width - LEFT - FIGURE_RIGHT) / CELL};
	int ret = scene_ask(s, latency_map_sql, ran_row, &m);

	if (ret == 0)
		layout(&m, f);
	free(m.v.v);
	free(m.cells);
	free(m.p50);
	free(m.p99);
	return ret;
}

const struct plot plot_latency_map = {
	.title = "Wake-up latency over time",
	.words = "When goroutines had to wait long for a worker: dark is many. A band that rises "
		 "for a "
		 "time shows when the workers had too much to do.",
	.window = true,
	.stretch = true,
	.sql = {latency_map_sql},
	.draw = draw,
};
