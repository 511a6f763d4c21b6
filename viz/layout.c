/* SPDX-License-Identifier: MIT */
/* The timeline, decided: lanes, groups, rectangles, pixels.  The words are put by words.c. */
#define _GNU_SOURCE
#include "layout_parts.h"
#include "raster.h"

#include <math.h>
#include <string.h>

/* Where in the plot a time is, in pixels. */
static double column(const struct plan *p, int64_t ts)
{
	const struct timeline *t = p->t;

	return (double)(ts - t->from) / (double)(t->to - t->from) * p->l->plot.w;
}

static double clamp(double v, double max)
{
	return v < 0 ? 0 : v > max ? max : v;
}

static double time_at(const struct plan *p, double x)
{
	const struct timeline *t = p->t;

	return (double)t->from + x / p->l->plot.w * (double)(t->to - t->from);
}

/* ---- Spans by lane ---- */

/* Indices of the spans, those of one lane together, in their order. */
static void sort_spans(struct plan *p)
{
	const struct timeline *t = p->t;
	uint32_t *at;

	p->first = array_zeroed(t->lanes.n + 2, sizeof *p->first);
	p->by_lane = array_zeroed(t->spans.n, sizeof *p->by_lane);
	at = p->first + 1;
	for (size_t i = 0; i < t->spans.n; i++)
		if (t->spans.v[i].lane != NO_LANE)
			at[t->spans.v[i].lane + 1]++;
	for (size_t i = 1; i <= t->lanes.n; i++)
		at[i] += at[i - 1];
	for (size_t i = 0; i < t->spans.n; i++)
		if (t->spans.v[i].lane != NO_LANE)
			p->by_lane[at[t->spans.v[i].lane]++] = (uint32_t)i;
}

/* Add a lane's spans to a row of pixels; mark in `narrow` the columns that hold one of less than a
 * pixel, if it is not NULL. */
static void add_lane(const struct plan *p, size_t lane, float weight, struct pixel *row,
		     bool *narrow)
{
	const struct timeline *t = p->t;
	int w = p->l->plot.w;

	for (uint32_t i = p->first[lane]; i < p->first[lane + 1]; i++) {
		const struct span *s = &t->spans.v[p->by_lane[i]];
		const struct style *style = &t->styles.v[s->style];
		double x0 = clamp(column(p, s->ts), w), x1 = clamp(column(p, s->end), w);

		raster_add(row, w, x0, x1, style->rgb, style->salient, weight);
		if (!narrow || column(p, s->end) - column(p, s->ts) >= 1)
			continue;
		for (int x = (int)x0; x < w && x <= (int)x1 && (x < x1 || x == (int)x0); x++)
			narrow[x] = true;
	}
}

static void color_row(const struct plan *p, const struct pixel *row, bool lift, uint32_t *rgb)
{
	for (int x = 0; x < p->l->plot.w; x++)
		rgb[x] = raster_color(&row[x], p->background, lift);
}

/* ---- Lanes with a label each ---- */

/* A lane as rectangles: what is a pixel wide or wider as it is, over it the columns that hold
 * something narrower, as their mix. */
static void box_lane(const struct plan *p, size_t lane, const bool *narrow, const uint32_t *rgb,
		     double y0, double y1)
{
	struct layout *l = p->l;
	const struct timeline *t = p->t;

	for (uint32_t i = p->first[lane]; i < p->first[lane + 1]; i++) {
		const struct span *s = &t->spans.v[p->by_lane[i]];
		int64_t a = s->ts > t->from ? s->ts : t->from, b = s->end < t->to ? s->end : t->to;

		if (column(p, s->end) - column(p, s->ts) >= 1)
			array_add(&l->boxes, (struct box){(double)a, (double)b, y0, y1,
							  t->styles.v[s->style].rgb});
	}
	for (int x = 0, from = 0; x < l->plot.w; x++) {
		bool last = x + 1 == l->plot.w || !narrow[x + 1] || rgb[x + 1] != rgb[x];

		if (!narrow[x] || !last) {
			from = narrow[x] ? from : x + 1;
			continue;
		}
		array_add(&l->boxes,
			  (struct box){time_at(p, from), time_at(p, x + 1), y0, y1, rgb[x]});
		from = x + 1;
	}
}

