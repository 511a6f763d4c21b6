/* SPDX-License-Identifier: MIT */
/* A matrix of sums, laid out. */
#include "matrix.h"

#include <math.h>
#include <string.h>

enum { LEFT = 250, CELL = 150, TALL = 40, HEAD = 34 };

/* Rows or columns: which name is where. */
struct side {
	size_t n;		/* how many are shown, the others as one more */
	size_t others;		/* how many those are */
	size_t at[MATRIX_MOST]; /* names */
	size_t *place;		/* of each name; n for the others */
	double total[MATRIX_MOST + 1];
};

struct grid {
	const struct matrix *m;
	struct side rows, columns;
	struct sum cells[MATRIX_MOST + 1][MATRIX_MOST + 1];
	double most;
};

static double worth(const struct matrix *m, const struct sum *s)
{
	return m->times ? (double)s->total : (double)s->n;
}

/* The names with the largest sums. */
static void choose(const struct matrix *m, int key, struct side *side)
{
	double *total = array_zeroed(m->nnames, sizeof *total);
	bool *seen = array_zeroed(m->nnames, 1);
	size_t all = 0;

	side->place = array_zeroed(m->nnames, sizeof *side->place);
	for (size_t i = 0; i < m->sums->n; i++) {
		size_t name = (size_t)m->sums->v[i].key[key];

		all += !seen[name];
		seen[name] = true;
		total[name] += worth(m, &m->sums->v[i]);
	}
	side->n = all > MATRIX_MOST ? MATRIX_MOST : all;
	side->others = all - side->n;
	for (size_t i = 0; i < m->nnames; i++)
		side->place[i] = side->n;
	for (size_t k = 0; k < side->n; k++) {
		size_t best = m->nnames;

		for (size_t i = 0; i < m->nnames; i++)
			if (seen[i] && (best == m->nnames || total[i] > total[best]))
				best = i;
		seen[best] = false;
		side->at[k] = best;
		side->place[best] = k;
	}
	free(total);
	free(seen);
}

static size_t shown(const struct side *side)
{
	return side->n + (side->others > 0);
}

static void fill(struct grid *g)
{
	const struct matrix *m = g->m;

	choose(m, 0, &g->rows);
	choose(m, 1, &g->columns);
	for (size_t i = 0; i < m->sums->n; i++) {
		const struct sum *s = &m->sums->v[i];
		size_t y = g->rows.place[s->key[0]], x = g->columns.place[s->key[1]];

		g->cells[y][x].n += s->n;
		g->cells[y][x].total += s->total;
		g->rows.total[y] += worth(m, s);
		g->columns.total[x] += worth(m, s);
	}
	for (size_t y = 0; y < shown(&g->rows); y++)
		for (size_t x = 0; x < shown(&g->columns); x++)
			g->most = fmax(g->most, worth(m, &g->cells[y][x]));
}

static char *amount(const struct matrix *m, double v)
{
	char buf[FORMAT_MAX];

	return format_text("%s", m->times ? format_ns(buf, v, 3) : format_count(buf, (int64_t)v));
}

static char *name_at(const struct matrix *m, const struct side *side, size_t i, double room)
{
	char *text, *fit;

	if (i < side->n)
		return figure_fit(m->names[side->at[i]], room, 12);
	text = format_text("%zu other%s", side->others, side->others == 1 ? "" : "s");
	fit = figure_fit(text, room, 12);
	free(text);
	return fit;
}

static void put_cell(const struct grid *g, struct figure *f, struct panel *p, size_t y, size_t x,
		     double w)
{
	const struct matrix *m = g->m;
	const struct sum *s = &g->cells[y][x];
	double px = p->place.x + ((double)x + 0.5) * w, py = p->place.y + ((double)y + 0.5) * TALL;
	uint32_t ground = figure_shade(worth(m, s) / g->most), ink = figure_ink(ground);
	char a[FORMAT_MAX], *below;

	if (s->n == 0)
		return;
	panel_box(p, (double)x * w + 1, (double)(x + 1) * w - 1, (double)y * TALL + 1,
		  (double)(y + 1) * TALL - 1, ground);
	below = m->times ? format_text("%s %s%s", format_count(a, s->n), m->unit,
				       s->n == 1 ? "" : "s")
			 : format_text("%s%s", m->unit,
				       format_ns(a, (double)s->total / (double)s->n, 3));
	figure_put(f, px, py - 7, ALIGN_CENTER, 12, ink, amount(m, worth(m, s)));
	figure_put(f, px, py + 9, ALIGN_CENTER, 10, ink, figure_fit(below, w - 4, 10));
	free(below);
}

static void put_heads(const struct grid *g, struct figure *f, const struct panel *p, double w)
{
	const struct matrix *m = g->m;
	size_t ny = shown(&g->rows), nx = shown(&g->columns);
	int x0 = p->place.x, y0 = p->place.y;

	figure_put(f, x0 - 12, y0 - 36, ALIGN_RIGHT, 12, INK_SOFT,
		   format_text("%s \xe2\x86\x93", m->rows));
	figure_put(f, x0, y0 - 36, ALIGN_LEFT, 12, INK_SOFT,
		   format_text("%s \xe2\x86\x92", m->columns));
	for (size_t x = 0; x < nx; x++) {
		figure_put(f, x0 + ((double)x + 0.5) * w, y0 - 13, ALIGN_CENTER, 12, INK,
			   name_at(m, &g->columns, x, w - 8));
		figure_put(f, x0 + ((double)x + 0.5) * w, y0 + (double)ny * TALL + 14, ALIGN_CENTER,
			   12, INK_SOFT, amount(m, g->columns.total[x]));
	}
	for (size_t y = 0; y < ny; y++) {
		double py = y0 + ((double)y + 0.5) * TALL;

		figure_put(f, x0 - 12, py, ALIGN_RIGHT, 12, INK,
			   name_at(m, &g->rows, y, LEFT - FIGURE_MARGIN - 12));
		figure_put(f, x0 + (double)nx * w + 12, py, ALIGN_LEFT, 12, INK_SOFT,
			   amount(m, g->rows.total[y]));
	}
	figure_put(f, x0 + (double)nx * w + 12, y0 + (double)ny * TALL + 14, ALIGN_LEFT, 12,
		   INK_SOFT, format_text("in all"));
}

void matrix_layout(const struct matrix *m, struct figure *f)
{
	struct grid *g = array_zeroed(1, sizeof *g);
	double w;
	size_t nx, ny;
	struct panel *p;

	g->m = m;
	fill(g);
	ny = shown(&g->rows);
	nx = shown(&g->columns);
	w = fmin(CELL, (f->width - LEFT - FIGURE_RIGHT - 80) / (double)nx);
	p = figure_panel(f, (struct rect){LEFT, f->top + HEAD + 16, (int)(w * (double)nx + 0.5),
					  TALL * (int)ny});
	panel_box(p, 0, p->place.w, 0, p->place.h, LANE);
	for (size_t y = 0; y < ny; y++)
		for (size_t x = 0; x < nx; x++)
			put_cell(g, f, p, y, x, w);
	put_heads(g, f, p, w);
	f->bottom += 26;
	figure_note(f, format_text("The darker a cell, the more; below and beside are the sums."));
	free(g->rows.place);
	free(g->columns.place);
	free(g);
}
