/* SPDX-License-Identifier: MIT */
/* A picture, decided: panels with axes and marks, and words in pixels. */
#include "figure.h"

#include <math.h>
#include <string.h>

enum { NOTE = 11, KEY = 640 };

/* ---- Words ---- */

double figure_width(const char *text, int size)
{
	return format_width(text) * size;
}

char *figure_fit(const char *text, double room, int size)
{
	char *label = format_fit(text, room / size);

	/* One letter and an ellipsis tell nothing. */
	if (figure_width(label, size) > room || (strlen(label) < 5 && strcmp(label, text) != 0))
		label[0] = 0;
	return label;
}

void figure_put(struct figure *f, double x, double y, enum align align, int size, uint32_t rgb,
		char *text)
{
	array_add(&f->texts, (struct text){x, y, align, size, false, rgb, text});
}

void figure_put_bold(struct figure *f, double x, double y, enum align align, int size, char *text)
{
	array_add(&f->texts, (struct text){x, y, align, size, true, INK, text});
}

void figure_note(struct figure *f, char *text)
{
	array_add(&f->notes, text);
}

double figure_key(struct figure *f, double x, double y, uint32_t rgb, const char *label)
{
	char *text = figure_fit(label, KEY, 12);

	array_add(&f->swatches,
		  (struct swatch){x, y - FIGURE_SWATCH / 2.0, FIGURE_SWATCH, FIGURE_SWATCH, rgb});
	x += FIGURE_SWATCH + 6;
	figure_put(f, x, y, ALIGN_LEFT, 12, INK, text);
	return x + figure_width(text, 12) + 24;
}

void figure_legend(struct figure *f, const struct key *keys, size_t n)
{
	double x = FIGURE_MARGIN;

	if (n == 0)
		return;
	for (size_t i = 0; i < n; i++) {
		char *text = figure_fit(keys[i].label, KEY, 12);
		double w = FIGURE_SWATCH + 6 + figure_width(text, 12);

		if (x > FIGURE_MARGIN && x + w > f->width - FIGURE_RIGHT) {
			x = FIGURE_MARGIN;
			f->top += FIGURE_LINE + 4;
		}
		x = figure_key(f, x, f->top + 8, keys[i].rgb, keys[i].label);
		free(text);
	}
	f->top += FIGURE_LINE + 10;
}

/* ---- Beginning and end ---- */

void figure_begin(struct figure *f, int width, const char *command, char *said)
{
	double x = FIGURE_MARGIN;

	*f = (struct figure){.name = f->name, .width = width, .top = 68};
	if (f->name) {
		figure_put_bold(f, x, 26, ALIGN_LEFT, 17, format_text("%s", f->name));
		x += figure_width(f->name, 17) * FORMAT_BOLD + 12;
	}
	figure_put(f, x, 26, ALIGN_LEFT, 14, INK_SOFT,
		   figure_fit(command, width - FIGURE_MARGIN - x, 14));
	figure_put(f, FIGURE_MARGIN, 50, ALIGN_LEFT, 12, INK_SOFT, said);
	f->bottom = f->top;
}

void figure_empty(struct figure *f, const char *why)
{
	f->bottom = f->top + 90;
	figure_put(f, f->width / 2.0, f->top + 40, ALIGN_CENTER, 14, INK_SOFT,
		   format_text("%s", why));
}

/* One sentence, in as many lines as it needs; where the next begins. */
static int put_note(struct figure *f, char *text, int y)
{
	double room = f->width - FIGURE_MARGIN - FIGURE_RIGHT;
	char *line = text, *last = NULL, *at = text;

	while ((at = strchr(at, ' '))) {
		*at = 0;
		if (last && figure_width(line, NOTE) > room) {
			*at = ' ';
			*last = 0;
			figure_put(f, FIGURE_MARGIN, y, ALIGN_LEFT, NOTE, INK_SOFT,
				   format_text("%s", line));
			y += FIGURE_LINE;
			line = last + 1;
		}
		*at = ' ';
		last = at++;
	}
	figure_put(f, FIGURE_MARGIN, y, ALIGN_LEFT, NOTE, INK_SOFT, format_text("%s", line));
	return y + FIGURE_LINE;
}

void figure_end(struct figure *f)
{
	int y = f->bottom + 16;

	for (size_t i = 0; i < f->notes.n; i++)
		y = put_note(f, f->notes.v[i], y);
	f->height = f->notes.n ? y : f->bottom + 12;
}

