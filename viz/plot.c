/* SPDX-License-Identifier: MIT */
/* Plots: the table of them, and what they have in common. */
#include "plot.h"

#include <math.h>
#include <string.h>

#define PLOT(name, line) extern const struct plot plot_##name;
#include "plots.def"
#undef PLOT

const struct plot_row plots[] = {
#define PLOT(name, line) {#name, line, &plot_##name},
#include "plots.def"
#undef PLOT
};
const int nplots = sizeof plots / sizeof *plots;

const struct plot_row *plot_find(const char *name)
{
	for (int i = 0; i < nplots; i++)
		if (strcmp(plots[i].name, name) == 0)
			return &plots[i];
	return NULL;
}

/* ---- The run ---- */

static int gap_row(sqlite3_stmt *row, void *arg)
{
	struct scene *s = arg;
	int64_t ts = row_number(row, 0);

	array_add(&s->gaps, (struct gap){ts, ts + row_number(row, 1), row_number(row, 2)});
	return 0;
}

int scene_read(sqlite3 *db, struct scene *s)
{
	*s = (struct scene){.db = db, .width = 1600};
	/* Plots read tables once from end to end: fresh memory for pages costs them more than it saves. */
	sqlite3_exec(db, "PRAGMA cache_size = -4096", NULL, NULL, NULL); /* KiB */
	if (query_run(db, &s->run) < 0)
		return -1;
	s->title = query_command(&s->run);
	s->to = s->run.dur > 0 ? s->run.dur : 1;
	return rows_each(db, "SELECT ts, dur, lost FROM gap ORDER BY ts, m", 0, 0, gap_row, s);
}

void scene_free(struct scene *s)
{
	query_run_free(&s->run);
	free(s->title);
	free(s->gaps.v);
}

int scene_ask(const struct scene *s, const char *sql, row_fn *fn, void *arg)
{
	return rows_each(s->db, sql, s->from, s->to, fn, arg);
}

char *scene_window(const struct scene *s)
{
	char a[FORMAT_MAX], b[FORMAT_MAX], c[FORMAT_MAX];
	int digits = 3 + (int)fmin(9, log10((double)s->to / (double)(s->to - s->from)));

	if (s->run.dur == 0)
		return format_text("a run without any time in it");
	if (s->from == 0 && s->to == s->run.dur)
		return format_text("the whole run, %s", format_ns(a, (double)s->run.dur, 4));
	return format_text("%s to %s of a run of %s", format_ns(a, (double)s->from, digits),
			   format_ns(b, (double)s->to, digits),
			   format_ns(c, (double)s->run.dur, 4));
}

void scene_missing(const struct scene *s, bool hatched, void (*say)(void *, char *), void *arg)
{
	char a[FORMAT_MAX];

	if (s->run.lost)
		say(arg,
		    hatched ? format_text("Hatched: %s events are missing from the trace; what "
					  "is drawn there may be wrong.",
					  format_count(a, s->run.lost))
			    : format_text("%s events are missing from the trace: what is drawn "
					  "may be wrong.",
					  format_count(a, s->run.lost)));
	if (s->run.unrecorded)
		say(arg, format_text("Not recorded, and so not in the picture: events of %s.",
				     s->run.unrecorded));
}

void scene_in_full(const struct scene *s, void (*say)(void *arg, char *text), void *arg)
{
	if (s->from > 0 || s->to < s->run.dur)
		say(arg, format_text("Waits that reach beyond this time count in full."));
}

/* ---- The script ---- */

static void add_note(void *figure, char *text)
{
	figure_note(figure, text);
}

/* What is missing: where, on axes of time; and in words. */
static void say_lost(const struct plot *plot, const struct scene *s, struct figure *f)
{
	bool hatched = false;

	for (size_t i = 0; i < f->panels.n; i++) {
		struct panel *p = f->panels.v[i];
		double px = (p->x.max - p->x.min) / p->place.w;

		for (size_t k = 0; p->x.kind == SCALE_TIME && k < s->gaps.n; k++) {
			double t0 = fmax((double)s->gaps.v[k].ts, p->x.min);
			double t1 = fmin((double)s->gaps.v[k].end, p->x.max);

			t0 = fmin(t0, p->x.max - 3 * px);
			if (s->gaps.v[k].end < s->from || s->gaps.v[k].ts > s->to)
				continue;
			array_add(&p->hatches,
				  (struct box){t0, fmax(t1, t0 + 3 * px), p->y.min, p->y.max, 0});
			hatched = true;
		}
	}
	if (!plot->bare)
		scene_missing(s, hatched, add_note, f);
}

int plot_script(const struct plot *plot, const struct scene *s, enum format format,
		struct script *out)
{
	struct figure f = {.name = plot->title};
	int ret;

	if (plot->script)
		return plot->script(s, format, out);
	ret = plot->draw(s, &f);
	if (ret == 0) {
		if (plot->in_full)
			scene_in_full(s, add_note, &f);
		say_lost(plot, s, &f);
		figure_end(&f);
		if (s->height)
			figure_stretch(&f, s->height);
		draw_figure(out, format, &f);
	}
	figure_free(&f);
	return ret;
}