/* All of them as rectangles, or, if those are too many, as an image. */
static void draw_labelled(struct plan *p)
{
	struct layout *l = p->l;
	struct timeline *t = p->t;
	int w = l->plot.w;
	struct pixel *row = array_zeroed((size_t)w, sizeof *row);
	bool *narrow = array_zeroed((size_t)w, 1);

	l->image = (struct image){w, (int)t->lanes.n, p->pitch,
				  array_zeroed((size_t)w * t->lanes.n, sizeof(uint32_t))};
	for (size_t i = 0; i < t->lanes.n; i++) {
		uint32_t *rgb = l->image.rgb + i * (size_t)w;
		double y = (double)i * p->pitch;

		memset(row, 0, (size_t)w * sizeof *row);
		memset(narrow, 0, (size_t)w);
		add_lane(p, i, 1, row, narrow);
		color_row(p, row, true, rgb);
		if (l->boxes.n <= LAYOUT_BOXES)
			box_lane(p, i, narrow, rgb, y + p->gap, y + p->pitch - p->gap);
	}
	if (l->boxes.n <= LAYOUT_BOXES) {
		free(l->image.rgb);
		l->image.rgb = NULL;
	} else {
		l->boxes.n = 0;
	}
	free(narrow);
	free(row);
}

/* The ground of each lane, where it shows that nothing happens. */
static void draw_grounds(struct plan *p)
{
	const struct timeline *t = p->t;

	for (size_t i = 0; i < t->lanes.n; i++)
		if (p->background != PAPER)
			array_add(&p->l->boxes,
				  (struct box){(double)t->from, (double)t->to,
					       (double)i * p->pitch + p->gap,
					       (double)(i + 1) * p->pitch - p->gap, p->background});
}

/* Paper between the lanes of an image. */
static void draw_gaps(struct plan *p)
{
	const struct timeline *t = p->t;

	for (size_t i = 0; i <= t->lanes.n; i++) {
		double y = (double)i * p->pitch;

		array_add(&p->l->boxes,
			  (struct box){(double)t->from, (double)t->to, clamp(y - p->gap, p->l->plot.h),
				       clamp(y + p->gap, p->l->plot.h), PAPER});
	}
}

/* ---- Lanes in groups ---- */

static int by_group(const void *a, const void *b, void *arg)
{
	const struct timeline *t = arg;
	uint32_t x = *(const uint32_t *)a, y = *(const uint32_t *)b;
	int c = strcmp(t->lanes.v[x].group, t->lanes.v[y].group);

	return c ? c : (x > y) - (x < y);
}

static int by_size(const void *a, const void *b)
{
	const struct group *x = a, *y = b;

	if (x->n != y->n)
		return x->n < y->n ? 1 : -1;
	return (x->lead > y->lead) - (x->lead < y->lead);
}

static int by_lead(const void *a, const void *b)
{
	const struct group *x = a, *y = b;

	return (x->lead > y->lead) - (x->lead < y->lead);
}

/* Put the smallest groups together into one, the last, so that at most `max` are left. */
static void merge_small_groups(struct plan *p, size_t max)
{
	uint32_t *order;
	struct group rest = {0};

	if (p->ngroups <= max)
		return;
	qsort(p->groups, p->ngroups, sizeof *p->groups, by_size);
	order = array_zeroed(p->t->lanes.n, sizeof *order);
	for (size_t i = 0, at = 0; i < p->ngroups; i++) {
		struct group *g = &p->groups[i];

		memcpy(order + at, p->order + g->first, g->n * sizeof *order);
		g->first = at;
		at += g->n;
		if (i < max - 1)
			continue;
		if (rest.n == 0)
			rest.first = g->first;
		rest.n += g->n;
		rest.names++;
	}
	free(p->order);
	p->order = order;
	p->groups[max - 1] = rest;
	p->ngroups = max;
}

