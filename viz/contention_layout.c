/* SPDX-License-Identifier: MIT */
/* The picture of contention, decided: where which bar, which word. */
#include "contention.h"

#include <math.h>
#include <string.h>

enum {
	MARGIN = 20,
	TOP = 126,
	PITCH = 50,
	BOTTOM = 66,
	WAITERS = 150,
	WAITERS_ROOM = 64,
	SWATCH = 12
};

static void put(struct contention_layout *l, double x, double y, enum align align, int size,
		uint32_t rgb, char *text)
{
	array_add(&l->texts, (struct text){x, y, align, size, false, rgb, text});
}

static void put_bold(struct contention_layout *l, double x, double y, int size, char *text)
{
	put(l, x, y, ALIGN_LEFT, size, INK, text);
	l->texts.v[l->texts.n - 1].bold = true;
}

static void put_swatch(struct contention_layout *l, double x, double y, uint32_t rgb)
{
	array_add(&l->swatches, (struct swatch){x, y - SWATCH / 2.0, SWATCH, SWATCH, rgb});
}

/* As many characters as fit into that many pixels. */
static char *fit(const char *text, double room, int size)
{
	int max = (int)strlen(text) + 1;
	char *label = format_label(text, max);

	while (format_width(label) * size > room && max > 4) {
		free(label);
		max = max > 60 ? max - 10 : max - 1;
		label = format_label(text, max);
	}
	return label;
}

/* ---- One line for each object ---- */

static void put_bar(struct contention_layout *l, const struct contention *c,
		    const struct contended *row, double y)
{
	char a[FORMAT_MAX], b[FORMAT_MAX], *part;
	double at = 0, px = l->bars.w / l->bars_max;

	for (int i = 0; i < COLORS; i++) {
		if (row->by_color[i] == 0)
			continue;
		array_add(&l->boxes, (struct box){at, at + (double)row->by_color[i], y - 13, y + 13,
						  palette[i].rgb});
		at += (double)row->by_color[i];
	}
	part = contention_idle(c, row)
		       ? format_text("%s", "")
		       : format_text("   %.0f%%", 100.0 * (double)row->total /
							  (double)(c->total > 0 ? c->total : 1));
	put(l, l->bars.x + at * px + 8, l->bars.y + y - 8, ALIGN_LEFT, 12, INK,
	    format_text("%s%s", format_ns(a, (double)row->total, 3), part));
	free(part);
	put(l, l->bars.x + at * px + 8, l->bars.y + y + 8, ALIGN_LEFT, 11, INK_SOFT,
	    format_text("%s wait%s", format_count(b, row->waits), row->waits == 1 ? "" : "s"));
}

static void put_row(struct contention_layout *l, const struct contention *c, size_t i, double y)
{
	const struct contended *row = &c->rows.v[i];
	const struct object *o = &c->objects.v[row->obj];
	double py = l->bars.y + y, x = l->spread.x + l->spread.w + 26;
	double room = l->bars.x - MARGIN - SWATCH - 20;
	const char *slash = o->where ? strrchr(o->where, '/') : NULL;
	char *who = contention_who(c, row), *kind, buf[FORMAT_MAX];

	if (i < (size_t)l->ncurves)
		put_swatch(l, MARGIN, py - 8, hues[i]);
	put_bold(l, MARGIN + SWATCH + 7, py - 8, 12, fit(o->label, room * 0.93, 12));
	kind = o->where ? format_text("%s, %s", o->kind, slash ? slash + 1 : o->where)
			: format_text("%s", o->kind);
	put(l, MARGIN + SWATCH + 7, py + 8, ALIGN_LEFT, 11, INK_SOFT, fit(kind, room, 11));
	put_bar(l, c, row, y);
	put(l, x, row->open ? py - 8 : py, ALIGN_LEFT, 11, INK,
	    fit(who, l->width - x - MARGIN, 11));
	if (row->open)
		put(l, x, py + 8, ALIGN_LEFT, 11, palette[COLOR_wait_mutex_lock].rgb,
		    format_text("%s still waiting when the trace ended",
				format_count(buf, row->open)));
	array_add(&l->rows, *row);
	free(kind);
	free(who);
}

