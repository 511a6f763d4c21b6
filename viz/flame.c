/* SPDX-License-Identifier: MIT */
/* Flame graphs, laid out. */
#include "flame.h"

#include <string.h>

enum {
	PITCH = 19,
	MOST_DEEP = 60,
	LEAST = 1 /* pixels */,
	NEUTRAL = 0xdde5ec,
	NEUTRAL_2 = 0xcdd8e2
};

/* A box that is still open: lines that begin like this one go on into it. */
struct open {
	const char *frame;
	size_t len;
	double x0;
	uint32_t rgb;
};

struct drawing {
	struct figure *f;
	struct panel *p;
	double px; /* pixels for a ns */
	int deep, narrow, too_deep;
	struct open open[MOST_DEEP];
};

void flame_add(struct flame *fl, char *frames, int64_t cost, int from, uint32_t rgb)
{
	array_add(&fl->lines, (struct flame_line){frames, cost, from, rgb});
}

char *flame_frame(const char *text)
{
	char *copy = format_text("%s", text);

	for (char *at = copy; (at = strchr(at, ';'));)
		*at = ',';
	return copy;
}

static int by_frames(const void *a, const void *b)
{
	const struct flame_line *x = a, *y = b;
	int c = strcmp(x->frames, y->frames);

	if (c)
		return c;
	if (x->rgb != y->rgb)
		return x->rgb < y->rgb ? -1 : 1;
	return x->cost < y->cost ? 1 : x->cost > y->cost ? -1 : 0;
}

/* How many frames a line has. */
static int depth(const char *frames)
{
	int n = 1;

	while ((frames = strchr(frames, ';'))) {
		frames++;
		n++;
	}
	return n < MOST_DEEP ? n : MOST_DEEP;
}

/* The boxes above the lowest `keep` end at x. */
static void close(struct drawing *d, int keep, double x)
{
	while (d->deep > keep) {
		struct open *o = &d->open[--d->deep];
		double w = (x - o->x0) * d->px;
		double y1 = d->p->place.h - d->deep * PITCH, y0 = y1 - PITCH + 1;
		char *name, *fit;

		if (w < LEAST) {
			d->narrow++;
			continue;
		}
		panel_box(d->p, o->x0 * d->px, x * d->px - (w > 4 ? 1 : 0), y0, y1, o->rgb);
		if (w < 24)
			continue;
		name = format_text("%.*s", (int)o->len, o->frame);
		fit = figure_fit(name, w - 8, 11);
		figure_put(d->f, d->p->place.x + o->x0 * d->px + 4, d->p->place.y + (y0 + y1) / 2,
			   ALIGN_LEFT, 11, figure_ink(o->rgb), fit);
		free(name);
	}
}

/* A line goes on in the boxes that it has in common with the one before, and opens the others. */
static void add_line(struct drawing *d, const struct flame_line *line, double x)
{
	const char *at = line->frames;
	int level = 0;
	bool same = true;

	for (; at && level < MOST_DEEP; level++) {
		const char *end = strchr(at, ';');
		size_t len = end ? (size_t)(end - at) : strlen(at);
		uint32_t rgb = level >= line->from ? line->rgb : level % 2 ? NEUTRAL_2 : NEUTRAL;

		same = same && level < d->deep && d->open[level].len == len &&
		       d->open[level].rgb == rgb && memcmp(d->open[level].frame, at, len) == 0;
		if (!same) {
			close(d, level, x);
			d->open[d->deep++] = (struct open){at, len, x, rgb};
		}
		at = end ? end + 1 : NULL;
	}
	d->too_deep += at != NULL;
	close(d, level, x);
}

static void scale(struct drawing *d, double total)
{
	char a[FORMAT_MAX];
	const struct rect *r = &d->p->place;
	double step = format_step(total, 8);

	for (double t = 0; total > 0 && t <= total; t += step)
		figure_put(d->f, r->x + t * d->px, r->y + r->h + 14,
			   t == 0 ? ALIGN_LEFT : ALIGN_CENTER, 11, INK_SOFT,
			   t == 0 ? format_text("0") : format_text("%s", format_ns(a, t, 3)));
	d->f->bottom += 24;
}

void flame_layout(struct flame *fl, struct figure *f)
{
	struct drawing d = {.f = f};
	int rows = 1;
	double total = 0, x = 0;
	char a[FORMAT_MAX];

	qsort(fl->lines.v, fl->lines.n, sizeof *fl->lines.v, by_frames);
	for (size_t i = 0; i < fl->lines.n; i++) {
		int n = depth(fl->lines.v[i].frames);

		rows = n > rows ? n : rows;
		total += (double)fl->lines.v[i].cost;
	}
	d.p = figure_panel(f, (struct rect){FIGURE_MARGIN, f->top,
					    f->width - FIGURE_MARGIN - FIGURE_RIGHT, rows * PITCH});
	d.px = d.p->place.w / (total > 0 ? total : 1);
	for (size_t i = 0; i < fl->lines.n; i++) {
		add_line(&d, &fl->lines.v[i], x);
		x += (double)fl->lines.v[i].cost;
	}
	close(&d, 0, x);
	scale(&d, total);
	figure_note(
		f, format_text("A box is as wide as the time waited in it and in what is above it; "
			       "%s in all. From left to right is no order of time.",
			       format_ns(a, total, 4)));
	if (d.narrow)
		figure_note(f, format_text("%s box%s narrower than a pixel and not drawn.",
					   format_count(a, d.narrow),
					   d.narrow == 1 ? " is" : "es are"));
	if (d.too_deep)
		figure_note(f, format_text("Of %s stack%s only the lowest %d boxes are drawn.",
					   format_count(a, d.too_deep), d.too_deep == 1 ? "" : "s",
					   MOST_DEEP));
}

void flame_free(struct flame *fl)
{
	for (size_t i = 0; i < fl->lines.n; i++)
		free(fl->lines.v[i].frames);
	free(fl->lines.v);
}
