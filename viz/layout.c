/* SPDX-License-Identifier: MIT */
/* The timeline, decided: lanes, groups, rectangles, pixels.  The words are put by words.c. */
#define _GNU_SOURCE
#include "curve.h"
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

static void drop_images(struct layout *l)
{
	for (size_t i = 0; i < l->images.n; i++)
		free(l->images.v[i].rgb);
	l->images.n = 0;
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

/* Add a lane's spans to a row; mark in `narrow` the columns that hold one of less than a pixel, if
 * it is not NULL. */
static void add_lane(const struct plan *p, size_t lane, float weight, struct raster *row,
		     bool *narrow)
{
	const struct timeline *t = p->t;
	int w = p->l->plot.w;

	for (uint32_t i = p->first[lane]; i < p->first[lane + 1]; i++) {
		const struct span *s = &t->spans.v[p->by_lane[i]];
		double x0 = clamp(column(p, s->ts), w), x1 = clamp(column(p, s->end), w);

		raster_add(row, x0, x1, s->style, weight);
		if (!narrow || column(p, s->end) - column(p, s->ts) >= 1)
			continue;
		for (int x = (int)x0; x < w && (x < x1 || x == (int)x0); x++)
			narrow[x] = true;
	}
}

static struct image new_image(const struct plan *p, int rows, double y, double pitch)
{
	size_t pixels = (size_t)p->l->plot.w * (size_t)rows;

	return (struct image){p->l->plot.w, rows, y, pitch, array_zeroed(pixels, sizeof(uint32_t))};
}

/* Rows of pixels that show what a row holds: one of mixed colours, or several, as stacked bars. */
static void color_rows(const struct raster *row, bool one_lane, int rows, uint32_t *rgb)
{
	bool lift = one_lane && raster_seldom(row);
	uint32_t *column = array_zeroed((size_t)rows, sizeof *column);

	for (int x = 0; x < row->cols; x++) {
		if (rows == 1)
			column[0] = raster_mix(row, x, lift);
		else
			raster_stack(row, x, lift, rows, column);
		for (int y = 0; y < rows; y++)
			rgb[y * row->cols + x] = column[y];
	}
	free(column);
}

/* ---- Lanes with a label each ---- */

/* How many rows of pixels a lane of that height has: enough for a stacked bar, or one. */
static int rows_for(double height)
{
	return height >= 12 ? (int)height : 1;
}

/* A column of an image as rectangles, each as wide as the columns from x on that are the same. */
static int box_columns(struct plan *p, const struct image *image, const bool *narrow, int x)
{
	const uint32_t *rgb = image->rgb;
	int w = image->cols, n = 1;

	for (; x + n < w && narrow[x + n]; n++)
		for (int y = 0; y < image->rows; y++)
			if (rgb[y * w + x + n] != rgb[y * w + x])
				goto differs;
differs:
	for (int y = 0, from = 0; y < image->rows; y++) {
		if (y + 1 < image->rows && rgb[(y + 1) * w + x] == rgb[y * w + x])
			continue;
		array_add(&p->l->boxes,
			  (struct box){time_at(p, x), time_at(p, x + n),
				       image->y + from * image->pitch,
				       image->y + (y + 1) * image->pitch, rgb[y * w + x]});
		from = y + 1;
	}
	return n;
}

/* A lane as rectangles: what is a pixel wide or wider as it is, over it the columns that hold
 * something narrower. */
static void box_lane(struct plan *p, size_t lane, const struct image *image, const bool *narrow)
{
	const struct timeline *t = p->t;
	double y1 = image->y + image->rows * image->pitch;

	for (uint32_t i = p->first[lane]; i < p->first[lane + 1]; i++) {
		const struct span *s = &t->spans.v[p->by_lane[i]];
		int64_t a = s->ts > t->from ? s->ts : t->from, b = s->end < t->to ? s->end : t->to;

		if (column(p, s->end) - column(p, s->ts) >= 1)
			array_add(&p->l->boxes, (struct box){(double)a, (double)b, image->y, y1,
							     t->styles.v[s->style].rgb});
	}
	for (int x = 0; x < image->cols; x++)
		if (narrow[x])
			x += box_columns(p, image, narrow, x) - 1;
}

/* All of them as rectangles, or, if those are too many, as images. */
static void draw_labelled(struct plan *p)
{
	struct layout *l = p->l;
	struct timeline *t = p->t;
	size_t w = (size_t)l->plot.w;
	double height = p->pitch - 2 * p->gap;
	int rows = rows_for(height);
	struct raster row;
	bool *narrow = array_zeroed(w, 1);

	raster_init(&row, t->styles.v, (int)t->styles.n, l->plot.w, p->background);
	for (size_t i = 0; i < t->lanes.n; i++) {
		struct image image =
			new_image(p, rows, (double)i * p->pitch + p->gap, height / rows);

		raster_clear(&row);
		memset(narrow, 0, w);
		add_lane(p, i, 1, &row, narrow);
		color_rows(&row, true, rows, image.rgb);
		if (l->boxes.n <= LAYOUT_BOXES)
			box_lane(p, i, &image, narrow);
		array_add(&l->images, image);
	}
	if (l->boxes.n <= LAYOUT_BOXES)
		drop_images(l);
	else
		l->boxes.n = 0;
	free(narrow);
	raster_free(&row);
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

/* How long the lanes of a group have something to show, in columns. */
static double life_of(const struct plan *p, const struct group *g)
{
	double sum = 0, w = p->l->plot.w;

	for (size_t i = g->first; i < g->first + g->n; i++) {
		uint32_t lane = p->order[i];

		for (uint32_t k = p->first[lane]; k < p->first[lane + 1]; k++) {
			const struct span *s = &p->t->spans.v[p->by_lane[k]];

			sum += clamp(column(p, s->end), w) - clamp(column(p, s->ts), w);
		}
	}
	return sum;
}

/* Each group gets room for its label, and the rest of the plot is shared out by how long they live,
 * up to `most` pixels for a lane: thousands that live for a moment would leave no room for what
 * stays. */
static void place_groups(struct plan *p, int most)
{
	int left = p->l->plot.h - GROUP_GAP * (int)(p->ngroups - 1), y = 0;
	double all = 0;

	left -= GROUP_LABEL * (int)p->ngroups;
	for (size_t i = 0; i < p->ngroups; i++) {
		p->groups[i].life = life_of(p, &p->groups[i]);
		all += p->groups[i].life;
	}
	for (size_t i = 0; i < p->ngroups; i++) {
		struct group *g = &p->groups[i];
		int share = all > 0 && left > 0 ? (int)(left * g->life / all) : 0;
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
static void draw_lanes_of_group(const struct plan *p, const struct group *g, struct raster *row)
{
	double height = (double)g->h / (double)g->n;
	int rows = rows_for(height);
	struct image image = new_image(p, rows * (int)g->n, g->y, height / rows);

	for (size_t i = 0; i < g->n; i++) {
		raster_clear(row);
		add_lane(p, p->order[g->first + i], 1, row, NULL);
		color_rows(row, true, rows, image.rgb + i * (size_t)(rows * image.cols));
	}
	array_add(&p->l->images, image);
}

/* A group with several lanes to a row of pixels: each pixel is the mix of theirs.  Goroutines are
 * not there for most of the time, and must be seen where they are. */
static void draw_rows_of_group(const struct plan *p, const struct group *g, struct raster *row)
{
	struct image image = new_image(p, g->h, g->y, 1);
	double each = (double)g->n / g->h;

	for (int y = 0; y < g->h; y++) {
		double from = y * each, to = (y + 1) * each;

		raster_clear(row);
		for (size_t i = (size_t)from; i < g->n && (double)i < to; i++) {
			double a = (double)i > from ? (double)i : from;
			double b = (double)(i + 1) < to ? (double)(i + 1) : to;

			if (b > a)
				add_lane(p, p->order[g->first + i], (float)((b - a) / each), row,
					 NULL);
		}
		if (!p->t->workers)
			raster_raise(row);
		color_rows(row, false, 1, image.rgb + y * image.cols);
	}
	array_add(&p->l->images, image);
}

static void draw_groups(struct plan *p)
{
	struct raster row;

	raster_init(&row, p->t->styles.v, (int)p->t->styles.n, p->l->plot.w, p->background);
	for (size_t i = 0; i < p->ngroups; i++) {
		const struct group *g = &p->groups[i];

		if ((size_t)g->h >= g->n)
			draw_lanes_of_group(p, g, &row);
		else
			draw_rows_of_group(p, g, &row);
	}
	raster_free(&row);
}

/* ---- The panel below: how many goroutines ran, and how many could have ---- */

static void draw_load(struct plan *p)
{
	struct layout *l = p->l;
	struct timeline *t = p->t;
	struct curve running, work;

	curve_begin(&running, t->from, t->to, l->load.w);
	curve_begin(&work, t->from, t->to, l->load.w);
	for (size_t i = 0; i < t->spans.n; i++) {
		const struct span *s = &t->spans.v[i];
		bool runs = t->styles.v[s->style].salient;

		if (runs)
			curve_add(&running, s->ts, s->end);
		if (runs || s->style == COLOR_runnable)
			curve_add(&work, s->ts, s->end);
	}
	curve_finish(&running);
	curve_finish(&work);
	l->load_line = t->nworkers;
	l->load_max = t->nworkers;
	for (int x = 0; x < l->load.w; x++)
		l->load_max = fmax(l->load_max, work.v[x]);
	l->load_max = fmax(1, l->load_max * 1.05);
	l->load_running = running.v;
	l->load_work = work.v;
	free(running.change);
	free(work.change);
}

/* ---- Arrows and hatching ---- */

/* On a lane that is a worker or a thread: whether it is of a goroutine that runs. */
static bool runs(const struct span *s)
{
	return s->style >= COLORS || s->style == COLOR_detached;
}

/* The lane on which a goroutine ran at a time, or NO_LANE. */
static uint32_t lane_of(const struct timeline *t, uint32_t goroutine, int64_t ts)
{
	if (!t->workers)
		return goroutine;
	for (size_t i = 0; i < t->spans.n; i++) {
		const struct span *s = &t->spans.v[i];

		if (s->lane != NO_LANE && s->ref == goroutine && runs(s) && s->ts <= ts &&
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
			  (struct arrow){(double)w->ts,
					 (from + 0.5) * p->pitch + down * half * 0.55, (double)end,
					 (to + 0.5) * p->pitch - down * half});
	}
}

/* Lost events make what is drawn there doubtful, in every lane. */
static void draw_hatches(struct plan *p)
{
	const struct timeline *t = p->t;
	double least = 6 * (double)(t->to - t->from) / p->l->plot.w;

	for (size_t i = 0; i < t->gaps.n; i++) {
		double a = (double)t->gaps.v[i].ts, b = (double)t->gaps.v[i].end;

		if (b - a < least) {
			a = (a + b - least) / 2;
			b = a + least;
		}
		array_add(&p->l->hatches,
			  (struct box){fmax(a, (double)t->from), fmin(b, (double)t->to), 0,
				       p->l->plot.h, INK});
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

/* A label for each lane; what they leave of the room is for the panel below, or is cut off the
 * picture. */
static void place_lanes(struct plan *p, int room)
{
	struct timeline *t = p->t;
	struct layout *l = p->l;
	int most = t->workers ? 64 : 34;
	int n = (int)(t->lanes.n ? t->lanes.n : 1);

	p->pitch = (double)(room - LOAD_ROOM) / n;
	if (p->pitch < LANE_LEAST + 3)
		p->pitch = (double)room / n;
	else
		l->load.h = t->lanes.n ? LOAD_HEIGHT : 0;
	p->pitch = floor(p->pitch > most ? most : p->pitch);
	p->gap = p->pitch >= 24 ? 3 : p->pitch >= 16 ? 1.5 : 0.5;
	l->plot.h = (int)(p->pitch * n);
}

static void place_in_groups(struct plan *p, int room)
{
	struct layout *l = p->l;

	l->load.h = room > 3 * LOAD_ROOM ? LOAD_HEIGHT : 0;
	l->plot.h = room - (l->load.h ? LOAD_ROOM : 0);
	find_groups(p, (size_t)(l->plot.h / (GROUP_LABEL + GROUP_GAP)));
	place_groups(p, 12);
}

static void place(struct plan *p)
{
	struct timeline *t = p->t;
	struct layout *l = p->l;
	int bottom = AXIS_ROOM + notes_room(t), room;

	l->plot.y = legend_bottom(p) + 14;
	room = t->height - l->plot.y - bottom;
	if (room < 3 * GROUP_LABEL)
		room = 3 * GROUP_LABEL;
	p->grouped = t->lanes.n > (size_t)(room / LANE_LEAST);
	l->plot.x = label_room(p);
	l->plot.w = t->width - l->plot.x - MARGIN_RIGHT;
	if (p->grouped)
		place_in_groups(p, room);
	else
		place_lanes(p, room);
	l->load.x = l->plot.x;
	l->load.w = l->plot.w;
	l->load.y = l->plot.y + l->plot.h + LOAD_ROOM - LOAD_HEIGHT;
	l->width = t->width;
	l->height = l->plot.y + l->plot.h + (l->load.h ? LOAD_ROOM : 0) + bottom;
	if (!t->fit && l->height < t->height) { /* asked for: the panel takes what is left */
		if (l->load.h)
			l->load.h += t->height - l->height;
		l->height = t->height;
	}
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
	drop_images(l);
	free(l->images.v);
	free(l->load_running);
	free(l->load_work);
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