/* Lanes of one name together, in the order in which the first of each name began. */
static void find_groups(struct plan *p, size_t max)
{
	struct timeline *t = p->t;

	p->order = array_zeroed(t->lanes.n, sizeof *p->order);
	p->groups = array_zeroed(t->lanes.n, sizeof *p->groups);
	for (size_t i = 0; i < t->lanes.n; i++)
		p->order[i] = (uint32_t)i;
	qsort_r(p->order, t->lanes.n, sizeof *p->order, by_group, t);
	for (size_t i = 0; i < t->lanes.n; i++) {
		const char *name = t->lanes.v[p->order[i]].group;

		if (i == 0 || strcmp(name, t->lanes.v[p->order[i - 1]].group) != 0)
			p->groups[p->ngroups++] =
				(struct group){.first = i, .lead = p->order[i], .names = 1};
		p->groups[p->ngroups - 1].n++;
	}
	merge_small_groups(p, max);
	qsort(p->groups, p->groups[p->ngroups - 1].names > 1 ? p->ngroups - 1 : p->ngroups,
	      sizeof *p->groups, by_lead);
}

/* Each group gets room for its label, and the rest of the plot is shared out by size, up to
 * `most` pixels for a lane. */
static void place_groups(struct plan *p, int most)
{
	int left = p->l->plot.h - GROUP_GAP * (int)(p->ngroups - 1), y = 0;
	size_t lanes = p->t->lanes.n;

	left -= GROUP_LABEL * (int)p->ngroups;
	for (size_t i = 0; i < p->ngroups; i++) {
		struct group *g = &p->groups[i];
		int share = (int)((double)(left > 0 ? left : 0) * (double)g->n / (double)lanes);
		int h = GROUP_LABEL + share, cap = (int)g->n * most;

		g->y = y;
		g->h = h > cap && cap >= GROUP_LABEL ? cap : h;
		if (g->n == 1)
			g->h = GROUP_LABEL;
		y += g->h + GROUP_GAP;
	}
	p->l->plot.h = y - GROUP_GAP;
}

/* A group with a row of pixels or more for each lane. */
static void draw_lanes_of_group(const struct plan *p, const struct group *g, struct pixel *row)
{
	size_t w = (size_t)p->l->plot.w;

	for (size_t i = 0; i < g->n; i++) {
		size_t y0 = i * (size_t)g->h / g->n, y1 = (i + 1) * (size_t)g->h / g->n;
		uint32_t *rgb = p->l->image.rgb + ((size_t)g->y + y0) * w;

		memset(row, 0, w * sizeof *row);
		add_lane(p, p->order[g->first + i], 1, row, NULL);
		color_row(p, row, true, rgb);
		for (size_t y = y0 + 1; y < y1; y++)
			memcpy(rgb + (y - y0) * w, rgb, w * sizeof *rgb);
	}
}

/* A group with several lanes to a row of pixels: each pixel is the mix of theirs. */
static void draw_rows_of_group(const struct plan *p, const struct group *g, struct pixel *row)
{
	size_t w = (size_t)p->l->plot.w;
	double each = (double)g->n / g->h;

	for (int y = 0; y < g->h; y++) {
		double from = y * each, to = (y + 1) * each;

		memset(row, 0, w * sizeof *row);
		for (size_t i = (size_t)from; i < g->n && (double)i < to; i++) {
			double a = (double)i > from ? (double)i : from;
			double b = (double)(i + 1) < to ? (double)(i + 1) : to;

			if (b > a)
				add_lane(p, p->order[g->first + i], (float)((b - a) / each), row,
					 NULL);
		}
		color_row(p, row, false, p->l->image.rgb + (size_t)(g->y + y) * w);
	}
}

static void draw_groups(struct plan *p)
{
	struct layout *l = p->l;
	size_t pixels = (size_t)l->plot.w * (size_t)l->plot.h;
	struct pixel *row = array_zeroed((size_t)l->plot.w, sizeof *row);

	l->image = (struct image){l->plot.w, l->plot.h, 1, array_zeroed(pixels, sizeof(uint32_t))};
	for (size_t i = 0; i < pixels; i++)
		l->image.rgb[i] = PAPER;
	for (size_t i = 0; i < p->ngroups; i++) {
		const struct group *g = &p->groups[i];

		if ((size_t)g->h >= g->n)
			draw_lanes_of_group(p, g, row);
		else
			draw_rows_of_group(p, g, row);
	}
	free(row);
}

