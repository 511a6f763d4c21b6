/* SPDX-License-Identifier: MIT */
#include "draw_text.h"

#include <string.h>

enum { LABEL = 24, LANES = 60, LEAST = 20 };

/* What may be in a cell: a colour of the palette, or on a worker a goroutine by its number's end.
 */
enum { GOROUTINES = 36, KINDS = COLORS + GOROUTINES };

static const char digits[] = "0123456789abcdefghijklmnopqrstuvwxyz";

struct canvas {
	const struct timeline *t;
	int columns; /* of the lanes */
	bool color;
	double *cells; /* lane, column, kind: time */
	size_t nlanes;
	bool seen[KINDS];
};

static int kind_of(const struct canvas *c, const struct span *s)
{
	const struct timeline *t = c->t;

	if (t->workers && (s->style == COLOR_running || s->style == COLOR_detached))
		return COLORS + (int)(t->goroutines.v[s->ref].g % GOROUTINES);
	return s->style;
}

static double *cell(const struct canvas *c, size_t lane, int column)
{
	return &c->cells[(lane * (size_t)c->columns + (size_t)column) * KINDS];
}

/* Add a span's time to the cells that it touches. */
static void add(struct canvas *c, const struct span *s)
{
	const struct timeline *t = c->t;
	double px = (double)(t->to - t->from) / c->columns;
	double from = (double)(s->ts > t->from ? s->ts - t->from : 0);
	double to = (double)((s->end < t->to ? s->end : t->to) - t->from);

	if (s->lane >= c->nlanes)
		return;
	for (int i = (int)(from / px); i < c->columns && i * px < to; i++) {
		double a = from > i * px ? from : i * px;
		double b = to < (i + 1) * px ? to : (i + 1) * px;

		if (b > a)
			cell(c, s->lane, i)[kind_of(c, s)] += b - a;
	}
}

/* What took most of a cell's time, or -1. */
static int most(const double *kinds)
{
	int best = -1;

	for (int k = 0; k < KINDS; k++)
		if (kinds[k] > 0 && (best < 0 || kinds[k] > kinds[best]))
			best = k;
	return best;
}

static char letter(int kind)
{
	return kind < 0 ? ' ' : kind < COLORS ? palette[kind].letter : digits[kind - COLORS];
}

static uint32_t rgb_of(int kind)
{
	return kind < COLORS ? palette[kind].rgb : hues[(kind - COLORS) % HUES];
}

static void put(FILE *f, const struct canvas *c, int kind)
{
	uint32_t rgb;

	if (!c->color || kind < 0) {
		fputc(letter(kind), f);
		return;
	}
	rgb = rgb_of(kind);
	fprintf(f, "\033[48;2;%u;%u;%um\033[38;2;%sm%c\033[0m", rgb >> 16, rgb >> 8 & 255,
		rgb & 255,
		(rgb >> 16) * 3 + (rgb >> 8 & 255) * 6 + (rgb & 255) > 1500 ? "0;0;0"
									    : "255;255;255",
		letter(kind));
}

static void print_lane(FILE *f, struct canvas *c, size_t lane)
{
	char *label = format_label(c->t->lanes.v[lane].name, LABEL);

	/* format_label counts characters, printf bytes */
	fputs(label, f);
	for (double w = 0, chars = 0; chars < LABEL; chars++) {
		int len;

		if (w < (double)strlen(label)) {
			format_decode(label + (size_t)w, &len);
			w += len;
		} else {
			fputc(' ', f);
		}
	}
	fputc(' ', f);
	for (int i = 0; i < c->columns; i++) {
		int kind = most(cell(c, lane, i));

		if (kind >= 0)
			c->seen[kind] = true;
		put(f, c, kind);
	}
	fputc('\n', f);
	free(label);
}

/* Under the lanes: where their time is. */
static void print_axis(FILE *f, const struct canvas *c)
{
	char a[FORMAT_MAX], b[FORMAT_MAX];
	const char *from = format_ns(a, (double)c->t->from, 6);
	const char *to = format_ns(b, (double)c->t->to, 6);

	fprintf(f, "%*s%s%*s\n", LABEL + 1, "", from, c->columns - (int)strlen(from), to);
}

static void print_legend(FILE *f, const struct canvas *c)
{
	const struct timeline *t = c->t;

	for (int k = 0; k < COLORS; k++) {
		if (!c->seen[k])
			continue;
		put(f, c, k);
		fprintf(f, " %s\n", palette[k].legend);
	}
	for (size_t i = 0; i < t->goroutines.n && t->workers; i++) {
		int kind = COLORS + (int)(t->goroutines.v[i].g % GOROUTINES);
		char *label;

		if (!c->seen[kind] || i >= 2 * GOROUTINES)
			continue;
		label = format_label(t->goroutines.v[i].name, LABEL);
		put(f, c, kind);
		fprintf(f, " g%llu %s\n", (unsigned long long)t->goroutines.v[i].g, label);
		free(label);
	}
}

static void print_lost(FILE *f, const struct timeline *t)
{
	int64_t lost = timeline_lost(t);
	char buf[FORMAT_MAX];

	if (lost)
		fprintf(f, "%s events are missing from the trace: what is drawn may be wrong.\n",
			format_count(buf, lost));
}

void draw_text(FILE *f, const struct timeline *t, int columns, bool color)
{
	struct canvas c = {.t = t, .columns = columns - LABEL - 1, .color = color};
	char *title = format_label(t->title, columns);

	if (c.columns < LEAST)
		c.columns = LEAST;
	c.nlanes = t->lanes.n < LANES ? t->lanes.n : LANES;
	c.cells = array_zeroed(c.nlanes * (size_t)c.columns * KINDS, sizeof *c.cells);
	for (size_t i = 0; i < t->spans.n; i++)
		add(&c, &t->spans.v[i]);
	fprintf(f, "%s\n", title);
	for (size_t i = 0; i < c.nlanes; i++)
		print_lane(f, &c, i);
	if (c.nlanes < t->lanes.n)
		fprintf(f, "and %zu more lanes\n", t->lanes.n - c.nlanes);
	print_axis(f, &c);
	print_legend(f, &c);
	print_lost(f, t);
	free(c.cells);
	free(title);
}
