/* SPDX-License-Identifier: MIT */
/* What channels held, and who waited at them, over time. */
#include "objects.h"
#include "sums.h"

#include <math.h>
#include <string.h>

/* Where goroutines only wait there is no operation. */
static const char used_sql[] =
	"SELECT obj, 1 FROM chan_op WHERE ts >= :from AND ts <= :to\n"
	"UNION ALL\n"
	"SELECT obj, 0 FROM g_interval\n"
	"WHERE state = 4 AND why IN " WHY("'chan_send', 'chan_recv', 'select'") "\n"
	"\tAND obj IS NOT NULL AND ts < :to AND (dur IS NULL OR ts + dur >= :from)";
static const char length_sql[] = "SELECT obj, ts, len, id FROM chan_op WHERE ts <= :to ORDER BY id";
/* Millions of rows: see query_goroutines_sql. */
static const char parked_sql[] =
	"SELECT obj, why, ts, dur FROM g_interval\n"
	"WHERE state = 4 AND why IN " WHY("'chan_send', 'chan_recv', 'select'") "\n"
	"\tAND obj IS NOT NULL AND ts < :to AND (dur IS NULL OR ts + dur >= :from)";
static const char cap_sql[] = "SELECT obj, cap, ts + dur FROM chan JOIN object USING (obj) ORDER BY 3";

enum { MOST = 8, COLUMN = 2, LEFT = 270, TALL = 74, PARKED = 34, GAP = 18 };
enum { HELD = 0x44aa99, HELD_AT_MOST = 0xb5dcd4 };
enum { SENDERS, RECEIVERS, SELECTORS, PARKS };

static const struct {
	enum color why;
	const char *name;
} parks[PARKS] = {{COLOR_wait_chan_send, "goroutines that wait to send"},
		  {COLOR_wait_chan_recv, "goroutines that wait to receive"},
		  {COLOR_wait_select, "goroutines in a select for it"}};

/* A channel, or those of one name if they are many: then all of it is their sum. */
struct line {
	const char *name;	  /* any text */
	int64_t n, cap, ops, len; /* cap: -1 if one is not known */
	struct curve mean, parked[PARKS];
	double *most, full, parks; /* parks: at most, all together */
	bool buffered;
};

/* What is known of a channel, by the index of its object. */
struct channel {
	int64_t cap, ts, len; /* since when it has had how many */
	int64_t freed;
};

struct channels {
	const struct scene *s;
	int columns;
	struct objects objects;
	struct reasons reasons;
	struct sums used; /* by group: operations */
	struct channel *v;
	ARRAY(int64_t) freed; /* those that were, by when, as their index; */
	size_t nended;	      /* of them have ended already, as the rows are read */
	struct line *lines;
	int n, *line_of; /* of each group: its index + 1 */
};

static int used_row(sqlite3_stmt *row, void *arg)
{
	struct channels *c = arg;
	int group = objects_group(&c->objects, row_number(row, 0));

	if (group >= 0)
		sums_add(&c->used, group, 0, 0, row_number(row, 1));
	return 0;
}

static void choose(struct channels *c)
{
	const struct alike *a = &c->objects.alike;

	sums_sort(&c->used);
	c->v = array_zeroed(c->objects.ids.v.n, sizeof *c->v);
	c->lines = array_zeroed(MOST, sizeof *c->lines);
	c->line_of = array_zeroed(a->v.n, sizeof *c->line_of);
	for (; c->n < MOST && (size_t)c->n < c->used.n; c->n++) {
		const struct sum *used = &c->used.v[c->n];
		struct line *l = &c->lines[c->n];

		*l = (struct line){.name = a->v.v[used->key[0]].name,
				   .n = a->v.v[used->key[0]].n,
				   .ops = used->total};
		curve_begin(&l->mean, c->s->from, c->s->to, c->columns);
		for (int k = 0; k < PARKS; k++)
			curve_begin(&l->parked[k], c->s->from, c->s->to, c->columns);
		l->most = array_zeroed((size_t)c->columns, sizeof *l->most);
		c->line_of[used->key[0]] = c->n + 1;
	}
	for (size_t i = 0; i < c->objects.ids.v.n; i++)
		c->v[i].cap = -1;
}