/* ---- The panel below: how many goroutines ran, and how many could have ---- */

static void draw_load(struct plan *p)
{
	struct layout *l = p->l;
	struct timeline *t = p->t;
	int w = l->load.w;

	l->load_running = array_zeroed((size_t)w, sizeof(double));
	l->load_runnable = array_zeroed((size_t)w, sizeof(double));
	for (size_t i = 0; i < t->spans.n; i++) {
		const struct span *s = &t->spans.v[i];
		const struct style *style = &t->styles.v[s->style];
		double x0 = clamp(column(p, s->ts), w), x1 = clamp(column(p, s->end), w);
		double *row = style->salient		   ? l->load_running
			      : s->style == COLOR_runnable ? l->load_runnable
							   : NULL;

		for (int x = (int)x0; row && x < w && x < x1; x++)
			row[x] += (x1 < x + 1 ? x1 : x + 1) - (x0 > x ? x0 : x);
	}
	l->load_line = t->nworkers;
	l->load_max = t->nworkers;
	for (int x = 0; x < w; x++)
		l->load_max = fmax(l->load_max, l->load_running[x] + l->load_runnable[x]);
	l->load_max = fmax(1, l->load_max * 1.05);
}

/* ---- Arrows and hatching ---- */

/* The lane on which a goroutine ran at a time, or NO_LANE. */
static uint32_t lane_of(const struct timeline *t, uint32_t goroutine, int64_t ts)
{
	if (!t->workers)
		return goroutine;
	for (size_t i = 0; i < t->spans.n; i++) {
		const struct span *s = &t->spans.v[i];

		if (s->lane != NO_LANE && s->ref == goroutine && s->style >= COLORS && s->ts <= ts &&
		    ts <= s->end)
			return s->lane;
	}
	return NO_LANE;
}

/* From the waker, when it woke, to the woken: in its lane at the same time if lanes are goroutines
 * (it becomes runnable there), on the worker where it then ran if lanes are workers. */
static void draw_arrows(struct plan *p)
{
	const struct timeline *t = p->t;

	for (size_t i = 0; i < t->wakes.n && t->nwakes <= LAYOUT_ARROWS; i++) {
		const struct wake *w = &t->wakes.v[i];
		int64_t end = t->workers ? w->start : w->ts;
		uint32_t from = lane_of(t, w->waker, w->ts), to = lane_of(t, w->woken, end);
		double down = to > from ? 1 : -1, half = p->pitch / 2 - p->gap;

		if (from == to || from == NO_LANE || to == NO_LANE || end > t->to)
			continue;
		array_add(&p->l->arrows,
			  (struct arrow){(double)w->ts, (from + 0.5) * p->pitch + down * half * 0.5,
					 (double)end, (to + 0.5) * p->pitch - down * half});
	}
}

/* Lost events make what is drawn there doubtful, in every lane. */
static void draw_hatches(struct plan *p)
{
	const struct timeline *t = p->t;
	double least = 3 * (double)(t->to - t->from) / p->l->plot.w;

	for (size_t i = 0; i < t->gaps.n; i++) {
		double a = (double)t->gaps.v[i].ts, b = (double)t->gaps.v[i].end;

		if (b - a < least) {
			a = (a + b - least) / 2;
			b = a + least;
		}
		array_add(&p->l->hatches, (struct box){fmax(a, (double)t->from), fmin(b, (double)t->to),
						       0, p->l->plot.h, INK});
	}
}

/* ---- Where everything goes ---- */

static void count_narrow(struct plan *p)
{
	for (size_t i = 0; i < p->t->spans.n; i++) {
		const struct span *s = &p->t->spans.v[i];

		if (s->lane != NO_LANE) {
			p->nspans++;
			p->nnarrow += column(p, s->end) - column(p, s->ts) < 1;
		}
	}
}

/* A label for each lane, if each gets `least` pixels; what they leave is for the panel below, or
 * is cut off the picture. */
