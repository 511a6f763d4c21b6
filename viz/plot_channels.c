/* SPDX-License-Identifier: MIT */
/* What channels held, and who waited at them, over time. */
#include "plot.h"
#include "sums.h"

#include <math.h>
#include <string.h>

static const char used_sql[] = "SELECT obj FROM chan_op WHERE ts >= :from AND ts <= :to";
static const char length_sql[] = "SELECT obj, ts, len FROM chan_op WHERE ts <= :to ORDER BY id";
static const char parked_sql[] = "SELECT obj, why, ts, dur FROM g_span\n"
				 "WHERE why IN ('chan_send', 'chan_recv') AND obj IS NOT NULL\n"
				 "\tAND ts < :to AND ts + dur >= :from";
static const char cap_sql[] = "SELECT obj, cap FROM chan";

enum { MOST = 8, COLUMN = 2, LEFT = 210, TALL = 74, PARKED = 34, GAP = 16, LIGHT = 0xb8dcf0 };

struct channel {
	int64_t obj, cap, ops; /* cap: -1 if it is not known */
	int64_t ts, len;       /* since when it has had how many */
	struct curve mean, senders, receivers;
	double *most, full, parked; /* parked: at most, senders and receivers together */
};

struct channels {
	const struct scene *s;
	int columns;
	struct sums used;
	struct channel v[MOST];
	int n;
};

static int used_row(sqlite3_stmt *row, void *arg)
{
	struct channels *c = arg;

	sums_add(&c->used, row_number(row, 0), 0, 0, 1);
	return 0;
}

static void choose(struct channels *c)
{
	sums_sort(&c->used);
	for (; c->n < MOST && (size_t)c->n < c->used.n; c->n++) {
		struct channel *ch = &c->v[c->n];

		*ch = (struct channel){
			.obj = c->used.v[c->n].key[0], .ops = c->used.v[c->n].n, .cap = -1};
		curve_begin(&ch->mean, c->s->from, c->s->to, c->columns);
		curve_begin(&ch->senders, c->s->from, c->s->to, c->columns);
		curve_begin(&ch->receivers, c->s->from, c->s->to, c->columns);
		ch->most = array_zeroed((size_t)c->columns, sizeof *ch->most);
	}
}

static struct channel *find(struct channels *c, int64_t obj)
{
	for (int i = 0; i < c->n; i++)
		if (c->v[i].obj == obj)
			return &c->v[i];
	return NULL;
}

static int cap_row(sqlite3_stmt *row, void *arg)
{
	struct channel *ch = find(arg, row_number(row, 0));

	if (ch && !row_null(row, 1))
		ch->cap = row_number(row, 1);
	return 0;
}

static int column_at(const struct channels *c, int64_t ts)
{
	double x = ((double)ts - c->v[0].mean.from) / c->v[0].mean.step;

	return x < 0 ? 0 : x >= c->columns ? c->columns - 1 : (int)x;
}

/* Until ts it held what it held. */
static void until(const struct channels *c, struct channel *ch, int64_t ts)
{
	int64_t from = ch->ts > c->s->from ? ch->ts : c->s->from;
	int64_t to = ts < c->s->to ? ts : c->s->to;

	if (ch->len > 0 && to > from) {
		curve_add_n(&ch->mean, from, to, ch->len);
		for (int x = column_at(c, from); x <= column_at(c, to - 1); x++)
			ch->most[x] = fmax(ch->most[x], (double)ch->len);
		if (ch->len == ch->cap)
			ch->full += (double)(to - from);
	}
	ch->ts = ts;
}

static int length_row(sqlite3_stmt *row, void *arg)
{
	struct channels *c = arg;
	struct channel *ch = find(c, row_number(row, 0));

	if (ch) {
		until(c, ch, row_number(row, 1));
		ch->len = row_number(row, 2);
	}
	return 0;
}

static int parked_row(sqlite3_stmt *row, void *arg)
{
	struct channel *ch = find(arg, row_number(row, 0));
	int64_t ts = row_number(row, 2);

	if (ch) {
		bool send = strcmp((const char *)sqlite3_column_text(row, 1), "chan_send") == 0;

		curve_add(send ? &ch->senders : &ch->receivers, ts, ts + row_number(row, 3));
	}
	return 0;
}

static int read_channels(struct channels *c)
{
	const struct scene *s = c->s;

	if (scene_ask(s, used_sql, used_row, c) < 0)
		return -1;
	choose(c);
	if (c->n == 0)
		return 0;
	if (scene_ask(s, cap_sql, cap_row, c) < 0 || scene_ask(s, length_sql, length_row, c) < 0 ||
	    scene_ask(s, parked_sql, parked_row, c) < 0)
		return -1;
	for (int i = 0; i < c->n; i++) {
		struct channel *ch = &c->v[i];

		until(c, ch, s->to);
		curve_finish(&ch->mean);
		curve_finish(&ch->senders);
		curve_finish(&ch->receivers);
		for (int x = 0; x < c->columns; x++) {
			ch->receivers.v[x] += ch->senders.v[x]; /* stacked */
			ch->parked = fmax(ch->parked, ch->receivers.v[x]);
		}
	}
	return 0;
}

