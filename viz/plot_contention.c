/* SPDX-License-Identifier: MIT */
/* The picture of contention as a plot. */
#include "plot.h"

static void add_note(void *contention, char *text)
{
	struct contention *c = contention;

	array_add(&c->notes, text);
}

/* The window, and what is missing in it. */
static void look_at(struct contention *c, const struct scene *s)
{
	c->from = s->from;
	c->to = s->to;
	c->when = scene_window(s);
	c->fit = s->height == 0;
	for (size_t i = 0; i < s->gaps.n; i++)
		if (s->gaps.v[i].end >= s->from && s->gaps.v[i].ts <= s->to)
			array_add(&c->gaps, s->gaps.v[i]);
	scene_in_full(s, add_note, c);
	scene_missing(s, c->gaps.n > 0, add_note, c);
}

static int script(const struct scene *s, enum format format, struct script *out)
{
	struct contention c;
	struct contention_layout l;
	int ret = query_contention(s->db, &c);

	if (ret == 0) {
		look_at(&c, s);
		contention_clip(&c);
		contention_merge(&c);
		contention_sum(&c);
		contention_layout(&c, s->width, s->height ? s->height : 900, &l);
		draw_contention(out, format, &l);
		contention_layout_free(&l);
	}
	contention_free(&c);
	return ret;
}

const struct plot plot_contention = {
	.title = "Contention",
	.words = "Which channels and locks goroutines waited for. Of a mutex, to blame is who held "
		 "it when the wait began; of a channel, who at last came to the other end: no goroutine "
		 "if the time was up, or nobody came.",
	.window = true,
	.stretch = true,
	.sql = {query_contention_sql},
	.script = script,
};