static bool place_lanes(struct plan *p, int room)
{
	struct timeline *t = p->t;
	struct layout *l = p->l;
	int most = t->workers ? 64 : 34, least = 13;
	int n = (int)(t->lanes.n ? t->lanes.n : 1);

	if (t->lanes.n > (size_t)(room / least))
		return false;
	p->pitch = (double)(room - LOAD_ROOM) / n;
	if (p->pitch < least + 3)
		p->pitch = (double)room / n;
	else
		l->load.h = LOAD_HEIGHT;
	if (p->pitch > most)
		p->pitch = most;
	p->pitch = floor(p->pitch);
	p->gap = p->pitch >= 24 ? 3 : p->pitch >= 16 ? 1.5 : 0.5;
	l->plot.h = (int)(p->pitch * n);
	return true;
}

static void place(struct plan *p)
{
	struct timeline *t = p->t;
	struct layout *l = p->l;
	int bottom, room;

	l->plot.x = label_room(p);
	l->plot.w = t->width - l->plot.x - MARGIN_RIGHT;
	l->plot.y = legend_bottom(p) + 14;
	bottom = l->plot.x ? AXIS_ROOM + NOTES_ROOM : 0;
	room = t->height - l->plot.y - bottom;
	if (!place_lanes(p, room)) {
		p->grouped = true;
		l->load.h = room > 3 * LOAD_ROOM ? LOAD_HEIGHT : 0;
		l->plot.h = room - (l->load.h ? LOAD_ROOM : 0);
		find_groups(p, (size_t)(l->plot.h / (GROUP_LABEL + GROUP_GAP)));
		place_groups(p, 12);
	}
	l->load.x = l->plot.x;
	l->load.w = l->plot.w;
	l->load.y = l->plot.y + l->plot.h + LOAD_ROOM - LOAD_HEIGHT;
	l->width = t->width;
	l->height = l->plot.y + l->plot.h + (l->load.h ? LOAD_ROOM : 0) + bottom;
	if (!t->fit && l->height < t->height) /* asked for: the panel takes what is left */
		l->load.h += l->load.h ? t->height - l->height : 0, l->height = t->height;
}

void layout_timeline(struct timeline *t, struct layout *l)
{
	struct plan p = {.t = t, .l = l, .background = t->workers ? LANE : PAPER};

	memset(l, 0, sizeof *l);
	l->from = t->from;
	l->to = t->to;
	style_timeline(t);
	sort_spans(&p);
	place(&p);
	l->axis = format_axis(t->from, t->to, l->plot.w / 90);
	count_narrow(&p);
	if (p.grouped) {
		draw_groups(&p);
	} else {
		draw_grounds(&p);
		draw_labelled(&p);
		if (l->image.rgb)
			draw_gaps(&p);
		draw_arrows(&p);
	}
	draw_hatches(&p);
	if (l->load.h)
		draw_load(&p);
	put_words(&p);
	free(p.order);
	free(p.groups);
	free(p.first);
	free(p.by_lane);
}

void layout_free(struct layout *l)
{
	for (size_t i = 0; i < l->texts.n; i++)
		free(l->texts.v[i].text);
	free(l->texts.v);
	free(l->boxes.v);
	free(l->arrows.v);
	free(l->hatches.v);
	free(l->swatches.v);
	free(l->image.rgb);
	free(l->load_running);
	free(l->load_runnable);
}

void timeline_free(struct timeline *t)
{
	for (size_t i = 0; i < t->lanes.n; i++) {
		free(t->lanes.v[i].name);
		free(t->lanes.v[i].group);
	}
	for (size_t i = 0; i < t->goroutines.n; i++)
		free(t->goroutines.v[i].name);
	for (size_t i = 0; i < t->objects.n; i++)
		free(t->objects.v[i]);
	for (size_t i = 0; i < t->styles.n; i++)
		free(t->styles.v[i].legend);
	free(t->lanes.v);
	free(t->spans.v);
	free(t->styles.v);
	free(t->goroutines.v);
	free(t->objects.v);
	free(t->wakes.v);
	free(t->gaps.v);
	free(t->title);
}
