/* SPDX-License-Identifier: MIT */
/* The picture of contention, decided: where which bar, which word. */
#include "contention.h"

#include <math.h>
#include <string.h>

enum {
	MARGIN = 20,
	LEGEND = 76,
	LEGEND_LINE = 22,
	HEADS = 50, /* from the legend to the rows */
	PITCH = 50,
	BOTTOM = 66,
	WAITERS = 150,
	WAITERS_ROOM = 64,
	SWATCH = 12,
	LEAST = 4, /* wide a part of a bar, so that all can be seen */
	NOTE = 18,
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

static char *fit(const char *text, double room, int size)
{
	return format_fit(text, room / size);
}

/* Bold letters are wider. */
static char *fit_bold(const char *text, double room, int size)
{
	return format_fit(text, room / FORMAT_BOLD / size);
}

/* ---- One line for each object ---- */

static void put_bar(struct contention_layout *l, const struct contention *c,
		    const struct contended *row, double y)
{
	char a[FORMAT_MAX], b[FORMAT_MAX], p[FORMAT_MAX], *part;
	double at = 0, px = l->bars.w / l->bars_max;

	for (int i = 0; i < COLORS; i++) {
		double end = at + fmax((double)row->by_color[i], LEAST / px);

		if (row->by_color[i] == 0)
			continue;
		array_add(&l->boxes, (struct box){at, end, y - 13, y + 13, palette[i].rgb});
		at = end;
	}
	part = contention_idle(c, row)
		       ? format_text("%s", "")
		       : format_text(
				 "   %s",
				 format_percent(p, (double)row->total /
							   (double)(c->total > 0 ? c->total : 1)));
	put(l, l->bars.x + at * px + 8, l->bars.y + y - 8, ALIGN_LEFT, 12, INK,
	    format_text("%s%s", format_ns(a, (double)row->total, 3), part));
	free(part);
	put(l, l->bars.x + at * px + 8, l->bars.y + y + 8, ALIGN_LEFT, 11, INK_SOFT,
	    format_text("%s wait%s", format_count(b, row->waits), row->waits == 1 ? "" : "s"));
}

/* Because of whom; and below it what else there is to say. */
static void put_who(struct contention_layout *l, const struct contention *c,
		    const struct contended *row, double y)
{
	const struct object *o = &c->objects.v[row->obj];
	double x = l->spread.x + l->spread.w + 26, room = l->width - x - MARGIN;
	char buf[FORMAT_MAX], *who = contention_who(c, row), *more;

	put(l, x, row->open || o->most ? y - 8 : y, ALIGN_LEFT, 11, INK, fit(who, room, 11));
	if (row->open) {
		put(l, x, y + 8, ALIGN_LEFT, 11, palette[COLOR_wait_mutex_lock].rgb,
		    format_text("%s still waiting when the trace ended",
				format_count(buf, row->open)));
	} else if (o->most) {
		more = format_text("of these most for %s", o->most);
		put(l, x, y + 8, ALIGN_LEFT, 11, INK_SOFT, fit(more, room, 11));
		free(more);
	}
	free(who);
}

static void put_row(struct contention_layout *l, const struct contention *c, size_t i, double y)
{
	const struct contended *row = &c->rows.v[i];
	const struct object *o = &c->objects.v[row->obj];
	double py = l->bars.y + y, room = l->bars.x - MARGIN - SWATCH - 20;
	const char *slash = o->where ? strrchr(o->where, '/') : NULL;
	char *kind;

	if ((int)i < l->named)
		put_swatch(l, MARGIN, py - 8, l->curves[i].rgb);
	put_bold(l, MARGIN + SWATCH + 7, py - 8, 12, fit_bold(o->label, room, 12));
	kind = o->where ? format_text("%s, %s", o->kind, slash ? slash + 1 : o->where)
			: format_text("%s", o->kind);
	put(l, MARGIN + SWATCH + 7, py + 8, ALIGN_LEFT, 11, INK_SOFT, fit(kind, room, 11));
	put_bar(l, c, row, y);
	put_who(l, c, row, py);
	array_add(&l->rows, *row);
	free(kind);
}

/* What has no line of its own. */
static void put_rest(struct contention_layout *l, const struct contention *c, size_t shown)
{
	int64_t total = 0, waits = 0;
	char a[FORMAT_MAX], b[FORMAT_MAX], n[FORMAT_MAX];

	for (size_t i = shown; i < c->rows.n; i++) {
		total += c->rows.v[i].total;
		waits += c->rows.v[i].waits;
	}
	if (shown < c->rows.n)
		put(l, MARGIN + SWATCH + 7, l->bars.y + l->bars.h + 12, ALIGN_LEFT, 11, INK_SOFT,
		    format_text("and %s other object%s: %s in %s waits",
				format_count(n, (int64_t)(c->rows.n - shown)),
				c->rows.n - shown == 1 ? "" : "s", format_ns(a, (double)total, 3),
				format_count(b, waits)));
}

static void put_headings(struct contention_layout *l)
{
	double y = l->bars.y - 18, x = l->bars.x;

	put(l, MARGIN + SWATCH + 7, y, ALIGN_LEFT, 12, INK_SOFT, format_text("Waited for"));
	put(l, x, y, ALIGN_LEFT, 12, INK_SOFT, format_text("Total, by reason"));
	put(l, l->spread.x, y, ALIGN_LEFT, 12, INK_SOFT,
	    format_text("One wait: median \xe2\x97\x8b   p99 \xe2\x97\x8f   longest |"));
	put(l, l->spread.x + l->spread.w + 26, y, ALIGN_LEFT, 12, INK_SOFT,
	    format_text("Because of whom"));
}

/* The reasons for which the first were waited for, as a legend; where its last line is. */
static int put_legend(struct contention_layout *l, const struct contention *c, size_t shown)
{
	int64_t sum[COLORS] = {0};
	double x = MARGIN;
	int y = LEGEND;

	for (size_t i = 0; i < shown; i++)
		for (int k = 0; k < COLORS; k++)
			sum[k] += c->rows.v[i].by_color[k];
	for (int k = 0; k < COLORS; k++) {
		double w = SWATCH + 6 + format_width(palette[k].legend) * 12;

		if (sum[k] == 0)
			continue;
		if (x + w > l->width - MARGIN) {
			x = MARGIN;
			y += LEGEND_LINE;
		}
		put_swatch(l, x, y, palette[k].rgb);
		put(l, x + SWATCH + 6, y, ALIGN_LEFT, 12, INK,
		    format_text("%s", palette[k].legend));
		x += w + 26;
	}
	return y;
}

static void put_title(struct contention_layout *l, const struct contention *c)
{
	static const char name[] = "Contention";
	char a[FORMAT_MAX], b[FORMAT_MAX];
	char *idle = c->idle ? format_text("; for others' ends and for I/O %s",
					   format_ns(a, (double)c->idle, 4))
			     : format_text("%s", "");
	double x = MARGIN + format_width(name) * 17 * FORMAT_BOLD + 12;

	put_bold(l, MARGIN, 26, 17, format_text("%s", name));
	put(l, x, 26, ALIGN_LEFT, 14, INK_SOFT, fit(c->title, l->width - MARGIN - x, 14));
	put(l, MARGIN, 50, ALIGN_LEFT, 12, INK_SOFT,
	    format_text("%s; goroutines waited for channels and locks for %s altogether%s", c->when,
			format_ns(b, (double)c->total, 4), idle));
	free(idle);
}

/* ---- Waiters over time ---- */

static void add_wait(double *curve, int w, double x0, double x1)
{
	for (int x = (int)x0; x < w && x < x1; x++)
		curve[x] += (x1 < x + 1 ? x1 : x + 1) - (x0 > x ? x0 : x);
}

/* Which curves there are: of the first objects, and one of all others that are contended. */
static void choose_curves(struct contention_layout *l, const struct contention *c, size_t shown)
{
	l->named = (int)(shown < CONTENTION_CURVES ? shown : CONTENTION_CURVES);
	for (; l->ncurves < l->named; l->ncurves++)
		l->curves[l->ncurves].rgb = hues[l->ncurves];
	if ((size_t)l->named < c->rows.n && !contention_idle(c, &c->rows.v[l->named]))
		l->curves[l->ncurves++].rgb = OTHERS;
}

static void count_waiters(struct contention_layout *l, const struct contention *c)
{
	int w = l->waiters.w, *curve_of = array_zeroed(c->objects.n, sizeof *curve_of);
	double px = w / (double)(l->to - l->from);

	for (int i = 0; i < l->ncurves; i++)
		l->curves[i].v = array_zeroed((size_t)w, sizeof *l->curves[i].v);
	for (int i = 0; i < (int)c->rows.n; i++) {
		const struct contended *row = &c->rows.v[i];

		if (i < l->named)
			curve_of[row->obj] = i + 1;
		else if (l->ncurves > l->named && !contention_idle(c, row))
			curve_of[row->obj] = l->ncurves;
	}
	for (size_t i = 0; i < c->waits.n; i++) {
		const struct wait *wait = &c->waits.v[i];

		if (curve_of[wait->obj])
			add_wait(l->curves[curve_of[wait->obj] - 1].v, w,
				 fmax(0, (double)(wait->ts - l->from) * px),
				 (double)(wait->ts + wait->dur - l->from) * px);
	}
	for (int i = 0; i < l->ncurves; i++)
		for (int x = 0; x < w; x++) {
			l->curves[i].v[x] += i ? l->curves[i - 1].v[x] : 0;
			l->waiters_max = fmax(l->waiters_max, l->curves[i].v[x]);
		}
	l->waiters_max = fmax(1, l->waiters_max * 1.05);
	free(curve_of);
}

static void put_waiters_title(struct contention_layout *l, const struct contention *c)
{
	static const char title[] = "Goroutines that wait, over time:";
	enum { GAP = SWATCH + 6 + 22 };
	double x = l->waiters.x, y = l->waiters.y - 16, room, all = l->ncurves * GAP + 50;

	put(l, x, y, ALIGN_LEFT, 12, INK, format_text("%s", title));
	x += format_width(title) * 12 + 14;
	for (int i = 0; i < l->named; i++)
		all += format_width(c->objects.v[c->rows.v[i].obj].label) * 12;
	room = l->width - MARGIN - x;
	if (all > room)
		room = room / l->ncurves - GAP;
	for (int i = 0; i < l->ncurves; i++) {
		char *label = i < l->named ? fit(c->objects.v[c->rows.v[i].obj].label, room, 12)
					   : format_text("others");

		put_swatch(l, x, y, l->curves[i].rgb);
		put(l, x + SWATCH + 6, y, ALIGN_LEFT, 12, INK, label);
		x += format_width(label) * 12 + GAP;
	}
}

static void hatch(struct contention_layout *l, const struct contention *c)
{
	double px = (double)(l->to - l->from) / l->waiters.w;

	for (size_t i = 0; i < c->gaps.n; i++) {
		double t0 = fmin(fmax((double)c->gaps.v[i].ts, (double)l->from),
				 (double)l->to - 3 * px);
		double t1 = fmin(fmax((double)c->gaps.v[i].end, t0 + 3 * px), (double)l->to);

		array_add(&l->hatches, (struct box){t0, t1, 0, l->waiters_max, 0});
	}
}

/* ---- Where everything goes ---- */

static void place(struct contention_layout *l, const struct contention *c, int height, int top,
		  size_t shown)
{
	int width = l->width, bottom = BOTTOM + NOTE * (int)c->notes.n;
	int left = MARGIN + (int)(0.17 * width), rows = (int)shown * PITCH;

	l->pitch = PITCH;
	l->bars = (struct rect){left, top, (int)(0.27 * width), rows};
	l->spread = (struct rect){left + l->bars.w + 20, top, (int)(0.20 * width), rows};
	l->waiters.x = 76;
	l->waiters.w = width - l->waiters.x - 28;
	l->waiters.y = top + rows + WAITERS_ROOM + 10;
	l->waiters.h = height - l->waiters.y - bottom;
	if (c->fit && l->waiters.h > 2 * WAITERS)
		l->waiters.h = 2 * WAITERS;
	l->height = l->waiters.y + l->waiters.h + bottom;
	l->axis = format_axis(l->from, l->to, l->waiters.w / 90);
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

static void put_notes(struct contention_layout *l, const struct contention *c)
{
	for (size_t i = 0; i < c->notes.n; i++)
		put(l, MARGIN, l->height - NOTE * (double)(c->notes.n - i) + 2, ALIGN_LEFT, 11,
		    INK_SOFT, fit(c->notes.v[i], l->width - 2 * MARGIN, 11));
}

void contention_layout(const struct contention *c, int width, int height,
		       struct contention_layout *l)
{
	size_t shown = c->rows.n < CONTENTION_ROWS ? c->rows.n : CONTENTION_ROWS;
	int top, room;

	*l = (struct contention_layout){.width = width, .from = c->from, .to = c->to};
	put_title(l, c);
	top = put_legend(l, c, shown) + HEADS;
	room = (height - top - WAITERS_ROOM - WAITERS - BOTTOM - NOTE * (int)c->notes.n) / PITCH;
	if (shown > (size_t)(room > 1 ? room : 1))
		shown = (size_t)(room > 1 ? room : 1);
	choose_curves(l, c, shown);
	place(l, c, height, top, shown);
	if (shown == 0) {
		l->height = top + 60 + NOTE * (int)c->notes.n;
		put(l, width / 2.0, top + 16, ALIGN_CENTER, 14, INK_SOFT,
		    format_text("no goroutine waited for a channel, a lock or another object"));
		put_notes(l, c);
		return;
	}
	scale(l, c, shown);
	count_waiters(l, c);
	put_headings(l);
	for (size_t i = 0; i < shown; i++)
		put_row(l, c, i, ((double)i + 0.5) * PITCH);
	put_rest(l, c, shown);
	put_waiters_title(l, c);
	hatch(l, c);
	put_notes(l, c);
}

void contention_layout_free(struct contention_layout *l)
{
	for (size_t i = 0; i < l->texts.n; i++)
		free(l->texts.v[i].text);
	for (int i = 0; i < l->ncurves; i++)
		free(l->curves[i].v);
	free(l->texts.v);
	free(l->swatches.v);
	free(l->hatches.v);
	free(l->boxes.v);
	free(l->rows.v);
}