/* Its name, what it can hold, and what is special about it. */
static void label(const struct channels *c, const struct channel *ch, int y, struct figure *f)
{
	char a[FORMAT_MAX], b[FORMAT_MAX], *object = scene_object(c->s, ch->obj, 60);
	double room = LEFT - FIGURE_MARGIN - 44;
	double part = ch->full / (double)(c->s->to - c->s->from);

	figure_put_bold(f, FIGURE_MARGIN, y, ALIGN_LEFT, 12, figure_fit(object, room * 0.93, 12));
	free(object);
	figure_put(f, FIGURE_MARGIN, y + 17, ALIGN_LEFT, 11, INK_SOFT,
		   ch->cap == 0	 ? format_text("unbuffered")
		   : ch->cap < 0 ? format_text("its making is not recorded")
				 : format_text("holds %s, full %s", format_count(a, ch->cap),
					       figure_percent(b, part)));
	figure_put(
		f, FIGURE_MARGIN, y + 33, ALIGN_LEFT, 11, INK_SOFT,
		format_text("%s operation%s", format_count(a, ch->ops), ch->ops == 1 ? "" : "s"));
}

/* How many elements it holds. */
static void elements(const struct channels *c, struct channel *ch, struct rect place,
		     struct figure *f)
{
	struct panel *p = figure_panel(f, place);
	double max = ch->cap > 0 ? (double)ch->cap : 1;

	for (int x = 0; x < c->columns; x++)
		max = fmax(max, ch->most[x]);
	p->x = figure_time(f, true);
	p->y = figure_count(max);
	panel_columns(p, MARK_AREA, LIGHT, ch->mean.from, ch->mean.step, ch->most, c->columns);
	panel_columns(p, MARK_AREA, hues[0], ch->mean.from, ch->mean.step, ch->mean.v, c->columns);
	if (ch->cap > 0) {
		struct mark *m = panel_mark(p, MARK_RULE, INK_SOFT);

		mark_point(m, p->x.min, (double)ch->cap);
		mark_point(m, p->x.max, (double)ch->cap);
	}
}

/* Who is parked there. */
static void parked(const struct channels *c, struct channel *ch, struct rect place, bool last,
		   struct figure *f)
{
	struct panel *p = figure_panel(f, place);
	double max = fmax(1, ch->parked);
	char a[FORMAT_MAX];

	p->x = figure_time(f, !last);
	p->y = (struct scale){SCALE_PART, 0, max * 1.05, NULL, true};
	panel_box(p, p->x.min, p->x.max, 0, max * 1.05, LANE);
	panel_columns(p, MARK_AREA, hues[1], ch->mean.from, ch->mean.step, ch->receivers.v,
		      c->columns);
	panel_columns(p, MARK_AREA, hues[5], ch->mean.from, ch->mean.step, ch->senders.v,
		      c->columns);
	figure_put(
		f, LEFT - 8, place.y + place.h / 2.0, ALIGN_RIGHT, 11, INK_SOFT,
		format_text("\xe2\x89\xa4 %s", format_count(a, (int64_t)ceil(ch->parked - 1e-9))));
}

static void rows(struct channels *c, struct figure *f)
{
	int y = f->top + 6, w = c->columns * COLUMN;

	for (int i = 0; i < c->n; i++) {
		struct channel *ch = &c->v[i];
		int tall = ch->cap == 0 ? 0 : TALL;

		label(c, ch, y + 12, f);
		if (tall)
			elements(c, ch, (struct rect){LEFT, y, w, tall}, f);
		y += tall ? tall + 3 : 6;
		parked(c, ch, (struct rect){LEFT, y, w, PARKED}, i + 1 == c->n, f);
		y += PARKED + GAP;
	}
	f->bottom += FIGURE_AXIS;
}

static void layout(struct channels *c, struct figure *f)
{
	const struct scene *s = c->s;
	const struct key keys[] = {{hues[0], "elements, on average in a column"},
				   {LIGHT, "at most"},
				   {hues[5], "goroutines that wait to send"},
				   {hues[1], "goroutines that wait to receive"}};
	char a[FORMAT_MAX], *window = scene_window(s);

	figure_begin(
		f, s->width, s->title,
		format_text("%s; what channels held, and who waited there; dashed is as much as "
			    "one can hold",
			    window));
	free(window);
	f->from = s->from;
	f->to = s->to;
	if (c->n == 0) {
		figure_empty(f, "no channel was used in this time");
		return;
	}
	figure_legend(f, keys, 4);
	rows(c, f);
	figure_note(f, format_text("A column is %s wide.%s", format_ns(a, c->v[0].mean.step, 3),
				   c->used.n > MOST ? "  Shown are those with the most operations."
						    : ""));
	if (c->used.n > MOST)
		figure_note(f, format_text("Not shown: %s other channels.",
					   format_count(a, (int64_t)c->used.n - MOST)));
}

static int draw(const struct scene *s, struct figure *f)
{
	struct channels c = {.s = s, .columns = (s->width - LEFT - FIGURE_RIGHT) / COLUMN};
	int ret = read_channels(&c);

	if (ret == 0)
		layout(&c, f);
	for (int i = 0; i < c.n; i++) {
		curve_free(&c.v[i].mean);
		curve_free(&c.v[i].senders);
		curve_free(&c.v[i].receivers);
		free(c.v[i].most);
	}
	sums_free(&c.used);
	return ret;
}

const struct plot plot_channels = {
	.title = "Channels",
	.words =
		"How full each channel was, and who waited at it. One that is always full has slow "
		"receivers, one that is always empty slow senders; between stages of one speed it "
		"is in "
		"between.",
	.window = true,
	.sql = {used_sql, length_sql, parked_sql, cap_sql},
	.draw = draw,
};