/* What has no line of its own. */
static void put_rest(struct contention_layout *l, const struct contention *c, size_t shown)
{
	int64_t total = 0, waits = 0;
	char a[FORMAT_MAX], b[FORMAT_MAX];

	for (size_t i = shown; i < c->rows.n; i++) {
		total += c->rows.v[i].total;
		waits += c->rows.v[i].waits;
	}
	if (shown < c->rows.n)
		put(l, MARGIN + SWATCH + 7, l->bars.y + l->bars.h + 12, ALIGN_LEFT, 11, INK_SOFT,
		    format_text("and %zu other object%s: %s in %s waits", c->rows.n - shown,
				c->rows.n - shown == 1 ? "" : "s", format_ns(a, (double)total, 3),
				format_count(b, waits)));
}

static void put_headings(struct contention_layout *l)
{
	double y = TOP - 18, x = l->bars.x;

	put(l, MARGIN + SWATCH + 7, y, ALIGN_LEFT, 12, INK_SOFT, format_text("Waited for"));
	put(l, x, y, ALIGN_LEFT, 12, INK_SOFT, format_text("Total, by reason"));
	put(l, l->spread.x, y, ALIGN_LEFT, 12, INK_SOFT,
	    format_text("One wait: median \xe2\x97\x8b   p99 \xe2\x97\x8f   longest |"));
	put(l, l->spread.x + l->spread.w + 26, y, ALIGN_LEFT, 12, INK_SOFT,
	    format_text("Because of whom"));
}

/* The reasons that occur, as a legend. */
static void put_legend(struct contention_layout *l, const struct contention *c)
{
	int64_t sum[COLORS] = {0};
	double x = MARGIN;

	for (size_t i = 0; i < c->rows.n; i++)
		for (int k = 0; k < COLORS; k++)
			sum[k] += c->rows.v[i].by_color[k];
	for (int k = 0; k < COLORS; k++) {
		if (sum[k] == 0)
			continue;
		put_swatch(l, x, 76, palette[k].rgb);
		put(l, x + SWATCH + 6, 76, ALIGN_LEFT, 12, INK,
		    format_text("%s", palette[k].legend));
		x += SWATCH + 6 + format_width(palette[k].legend) * 12 + 26;
	}
}

static void put_title(struct contention_layout *l, const struct contention *c)
{
	char a[FORMAT_MAX], b[FORMAT_MAX], d[FORMAT_MAX];
	char *idle = c->idle ? format_text("; for others' ends and for I/O %s",
					   format_ns(d, (double)c->idle, 4))
			     : format_text("%s", "");

	put_bold(l, MARGIN, 26, 17, fit(c->title, (l->width - 2 * MARGIN) * 0.93, 17));
	put(l, MARGIN, 50, ALIGN_LEFT, 12, INK_SOFT,
	    format_text(
		    "in a run of %s goroutines waited for channels and locks for %s altogether%s",
		    format_ns(a, (double)c->dur, 4), format_ns(b, (double)c->total, 4), idle));
	free(idle);
}

/* ---- Waiters over time ---- */

static void add_wait(double *curve, int w, double x0, double x1)
{
	for (int x = (int)x0; x < w && x < x1; x++)
		curve[x] += (x1 < x + 1 ? x1 : x + 1) - (x0 > x ? x0 : x);
}

static void count_waiters(struct contention_layout *l, const struct contention *c)
{
	int w = l->waiters.w;
	double px = w / (double)(c->dur > 0 ? c->dur : 1);
	int *curve_of = array_zeroed(c->objects.n, sizeof *curve_of);

	for (int i = 0; i < l->ncurves; i++) {
		l->curves[i] = array_zeroed((size_t)w, sizeof(double));
		curve_of[c->rows.v[i].obj] = i + 1;
	}
	for (size_t i = 0; i < c->waits.n; i++) {
		const struct wait *wait = &c->waits.v[i];

		if (curve_of[wait->obj])
			add_wait(l->curves[curve_of[wait->obj] - 1], w, (double)wait->ts * px,
				 (double)(wait->ts + wait->dur) * px);
	}
	for (int i = 0; i < l->ncurves; i++)
		for (int x = 0; x < w; x++) {
			l->curves[i][x] += i ? l->curves[i - 1][x] : 0;
			l->waiters_max = fmax(l->waiters_max, l->curves[i][x]);
		}
	l->waiters_max = fmax(1, l->waiters_max * 1.05);
	free(curve_of);
}

