/* SPDX-License-Identifier: MIT */
/* The program's own counters, over time. */
#include "plot.h"

#include <math.h>
#include <string.h>

static const char used_sql[] = "SELECT pid, name, count(*) AS n FROM counter WHERE ts <= :to\n"
			       "GROUP BY pid, name ORDER BY n DESC, pid, name";
static const char values_sql[] = "SELECT pid, name, ts, value FROM counter WHERE ts <= :to ORDER BY id";

enum { MOST = 8, COLUMN = 2, LEFT = 270, TALL = 90, GAP = 18 };
enum { MEAN = 0x44aa99, RANGE = 0xb5dcd4 };

struct line {
	char *name;
	int64_t pid, n; /* how many values */
	bool begun;	/* it has one */
	int64_t ts;	/* since when */
	double value;
	struct curve mean;
	double *most, *least; /* of each column */
};

struct counters {
	const struct scene *s;
	int columns;
	struct line lines[MOST];
	int n;
	int64_t others, pid; /* that are not shown; the process of all, or 0 */
};

static int used_row(sqlite3_stmt *row, void *arg)
{
	struct counters *c = arg;
	int64_t pid = row_number(row, 0);
	struct line *l;

	c->pid = c->n == 0 || c->pid == pid ? pid : 0;
	if (c->n == MOST) {
		c->others++;
		return 0;
	}
	l = &c->lines[c->n++];
	*l = (struct line){.name = row_text(row, 1), .pid = pid, .n = row_number(row, 2)};
	curve_begin(&l->mean, c->s->from, c->s->to, c->columns);
	l->most = array_zeroed((size_t)c->columns, sizeof *l->most);
	l->least = array_zeroed((size_t)c->columns, sizeof *l->least);
	for (int i = 0; i < c->columns; i++) {
		l->most[i] = -INFINITY;
		l->least[i] = INFINITY;
	}
	return 0;
}

static int column_at(const struct counters *c, int64_t ts)
{
	double x = (double)(ts - c->s->from) / c->lines[0].mean.step;

	return x >= c->columns ? c->columns - 1 : (int)x;
}

/* Until ts it had the value that it has. */
static void until(const struct counters *c, struct line *l, int64_t ts)
{
	int64_t from = l->ts > c->s->from ? l->ts : c->s->from;
	int64_t to = ts < c->s->to ? ts : c->s->to;

	if (!l->begun || to < from)
		return;
	curve_add_n(&l->mean, from, to, l->value);
	for (int i = column_at(c, from); i <= column_at(c, to); i++) {
		l->most[i] = fmax(l->most[i], l->value);
		l->least[i] = fmin(l->least[i], l->value);
	}
}

static int value_row(sqlite3_stmt *row, void *arg)
{
	struct counters *c = arg;
	int64_t pid = row_number(row, 0);
	const char *name = (const char *)sqlite3_column_text(row, 1);

	for (struct line *l = c->lines; l < c->lines + c->n; l++) {
		if (l->pid != pid || strcmp(l->name, name) != 0)
			continue;
		until(c, l, row_number(row, 2));
		l->begun = true;
		l->ts = row_number(row, 2);
		l->value = (double)row_number(row, 3);
	}
	return 0;
}

static int read_counters(struct counters *c)
{
	if (scene_ask(c->s, used_sql, used_row, c) < 0)
		return -1;
	if (c->n && scene_ask(c->s, values_sql, value_row, c) < 0)
		return -1;
	for (struct line *l = c->lines; l < c->lines + c->n; l++) {
		until(c, l, c->s->to);
		curve_finish(&l->mean);
		for (int i = 0; i < c->columns; i++) { /* both are areas down or up to 0 */
			l->most[i] = fmax(l->most[i], 0);
			l->least[i] = isinf(l->least[i]) ? 0 : fmin(l->least[i], 0);
		}
	}
	return 0;
}

static void label(const struct counters *c, const struct line *l, int y, struct figure *f)
{
	char a[FORMAT_MAX];
	double room = LEFT - FIGURE_MARGIN - 80;

	figure_put_bold(f, FIGURE_MARGIN, y, ALIGN_LEFT, 12, figure_fit(l->name, room / FORMAT_BOLD, 12));
	figure_put(f, FIGURE_MARGIN, y + 17, ALIGN_LEFT, 11, INK_SOFT,
		   format_text("%s value%s, the last %.10g", format_count(a, l->n), l->n == 1 ? "" : "s", l->value));
	if (!c->pid)
		figure_put(f, FIGURE_MARGIN, y + 33, ALIGN_LEFT, 11, INK_SOFT,
			   format_text("of process %lld", (long long)l->pid));
}

static void panel(const struct counters *c, const struct line *l, struct rect place, bool last, struct figure *f)
{
	struct panel *p = figure_panel(f, place);
	double most = 0, least = 0;

	for (int i = 0; i < c->columns; i++) {
		most = fmax(most, l->most[i]);
		least = fmin(least, l->least[i]);
	}
	p->x = figure_time(f, !last);
	p->y = figure_count(most);
	if (most == 0 && least < 0)
		p->y.max = 0;
	p->y.min = least * 1.05;
	panel_columns(p, MARK_AREA, RANGE, l->mean.from, l->mean.step, l->most, c->columns);
	panel_columns(p, MARK_AREA, RANGE, l->mean.from, l->mean.step, l->least, c->columns);
	panel_columns(p, MARK_AREA, MEAN, l->mean.from, l->mean.step, l->mean.v, c->columns);
}

static void layout(const struct counters *c, struct figure *f)
{
	const struct scene *s = c->s;
	const struct key keys[] = {{MEAN, "on average in a column"}, {RANGE, "the greatest and the least in it"}};
	char a[FORMAT_MAX], *window = scene_window(s);
	int y;

	figure_begin(f, s->width, s->title,
		     format_text("%s; a counter has a value until it is given another", window));
	free(window);
	f->from = s->from;
	f->to = s->to;
	if (c->n == 0) {
		figure_empty(f, query_recorded(&s->run, "mark")
					? "the program had given no counter a value (weft_counter)"
					: "the program's counters were not recorded");
		return;
	}
	figure_legend(f, keys, 2);
	y = f->top + 6;
	for (int i = 0; i < c->n; i++, y += TALL + GAP) {
		label(c, &c->lines[i], y + 12, f);
		panel(c, &c->lines[i], (struct rect){LEFT, y, c->columns * COLUMN, TALL}, i + 1 == c->n, f);
	}
	f->bottom += FIGURE_AXIS;
	figure_note(f, format_text("A column is %s wide.", format_ns(a, c->lines[0].mean.step, 3)));
	if (c->others)
		figure_note(f, format_text("Shown are those that were given the most values; %s other%s not.",
					   format_count(a, c->others), c->others == 1 ? " is" : "s are"));
}

static int draw(const struct scene *s, struct figure *f)
{
	struct counters c = {.s = s, .columns = (s->width - LEFT - FIGURE_RIGHT) / COLUMN};
	int ret = read_counters(&c);

	if (ret == 0)
		layout(&c, f);
	for (struct line *l = c.lines; l < c.lines + c.n; l++) {
		curve_free(&l->mean);
		free(l->most);
		free(l->least);
		free(l->name);
	}
	return ret;
}

const struct plot plot_counters = {
	.title = "Counters",
	.words = "The values that the program gave its counters (<code>weft_counter</code>), above each other, so that "
		 "what they do together can be seen.",
	.window = true,
	.sql = {used_sql, values_sql},
	.draw = draw,
};
