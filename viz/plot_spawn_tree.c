/* SPDX-License-Identifier: MIT */
/* Who spawned whom, and when they lived. */
#include "family.h"

#include <math.h>
#include <string.h>

static const char tree_sql[] = "SELECT depth, 'g' || g || ' ' || trim(name), place, ts, dur\n"
			       "FROM spawn_tree LIMIT 41";
static const char life_sql[] = "SELECT g.g, g.ts, coalesce(g.ts + g.dur, p.ts + p.dur) AS end,\n"
			       "\tg.dur IS NULL AS alive\n"
			       "FROM goroutine AS g JOIN process AS p USING (pid)";

enum { FEW = 40, LEFT = 420, PITCH = 20, INDENT = 16, COLUMN = 4, DEEP = 14 };

/* A line of the picture: a goroutine, or all of a family. */
struct line {
	int depth;
	char *name, *place;
	int64_t n, ended;
	int64_t ts, end; /* of one alone */
	struct curve alive;
	double most;
};

struct tree {
	const struct scene *s;
	int columns;
	ARRAY(struct line) lines;
	struct families families;
	int *line_of; /* of each family */
	int64_t hidden, hidden_families;
};

static struct line *add_line(struct tree *t, int depth, char *name, char *place)
{
	array_add(&t->lines, (struct line){.depth = depth, .name = name, .place = place});
	curve_begin(&t->lines.v[t->lines.n - 1].alive, t->s->from, t->s->to, t->columns);
	return &t->lines.v[t->lines.n - 1];
}

/* ---- Few: each goroutine has a line ---- */

static int goroutine_row(sqlite3_stmt *row, void *arg)
{
	struct tree *t = arg;
	struct line *line =
		add_line(t, (int)row_number(row, 0), row_text(row, 1), row_text(row, 2));
	int64_t ts = row_number(row, 3);

	line->n = 1;
	line->ended = !row_null(row, 4);
	line->ts = ts;
	line->end = line->ended ? ts + row_number(row, 4) : t->s->to;
	curve_add(&line->alive, line->ts, line->end);
	return 0;
}

/* ---- Many: each family has one ---- */

/* The families that have most goroutines, if they are too many. */
static bool *choose(const struct families *f)
{
	bool *chosen = array_zeroed(f->v.n, 1);

	for (size_t k = 0; k < FEW && k < f->v.n; k++) {
		size_t best = f->v.n;

		for (size_t i = 0; i < f->v.n; i++) /* a child only below its parent */
			if (!chosen[i] && (best == f->v.n || f->v.v[i].n > f->v.v[best].n) &&
			    (f->v.v[i].parent == FAMILY_NONE || chosen[f->v.v[i].parent]))
				best = i;
		chosen[best] = true;
	}
	return chosen;
}

static void add_families(struct tree *t, const bool *chosen, int parent)
{
	const struct families *f = &t->families;

	for (size_t i = (size_t)(parent + 1); i < f->v.n; i++) {
		char a[FORMAT_MAX];

		if (f->v.v[i].parent != parent || !chosen[i])
			continue;
		t->line_of[i] = (int)t->lines.n;
		add_line(t, f->v.v[i].depth,
			 f->v.v[i].n == 1 ? format_text("g%lld %s", (long long)f->v.v[i].first,
							f->v.v[i].func)
					  : format_text("%s (%s)", f->v.v[i].func,
							format_count(a, f->v.v[i].n)),
			 NULL);
		add_families(t, chosen, (int)i);
	}
}

static int life_row(sqlite3_stmt *row, void *arg)
{
	struct tree *t = arg;
	int family = families_find(&t->families, row_number(row, 0));
	struct line *line;

	if (family == FAMILY_NONE)
		return 0;
	if (t->line_of[family] < 0) {
		t->hidden++;
		return 0;
	}
	line = &t->lines.v[t->line_of[family]];
	line->n++;
	line->ended += !row_number(row, 3);
	line->ts = row_number(row, 1);
	line->end = row_number(row, 2);
	curve_add(&line->alive, line->ts, line->end);
	return 0;
}

static int read_families(struct tree *t)
{
	bool *chosen;

	if (families_read(t->s, &t->families) < 0)
		return -1;
	t->line_of = array_zeroed(t->families.v.n, sizeof *t->line_of);
	memset(t->line_of, -1, t->families.v.n * sizeof *t->line_of);
	chosen = choose(&t->families);
	add_families(t, chosen, FAMILY_NONE);
	free(chosen);
	t->hidden_families = (int64_t)(t->families.v.n - t->lines.n);
	return scene_ask(t->s, life_sql, life_row, t);
}

/* ---- The picture ---- */

/* From a line up to its parent's. */
static void branch(const struct tree *t, struct panel *p, size_t i)
{
	int depth = t->lines.v[i].depth < DEEP ? t->lines.v[i].depth : DEEP;
	double x = (depth - 1) * INDENT + 5, y = ((double)i + 0.5) * PITCH;
	size_t up = i;

	if (depth == 0)
		return;
	while (up > 0 && t->lines.v[up].depth >= t->lines.v[i].depth)
		up--;
	panel_box(p, x, x + 1, (double)(up + 1) * PITCH - 2, y, INK_FAINT);
	panel_box(p, x, x + INDENT - 8, y, y + 1, INK_FAINT);
}

