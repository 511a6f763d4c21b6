/* SPDX-License-Identifier: MIT */
#include "why.h"

#include <stdlib.h>
#include <string.h>

/* Who is asked for, from the root on. */
struct path {
	int64_t g;
	const struct path *up;
};

struct asking {
	why_source *source;
	void *arg;
	int64_t least;
};

static bool alike(const struct why_state *a, const struct why_state *b)
{
	if (a->what != b->what)
		return false;
	if (a->what == WHAT_RUNNABLE)
		return strcmp(a->why, b->why) == 0;
	if (a->what != WHAT_WAITING)
		return true;
	return a->open == b->open && a->obj == b->obj && a->other == b->other &&
	       strcmp(a->why, b->why) == 0;
}

static struct part *part_for(struct part *of, int64_t g, const struct why_state *state)
{
	for (size_t i = 0; i < of->parts.n; i++)
		if (alike(&of->parts.v[i].state, state))
			return &of->parts.v[i];
	array_add(&of->parts, (struct part){.g = g, .state = *state});
	return &of->parts.v[of->parts.n - 1];
}

/* What g did in one window of `of`. */
static int divide(struct part *of, int64_t g, struct window w, const struct asking *a)
{
	struct why_spans spans = {0};
	int ret = a->source(a->arg, g, w.from, w.to, &spans);

	for (size_t i = 0; ret == 0 && i < spans.v.n; i++) {
		const struct why_span *s = &spans.v.v[i];
		struct window in = {s->from > w.from ? s->from : w.from,
				    s->to < w.to ? s->to : w.to};
		struct part *part;

		if (in.from >= in.to)
			continue;
		part = part_for(of, g, &s->state);
		part->total += in.to - in.from;
		array_add(&part->windows, in);
	}
	free(spans.v.v);
	return ret;
}

static int longest_first(const void *a, const void *b)
{
	const struct part *x = a, *y = b;

	if (x->total != y->total)
		return x->total < y->total ? 1 : -1;
	return x->windows.v[0].from < y->windows.v[0].from ? -1 : 1;
}

static bool is_on(const struct path *path, int64_t g)
{
	for (; path; path = path->up)
		if (path->g == g)
			return true;
	return false;
}

static int explain(struct part *part, int depth, const struct path *up, const struct asking *a)
{
	struct path path = {part->g, up};
	int64_t other = part->state.other;

	if (other <= 0 || part->total < a->least)
		return 0;
	part->circle = is_on(&path, other);
	part->deeper = !part->circle && depth == 0;
	if (part->circle || part->deeper)
		return 0;
	for (size_t i = 0; i < part->windows.n; i++)
		if (divide(part, other, part->windows.v[i], a) < 0)
			return -1;
	qsort(part->parts.v, part->parts.n, sizeof *part->parts.v, longest_first);
	for (size_t i = 0; i < part->parts.n; i++)
		if (explain(&part->parts.v[i], depth - 1, &path, a) < 0)
			return -1;
	return 0;
}

int why_explain(struct part *root, int depth, int64_t least, why_source *source, void *arg)
{
	const struct asking a = {source, arg, least};

	return explain(root, depth, NULL, &a);
}

void why_free(struct part *root)
{
	for (size_t i = 0; i < root->parts.n; i++)
		why_free(&root->parts.v[i]);
	free(root->parts.v);
	free(root->windows.v);
}