/* The line of the channel at that index, or NULL. */
static struct line *line_at(const struct channels *c, int64_t i)
{
	int line = i < 0 ? 0 : c->line_of[c->objects.alike.group[i]];

	return line ? &c->lines[line - 1] : NULL;
}

static int cap_row(sqlite3_stmt *row, void *arg)
{
	struct channels *c = arg;
	int64_t i = objects_find(&c->objects, row_number(row, 0));
	struct line *l = line_at(c, i);

	if (!l)
		return 0;
	c->v[i].cap = row_null(row, 1) ? -1 : row_number(row, 1);
	l->cap = c->v[i].cap < 0 || l->cap < 0 ? -1 : l->cap + c->v[i].cap;
	/* If it is not known, and what it held neither, there is nothing to draw. */
	l->buffered |= c->v[i].cap > 0 || (c->v[i].cap < 0 && l->ops);
	if (!row_null(row, 2)) {
		c->v[i].freed = row_number(row, 2);
		array_add(&c->freed, i);
	}
	return 0;
}

static int column_at(const struct channels *c, int64_t ts)
{
	double x = ((double)ts - c->lines[0].mean.from) / c->lines[0].mean.step;

	return x < 0 ? 0 : x >= c->columns ? c->columns - 1 : (int)x;
}

/* Until ts the channel held what it held; now it holds len. */
static void until(const struct channels *c, struct line *l, struct channel *ch, int64_t ts,
		  int64_t len)
{
	int64_t from = ch->ts > c->s->from ? ch->ts : c->s->from;
	int64_t to = ts < c->s->to ? ts : c->s->to;

	if (ch->len > 0 && to > from) {
		curve_add_n(&l->mean, from, to, (double)ch->len);
		if (ch->len == ch->cap)
			l->full += (double)(to - from);
	}
	l->len += len - ch->len;
	ch->ts = ts;
	ch->len = len;
}

/* At ts the channel at that index changes. */
static void change(const struct channels *c, int64_t i, int64_t ts, int64_t len)
{
	struct line *l = line_at(c, i);
	int64_t before = l->len;
	double *most;

	until(c, l, &c->v[i], ts, len);
	if (l->buffered && ts >= c->s->from) {
		most = &l->most[column_at(c, ts)];
		*most = fmax(*most, (double)(l->len > before ? l->len : before));
	}
}

/* What was in channels that were freed before ts has gone with them. */
static void end_before(struct channels *c, int64_t ts)
{
	for (; c->nended < c->freed.n; c->nended++) {
		int64_t i = c->freed.v[c->nended];

		if (c->v[i].freed >= ts)
			break;
		change(c, i, c->v[i].freed, 0);
	}
}

static int length_row(sqlite3_stmt *row, void *arg)
{
	struct channels *c = arg;
	int64_t i = objects_find(&c->objects, row_number(row, 0)), ts = row_number(row, 1);

	if (!line_at(c, i))
		return 0;
	end_before(c, ts);
	change(c, i, ts, row_number(row, 2));
	return 0;
}

static int parked_row(sqlite3_stmt *row, void *arg)
{
	struct channels *c = arg;
	struct line *l = line_at(c, objects_find(&c->objects, row_number(row, 0)));
	enum color why = query_color(&c->reasons, STATE_waiting, row_number(row, 1));
	int64_t ts = row_number(row, 2);

	for (int k = 0; l && k < PARKS; k++)
		if (why == parks[k].why)
			curve_add(&l->parked[k], ts,
				  row_null(row, 3) ? c->s->run.dur : ts + row_number(row, 3));
	return 0;
}