void figure_stretch(struct figure *f, int height)
{
	int dy = height - f->height, edge;

	if (f->panels.n == 0)
		return;
	edge = f->panels.v[0]->place.y + f->panels.v[0]->place.h;
	for (size_t i = 0; i < f->panels.n; i++) {
		struct rect *r = &f->panels.v[i]->place;

		*(r->y >= edge ? &r->y : &r->h) += dy;
	}
	for (size_t i = 0; i < f->texts.n; i++)
		f->texts.v[i].y += f->texts.v[i].y > edge ? dy : 0;
	for (size_t i = 0; i < f->swatches.n; i++)
		f->swatches.v[i].y += f->swatches.v[i].y > edge ? dy : 0;
	f->bottom += dy;
	f->height = height;
}

static void free_panel(struct panel *p)
{
	for (size_t i = 0; i < p->marks.n; i++)
		free(p->marks.v[i].points.v);
	free(p->marks.v);
	free(p->boxes.v);
	free(p->hatches.v);
	free(p);
}

void figure_free(struct figure *f)
{
	for (size_t i = 0; i < f->panels.n; i++)
		free_panel(f->panels.v[i]);
	for (size_t i = 0; i < f->texts.n; i++)
		free(f->texts.v[i].text);
	for (size_t i = 0; i < f->notes.n; i++)
		free(f->notes.v[i]);
	free(f->panels.v);
	free(f->swatches.v);
	free(f->texts.v);
	free(f->notes.v);
}

/* ---- Panels ---- */

struct panel *figure_panel(struct figure *f, struct rect place)
{
	struct panel *p = array_zeroed(1, sizeof *p);

	p->place = place;
	p->x = (struct scale){.max = place.w};
	p->y = (struct scale){.max = place.h};
	if (f->bottom < place.y + place.h)
		f->bottom = place.y + place.h;
	array_add(&f->panels, p);
	return p;
}

struct scale figure_time(const struct figure *f, bool bare)
{
	return (struct scale){SCALE_TIME, (double)f->from, (double)f->to, NULL, bare};
}

struct scale figure_count(double max)
{
	return (struct scale){SCALE_COUNT, 0, fmax(1, max) * 1.05, NULL, false};
}

struct scale figure_durations(double least, double most)
{
	double lo = pow(10, floor(log10(fmax(1, least))));
	double hi = pow(10, ceil(log10(fmax(1, most) * 1.01)));

	return (struct scale){SCALE_DURATION, lo, hi > lo ? hi : 10 * lo, NULL, false};
}

struct mark *panel_mark(struct panel *p, enum mark_kind kind, uint32_t rgb)
{
	array_add(&p->marks, (struct mark){.kind = kind, .rgb = rgb});
	return &p->marks.v[p->marks.n - 1];
}

void mark_point(struct mark *m, double x, double y)
{
	array_add(&m->points, (struct point){x, y});
}

void panel_columns(struct panel *p, enum mark_kind kind, uint32_t rgb, double x0, double dx,
		   const double *v, int n)
{
	struct mark *m = panel_mark(p, kind, rgb);

	for (int i = 0, first = 0; i < n; i++) {
		if (i + 1 < n && v[i + 1] == v[i])
			continue;
		mark_point(m, x0 + dx * first, v[i]);
		mark_point(m, x0 + dx * (i + 1), v[i]);
		first = i + 1;
	}
}

void panel_box(struct panel *p, double x0, double x1, double y0, double y1, uint32_t rgb)
{
	array_add(&p->boxes, (struct box){x0, x1, y0, y1, rgb});
}

/* ---- Colours ---- */

uint32_t figure_shade(double part)
{
	double at = fmin(fmax(part, 0), 1) * (SHADES - 1);
	int i = at >= SHADES - 1 ? SHADES - 2 : (int)at;
	uint32_t rgb = 0;

	for (int shift = 16; shift >= 0; shift -= 8) {
		double a = shades[i] >> shift & 255, b = shades[i + 1] >> shift & 255;

		rgb = rgb << 8 | (uint32_t)lround(a + (b - a) * (at - i));
	}
	return rgb;
}

uint32_t figure_ink(uint32_t ground)
{
	double light =
		0.30 * (ground >> 16 & 255) + 0.59 * (ground >> 8 & 255) + 0.11 * (ground & 255);

	return light < 150 ? PAPER : INK;
}
