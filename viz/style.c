/* SPDX-License-Identifier: MIT */
/* Who has which colour in a timeline, and what the legend says of it. */
#include "layout.h"

#include <string.h>

const struct palette palette[COLORS] = {
#define COLOR(name, rgb, legend, letter) {#name, rgb, legend, letter},
#include "palette.def"
};

const uint32_t hues[] = {
#define HUE(rgb) rgb,
#include "palette.def"
};
_Static_assert(sizeof hues / sizeof *hues == HUES, "HUES is not the number of rows");

const uint32_t shades[] = {
#define SHADE(rgb) rgb,
#include "palette.def"
};
_Static_assert(sizeof shades / sizeof *shades == SHADES, "SHADES is not the number of rows");

enum color palette_wait(const char *why)
{
#define WAIT(name, phrase, doc)                                                                    \
	if (strcmp(why, #name) == 0)                                                               \
		return COLOR_wait_##name; /* undeclared? add it to viz/palette.def */
#include "waits.def"
#undef WAIT
	return COLOR_wait_other;
}

uint32_t palette_lighter(uint32_t rgb)
{
	uint32_t out = 0;

	for (int shift = 16; shift >= 0; shift -= 8) {
		uint32_t c = rgb >> shift & 255;

		out = out << 8 | (c + (255 - c) * 30 / 100);
	}
	return out;
}

/* The part of a span that is in the window. */
static double inside(const struct timeline *t, const struct span *s)
{
	int64_t a = s->ts > t->from ? s->ts : t->from, b = s->end < t->to ? s->end : t->to;

	return b > a ? (double)(b - a) : 0;
}

/* A goroutine that ran, and for how long. */
struct share {
	size_t goroutine;
	const char *name;
	double total;
};

/* Goroutines of one name: shares first to first + n - 1. */
struct crew {
	double total;
	size_t first, n;
};

/* Who ran on the workers, the crew that ran longest first. */
struct crews {
	struct share *shares;
	struct crew *v;
	size_t n;
};

static int by_name(const void *a, const void *b)
{
	const struct share *x = a, *y = b;
	int c = strcmp(x->name, y->name);

	return c ? c : (x->goroutine > y->goroutine) - (x->goroutine < y->goroutine);
}

static int by_total(const void *a, const void *b)
{
	const struct crew *x = a, *y = b;

	if (x->total != y->total)
		return x->total < y->total ? 1 : -1;
	return (x->first > y->first) - (x->first < y->first);
}

/* The goroutines that ran, by name if they are more than there are hues; else each alone. */
static struct crews find_crews(const struct timeline *t)
{
	struct crews c = {array_zeroed(t->goroutines.n, sizeof *c.shares),
			  array_zeroed(t->goroutines.n, sizeof *c.v), 0};
	double *total = array_zeroed(t->goroutines.n, sizeof *total);
	size_t n = 0;

	for (size_t i = 0; i < t->spans.n; i++) {
		const struct span *s = &t->spans.v[i];

		if (s->lane != NO_LANE && s->style == COLOR_running)
			total[s->ref] += inside(t, s) + 1e-9; /* never nothing: it ran */
	}
	for (size_t i = 0; i < t->goroutines.n; i++)
		if (total[i] > 0)
			c.shares[n++] = (struct share){i, t->goroutines.v[i].name, total[i]};
	if (n > HUES)
		qsort(c.shares, n, sizeof *c.shares, by_name);
	for (size_t i = 0; i < n; i++) {
		if (n <= HUES || i == 0 || strcmp(c.shares[i].name, c.shares[i - 1].name) != 0)
			c.v[c.n++] = (struct crew){0, i, 0};
		c.v[c.n - 1].total += c.shares[i].total;
		c.v[c.n - 1].n++;
	}
	qsort(c.v, c.n, sizeof *c.v, by_total);
	free(total);
	return c;
}

/* The name of the goroutine, or of all that share its name. */
static char *crew_label(const struct timeline *t, const struct crews *c, const struct crew *crew)
{
	const struct share *s = &c->shares[crew->first];
	char buf[FORMAT_MAX];

	if (crew->n == 1)
		return format_text("g%llu %s", (unsigned long long)t->goroutines.v[s->goroutine].g,
				   s->name);
	return format_text("%s (%s)", s->name, format_count(buf, (int64_t)crew->n));
}

static uint16_t add_style(struct timeline *t, uint32_t rgb, char *legend)
{
	array_add(&t->styles, (struct style){rgb, true, legend, 0});
	array_add(&t->styles, (struct style){palette_lighter(rgb), true, NULL, 0});
	return (uint16_t)(t->styles.n - 2);
}

/* A style for each crew, and a lighter one that its members take in turns, so that neighbours can
 * be told apart; one for all crews that are left when the hues are used up. */
static void style_crews(struct timeline *t, const struct crews *c, uint16_t *of_goroutine)
{
	uint16_t style = 0;

	for (size_t i = 0; i < c->n; i++) {
		if (i < HUES)
			style = add_style(t, hues[i], crew_label(t, c, &c->v[i]));
		else if (i == HUES)
			style = add_style(t, OTHERS,
					  format_text("%zu other functions", c->n - HUES));
		t->styles.v[style].total += c->v[i].total;
		for (size_t k = 0; k < c->v[i].n; k++)
			of_goroutine[c->shares[c->v[i].first + k].goroutine] =
				(uint16_t)(style + k % 2);
	}
}

/* Running, on a worker: the colour tells who. */
static void style_goroutines(struct timeline *t)
{
	uint16_t *style = array_zeroed(t->goroutines.n, sizeof *style);
	struct crews c = find_crews(t);

	style_crews(t, &c, style);
	for (size_t i = 0; i < t->spans.n; i++) {
		struct span *s = &t->spans.v[i];

		if (s->lane != NO_LANE && s->style == COLOR_running)
			s->style = style[s->ref];
	}
	free(c.shares);
	free(c.v);
	free(style);
}

void style_timeline(struct timeline *t)
{
	for (int i = 0; i < COLORS; i++)
		array_add(&t->styles,
			  (struct style){palette[i].rgb, i == COLOR_running || i == COLOR_detached,
					 NULL, 0});
	for (size_t i = 0; i < t->spans.n; i++) {
		const struct span *s = &t->spans.v[i];
		struct style *style = &t->styles.v[s->style];

		if (s->lane == NO_LANE || (t->workers && s->style == COLOR_running))
			continue;
		style->total += inside(t, s);
		if (!style->legend)
			style->legend = format_text("%s", palette[s->style].legend);
	}
	if (t->workers)
		style_goroutines(t);
}