/* A column without an operation has no more than its average. */
static void finish(const struct channels *c, struct line *l)
{
	curve_finish(&l->mean);
	for (int x = 0; x < c->columns; x++)
		l->most[x] = fmax(l->most[x], ceil(l->mean.v[x] - 1e-6));
	for (int k = 0; k < PARKS; k++) {
		curve_finish(&l->parked[k]);
		for (int x = 0; k && x < c->columns; x++) /* stacked */
			l->parked[k].v[x] += l->parked[k - 1].v[x];
	}
	for (int x = 0; x < c->columns; x++)
		l->parks = fmax(l->parks, l->parked[PARKS - 1].v[x]);
}

static int read_channels(struct channels *c)
{
	const struct scene *s = c->s;

	if (objects_read(s, &c->objects) < 0 || query_reasons(s->db, &c->reasons) < 0 ||
	    scene_ask(s, used_sql, used_row, c) < 0)
		return -1;
	choose(c);
	if (c->n == 0)
		return 0;
	if (scene_ask(s, cap_sql, cap_row, c) < 0 || scene_ask(s, length_sql, length_row, c) < 0 ||
	    scene_ask(s, parked_sql, parked_row, c) < 0)
		return -1;
	end_before(c, s->to);
	for (size_t i = 0; i < c->objects.ids.v.n; i++) {
		struct line *l = line_at(c, (int64_t)i);

		if (l)
			until(c, l, &c->v[i], s->to, 0);
	}
	for (int i = 0; i < c->n; i++)
		finish(c, &c->lines[i]);
	return 0;
}

/* Its name, what it can hold, and what is special about it. */
static void label(const struct channels *c, const struct line *l, int y, struct figure *f)
{
	char a[FORMAT_MAX], b[FORMAT_MAX];
	double room = LEFT - FIGURE_MARGIN - 60;
	double part = l->full / (double)(c->s->to - c->s->from) / (double)l->n;
	/* What else could it be? */
	const char *name = strncmp(l->name, "chan at ", 8) == 0 ? l->name + 8 : l->name;

	figure_put_bold(f, FIGURE_MARGIN, y, ALIGN_LEFT, 12,
			figure_fit(name, room / FORMAT_BOLD, 12));
	figure_put(f, FIGURE_MARGIN, y + 17, ALIGN_LEFT, 11, INK_SOFT,
		   l->cap < 0	? format_text("its making is not recorded")
		   : !l->buffered ? format_text("unbuffered")
				: format_text("%s %s, full %s", l->n > 1 ? "hold" : "holds",
					      format_count(a, l->cap), format_percent(b, part)));
	if (!query_recorded(&c->s->run, "chan"))
		return;
	figure_put(f, FIGURE_MARGIN, y + 33, ALIGN_LEFT, 11, INK_SOFT,
		   format_text("%s operation%s", format_count(a, l->ops), l->ops == 1 ? "" : "s"));
}

/* How many elements it holds. */
static void elements(const struct channels *c, struct line *l, struct rect place, struct figure *f)
{
	struct panel *p = figure_panel(f, place);
	double max = l->cap > 0 ? (double)l->cap : 1;

	for (int x = 0; x < c->columns; x++)
		max = fmax(max, l->most[x]);
	p->x = figure_time(f, true);
	p->y = figure_count(max);
	panel_columns(p, MARK_AREA, HELD_AT_MOST, l->mean.from, l->mean.step, l->most, c->columns);
	panel_columns(p, MARK_AREA, HELD, l->mean.from, l->mean.step, l->mean.v, c->columns);
	if (l->cap > 0) {
		struct mark *m = panel_mark(p, MARK_RULE, INK_SOFT);

		mark_point(m, p->x.min, (double)l->cap);
		mark_point(m, p->x.max, (double)l->cap);
	}
}

/* Who is parked there. */
static void parked(const struct channels *c, struct line *l, struct rect place, bool last,
		   struct figure *f)
{
	struct panel *p = figure_panel(f, place);
	double max = fmax(1, l->parks);
	char a[FORMAT_MAX];

