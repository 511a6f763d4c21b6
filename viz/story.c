/* SPDX-License-Identifier: MIT */
#include "story.h"

int story_begin(struct story *st, sqlite3 *db, int64_t from)
{
	*st = (struct story){.query = step_query_new(db)};
	if (!st->query)
		return -1;
	st->names = step_query_names(st->query);
	return from ? step_query_runnable(st->query, from, &st->runnable) : 0;
}

void story_end(struct story *st)
{
	if (st->query)
		step_query_free(st->query);
	free(st->runnable.v.v);
}

/* What the channel of a step holds after it. */
static void look_into_buffer(struct story *st, const struct step *s, struct told *t)
{
	int64_t chan;

	if ((s->kind != EV_chan_send && s->kind != EV_chan_recv) || !step_field(s, "chan", &chan) ||
	    !step_field(s, "len", &t->len))
		return;
	t->cap = step_query_capacity(st->query, chan, s);
	if (t->cap < 0)
		t->cap = 0;
}

struct told story_step(struct story *st, const struct step *s, int64_t g)
{
	struct told t = {.changed = runnable_step(&st->runnable, s)};

	if (g && !step_involves(s, g))
		return t;
	t.sentence = step_sentence(s, &st->names);
	if (t.sentence)
		look_into_buffer(st, s, &t);
	return t;
}

/* "; runnable: g2 g5" */
static void write_runnable(FILE *f, const struct runnable *r)
{
	size_t n = runnable_count(r);

	fputs(n ? "; runnable:" : "; none is runnable", f);
	for (size_t i = 0; i < n && i < STORY_NAMED; i++)
		fprintf(f, " g%lld", (long long)runnable_at(r, i));
	if (n > STORY_NAMED)
		fprintf(f, " and %zu more", n - STORY_NAMED);
}

void story_write(FILE *f, const struct story *st, const struct told *t)
{
	fputs(t->sentence, f);
	if (t->cap)
		fprintf(f, "; it holds %lld of %lld", (long long)t->len, (long long)t->cap);
	if (t->changed)
		write_runnable(f, &st->runnable);
}
