/* SPDX-License-Identifier: MIT */
/* The timelines as plots: of workers and of goroutines. */
#include "plot.h"

static int script(const struct scene *s, bool workers, enum format format, struct script *out)
{
	struct timeline t = {.workers = workers,
			     .title = format_text("%s", s->title),
			     .from = s->from,
			     .to = s->to,
			     .dur = s->run.dur,
			     .nworkers = (int)s->run.workers,
			     .fit = s->height == 0,
			     .width = s->width,
			     .height = s->height ? s->height : 900};
	struct layout l;
	int ret = workers ? query_workers(s->db, &t) : query_goroutines(s->db, &t);

	if (ret == 0) {
		layout_timeline(&t, &l);
		draw_timeline(out, format, &l);
		layout_free(&l);
	}
	timeline_free(&t);
	return ret;
}

static int workers(const struct scene *s, enum format format, struct script *out)
{
	return script(s, true, format, out);
}

static int goroutines(const struct scene *s, enum format format, struct script *out)
{
	return script(s, false, format, out);
}

const struct plot plot_timeline = {
	.title = "Workers",
	.words =
		"Which goroutine ran where. Grey is a worker without work. For a closer look, give "
		"<code>weft timeline</code> a shorter time with <code>--from</code> and "
		"<code>--to</code>.",
	.window = true,
	.stretch = true,
	.least_width = 400,
	.least_height = 300,
	.sql = {query_workers_sql, query_off_workers_sql},
	.script = workers,
};

const struct plot plot_goroutines = {
	.title = "Goroutines",
	.words = "What each goroutine did, and what it waited for.",
	.window = true,
	.stretch = true,
	.least_width = 400,
	.least_height = 300,
	.sql = {query_goroutines_sql},
	.script = goroutines,
};