static void life(const struct tree *t, struct panel *p, size_t i)
{
	const struct curve *c = &t->lines.v[i].alive;
	double y0 = (double)i * PITCH + 3, y1 = (double)(i + 1) * PITCH - 3;
	double most = t->lines.v[i].most, px = t->lines.v[i].alive.step / COLUMN;

	if (t->lines.v[i].n == 1) {
		double t0 = (double)t->lines.v[i].ts, t1 = (double)t->lines.v[i].end;

		t0 = fmin(t0, p->x.max - px); /* never nothing: it lived */
		panel_box(p, t0, fmax(t1, t0 + px), y0, y1, figure_shade(0.75));
		return;
	}
	for (int x = 0, first = 0; x < c->n; x++) {
		double part = c->v[first] / most;

		if (x + 1 < c->n && figure_shade(c->v[x + 1] / most) == figure_shade(part) &&
		    (c->v[x + 1] > 0) == (c->v[first] > 0))
			continue;
		if (c->v[first] > 0)
			panel_box(p, c->from + first * c->step, c->from + (x + 1) * c->step, y0, y1,
				  figure_shade(0.15 + 0.6 * part));
		first = x + 1;
	}
}

static void put_line(const struct tree *t, struct figure *f, size_t i, double y)
{
	const struct line *line = &t->lines.v[i];
	int depth = line->depth < DEEP ? line->depth : DEEP;
	bool noted = line->n > 1 || !line->ended;
	double x = FIGURE_MARGIN + depth * INDENT, right = LEFT - (noted ? 90 : 10);
	char a[FORMAT_MAX], *name = figure_fit(line->name, LEFT - 90 - x, 12), *place;
	const char *slash = line->place ? strrchr(line->place, '/') : NULL;

	figure_put(f, x, y, ALIGN_LEFT, 12, INK, name);
	x += figure_width(name, 12) + 10;
	if (line->place) {
		place = figure_fit(slash ? slash + 1 : line->place, right - x, 11);
		figure_put(f, x, y, ALIGN_LEFT, 11, INK_SOFT, place);
	}
	if (line->n > 1)
		figure_put(f, LEFT - 10, y, ALIGN_RIGHT, 11, INK_SOFT,
			   format_text("\xe2\x89\xa4 %s",
				       format_count(a, (int64_t)(line->most + 0.999))));
	else if (!line->ended)
		figure_put(f, LEFT - 10, y, ALIGN_RIGHT, 11, INK_SOFT, format_text("not ended"));
}

static void rows(struct tree *t, struct figure *f)
{
	int h = (int)t->lines.n * PITCH;
	struct panel *names = figure_panel(f, (struct rect){FIGURE_MARGIN, f->top + 6, LEFT, h});
	struct panel *p = figure_panel(f, (struct rect){LEFT, f->top + 6, t->columns * COLUMN, h});

	p->x = figure_time(f, false);
	for (size_t i = 0; i < t->lines.n; i++) {
		struct line *line = &t->lines.v[i];

		curve_finish(&line->alive);
		for (int x = 0; x < t->columns; x++)
			line->most = line->alive.v[x] > line->most ? line->alive.v[x] : line->most;
		branch(t, names, i);
		life(t, p, i);
		put_line(t, f, i, p->place.y + ((double)i + 0.5) * PITCH);
	}
	f->bottom += FIGURE_AXIS;
}

static void layout(struct tree *t, struct figure *f)
{
	const struct scene *s = t->s;
	char a[FORMAT_MAX], b[FORMAT_MAX];

	figure_begin(f, s->width, s->title,
		     format_text("who spawned whom, and when they lived: %s goroutine%s%s",
				 format_count(a, s->run.goroutines),
				 s->run.goroutines == 1 ? "" : "s",
				 t->line_of ? ", those of one function and one ancestry in one line"
					    : ""));
	f->from = s->from;
	f->to = s->to;
	if (t->lines.n == 0) {
		figure_empty(f, "there was no goroutine");
		return;
	}
	rows(t, f);
	if (t->line_of)
		figure_note(
			f, format_text(
				   "The darker a line, the more of its goroutines lived; "
				   "\xe2\x89\xa4 is "
				   "how many at most. A function that spawns itself is one line."));
	if (t->hidden_families)
		figure_note(f, format_text("Not shown: %s other lines, with %s goroutines in all.",
					   format_count(a, t->hidden_families),
					   format_count(b, t->hidden)));
}

static int draw(const struct scene *s, struct figure *f)
{
	struct tree t = {.s = s, .columns = (s->width - LEFT - FIGURE_RIGHT) / COLUMN};
	int ret = s->run.goroutines <= FEW ? scene_ask(s, tree_sql, goroutine_row, &t)
					   : read_families(&t);

	if (ret == 0)
		layout(&t, f);
	for (size_t i = 0; i < t.lines.n; i++) {
		curve_free(&t.lines.v[i].alive);
		free(t.lines.v[i].name);
		free(t.lines.v[i].place);
	}
	free(t.lines.v);
	free(t.line_of);
	families_free(&t.families);
	return ret;
}

const struct plot plot_spawn_tree = {
	.title = "Spawn tree",
	.words = "Who spawned whom, and from when to when each lived.",
	.sql = {tree_sql, families_sql, life_sql},
	.draw = draw,
};