	p->x = figure_time(f, !last);
	p->y = (struct scale){SCALE_PART, 0, max * 1.05, NULL, true};
	panel_box(p, p->x.min, p->x.max, 0, max * 1.05, LANE);
	for (int k = PARKS - 1; k >= 0; k--)
		panel_columns(p, MARK_AREA, palette[parks[k].why].rgb, l->mean.from, l->mean.step,
			      l->parked[k].v, c->columns);
	figure_put(f, LEFT - 8, place.y + place.h / 2.0, ALIGN_RIGHT, 11, INK_SOFT,
		   l->parks > 0 ? format_text("\xe2\x89\xa4 %s",
					      format_count(a, (int64_t)ceil(l->parks - 1e-9)))
				: format_text("nobody"));
}

static void rows(struct channels *c, struct figure *f)
{
	int y = f->top + 6, w = c->columns * COLUMN;

	for (int i = 0; i < c->n; i++) {
		struct line *l = &c->lines[i];
		int tall = l->buffered ? TALL : 0;

		label(c, l, y + 12, f);
		if (tall)
			elements(c, l, (struct rect){LEFT, y, w, tall}, f);
		y += tall ? tall + 3 : 6;
		parked(c, l, (struct rect){LEFT, y, w, PARKED}, i + 1 == c->n, f);
		y += PARKED + GAP + (tall ? 0 : 8); /* three lines of words */
	}
	f->bottom += FIGURE_AXIS;
}

static void legend(const struct channels *c, struct figure *f)
{
	struct key keys[2 + PARKS] = {{HELD, "elements, on average in a column"},
				      {HELD_AT_MOST, "at most"}};
	size_t n = 0;

	for (int i = 0; i < c->n; i++)
		if (c->lines[i].buffered)
			n = 2;
	for (int k = 0; k < PARKS; k++) {
		double total = 0;

		for (int i = 0; i < c->n; i++)
			total += c->lines[i].parked[k].total;
		if (total > 0)
			keys[n++] = (struct key){palette[parks[k].why].rgb, parks[k].name};
	}
	figure_legend(f, keys, n);
}

static void notes(const struct channels *c, struct figure *f)
{
	char a[FORMAT_MAX];
	bool many = false;

	for (int i = 0; i < c->n; i++)
		many |= c->lines[i].n > 1;
	figure_note(f, format_text("A column is %s wide.%s", format_ns(a, c->lines[0].mean.step, 3),
				   many ? " Many channels of one name, or made at one "
					  "place, are one: what all of them hold, and who "
					  "waits at any of them."
					: ""));
	if (c->used.n > MOST)
		figure_note(f, format_text("Shown are those with the most operations; %s other "
					   "channel%s not.",
					   format_count(a, (int64_t)c->used.n - MOST),
					   c->used.n - MOST == 1 ? " is" : "s are"));
}

static void layout(struct channels *c, struct figure *f)
{
	const struct scene *s = c->s;
	char *window = scene_window(s);

	figure_begin(
		f, s->width, s->title,
		format_text("%s; what channels held, and who waited there; dashed is as much as "
			    "one can hold",
			    window));
	free(window);
	f->from = s->from;
	f->to = s->to;
	if (c->n == 0) {
		figure_empty(f, query_recorded(&s->run, "chan")
					? "no channel was used in this time"
					: "nobody waited at a channel in this time; operations on "
					  "channels were not recorded");
		return;
	}
	legend(c, f);
	rows(c, f);
	notes(c, f);
}

static int draw(const struct scene *s, struct figure *f)
{
	struct channels c = {.s = s, .columns = (s->width - LEFT - FIGURE_RIGHT) / COLUMN};
	int ret = read_channels(&c);

	if (ret == 0)
		layout(&c, f);
	for (int i = 0; i < c.n; i++) {
		curve_free(&c.lines[i].mean);
		for (int k = 0; k < PARKS; k++)
			curve_free(&c.lines[i].parked[k]);
		free(c.lines[i].most);
	}
	free(c.lines);
	free(c.line_of);
	free(c.v);
	free(c.freed.v);
	free(c.reasons.colors.v);
	objects_free(&c.objects);
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
	.sql = {used_sql, length_sql, parked_sql, cap_sql, objects_sql},
	.draw = draw,
};