static void put_waiters_title(struct contention_layout *l, const struct contention *c)
{
	double x = l->waiters.x, y = l->waiters.y - 16;
	static const char title[] = "Goroutines that wait, over time:";

	put(l, x, y, ALIGN_LEFT, 12, INK, format_text("%s", title));
	x += format_width(title) * 12 + 14;
	for (int i = 0; i < l->ncurves; i++) {
		char *label = format_label(c->objects.v[c->rows.v[i].obj].label, 30);

		put_swatch(l, x, y, hues[i]);
		put(l, x + SWATCH + 6, y, ALIGN_LEFT, 12, INK, label);
		x += SWATCH + 6 + format_width(label) * 12 + 22;
	}
}

/* ---- Where everything goes ---- */

static void place(struct contention_layout *l, const struct contention *c, int width, int height,
		  size_t shown)
{
	int left = MARGIN + (int)(0.17 * width), rows = (int)shown * PITCH;

	l->width = width;
	l->pitch = PITCH;
	l->bars = (struct rect){left, TOP, (int)(0.27 * width), rows};
	l->spread = (struct rect){left + l->bars.w + 20, TOP, (int)(0.20 * width), rows};
	l->waiters.x = 76;
	l->waiters.w = width - l->waiters.x - 28;
	l->waiters.y = TOP + rows + WAITERS_ROOM + 10;
	l->waiters.h = height - l->waiters.y - BOTTOM;
	if (l->waiters.h > 2 * WAITERS)
		l->waiters.h = 2 * WAITERS;
	l->height = l->waiters.y + l->waiters.h + BOTTOM;
	l->dur = c->dur > 0 ? c->dur : 1;
	l->axis = format_axis(0, l->dur, l->waiters.w / 90);
}

/* Of the spread's axis: whole powers of ten. */
static void scale(struct contention_layout *l, const struct contention *c, size_t shown)
{
	double least = 1e18, most = 1;

	for (size_t i = 0; i < shown; i++) {
		l->bars_max = fmax(l->bars_max, (double)c->rows.v[i].total / 0.68);
		least = fmin(least, fmax(1, (double)c->rows.v[i].median));
		most = fmax(most, (double)c->rows.v[i].longest);
	}
	l->spread_min = pow(10, floor(log10(least)));
	l->spread_max = pow(10, ceil(log10(most * 1.01)));
	l->bars_max = fmax(1, l->bars_max);
}

void contention_layout(const struct contention *c, int width, int height,
		       struct contention_layout *l)
{
	int room = (height - TOP - WAITERS_ROOM - WAITERS - BOTTOM) / PITCH;
	size_t shown = c->rows.n < CONTENTION_ROWS ? c->rows.n : CONTENTION_ROWS;

	memset(l, 0, sizeof *l);
	if (shown > (size_t)(room > 1 ? room : 1))
		shown = (size_t)(room > 1 ? room : 1);
	l->ncurves = (int)(shown < CONTENTION_CURVES ? shown : CONTENTION_CURVES);
	place(l, c, width, height, shown);
	scale(l, c, shown);
	count_waiters(l, c);
	put_title(l, c);
	if (shown == 0) {
		l->height = TOP + 60;
		put(l, width / 2.0, TOP + 16, ALIGN_CENTER, 14, INK_SOFT,
		    format_text("no goroutine waited for a channel, a lock or another object"));
		return;
	}
	put_legend(l, c);
	put_headings(l);
	for (size_t i = 0; i < shown; i++)
		put_row(l, c, i, ((double)i + 0.5) * PITCH);
	put_rest(l, c, shown);
	put_waiters_title(l, c);
}

void contention_layout_free(struct contention_layout *l)
{
	for (size_t i = 0; i < l->texts.n; i++)
		free(l->texts.v[i].text);
	for (int i = 0; i < l->ncurves; i++)
		free(l->curves[i]);
	free(l->texts.v);
	free(l->swatches.v);
	free(l->boxes.v);
	free(l->rows.v);
}
