/* SPDX-License-Identifier: MIT */
/* A wait, and what caused it, in words. */
#include "explain.h"
#include "format.h"
#include "query_why.h"
#include "record.h"

#include <stdio.h>
#include <string.h>

/* ---- Words ----------------------------------------------------------------------------------- */

const char *explain_phrase(const char *why)
{
	/* The event that told it is missing, or is of a newer weft. */
	if (!why || !*why || strcmp(why, "unknown") == 0)
		return "a wait of unknown reason";
	for (int i = 1; i < WAITS; i++)
		if (strcmp(wait_desc[i].name, why) == 0)
			return wait_desc[i].phrase;
	return why;
}

/* "in chan receive at main.c:31, for channel jobs" */
static char *waited(const struct explain *x, const struct part *p)
{
	char *place = query_place(x->db, p->state.site), *text;
	char *object = p->state.obj ? query_object(x->db, p->state.obj) : NULL;

	text = format_text("in %s%s%s%s", explain_phrase(p->state.why), place, object ? ", for " : "",
			   object ? object : "");
	free(object);
	free(place);
	return text;
}

static bool is_timed(const char *why)
{
	return strcmp(why, "sleep") == 0;
}

static bool is_io(const char *why)
{
	return strncmp(why, "io_", 3) == 0;
}

/* How a wait ended: ", until g7 producer sent at main.c:55" */
static char *ended(const struct explain *x, const struct part *p)
{
	const struct why_state *s = &p->state;
	struct window last = p->windows.v[p->windows.n - 1];
	char *who, *what, *text;

	if (s->open && s->other <= 0)
		return format_text(", and nobody ended it");
	if (s->other <= 0)
		return format_text("%s", is_timed(s->why) ? ", until its time had come"
					 : is_io(s->why)
						 ? ", until the kernel said that it may go on"
					 : s->other == 0 ? ", until the runtime ended it"
							 : "");
	who = query_name(x->db, s->other);
	if (s->open) {
		what = query_locked(x->db, s->other, s->obj, last.from);
		text = format_text(", which %s holds%s%s", who, *what ? ", locked" : "", what);
	} else {
		what = query_deed(x->db, s->other, s->obj, last);
		text = format_text(", until %s %s", who, what);
	}
	free(what);
	free(who);
	return text;
}

static char *waiting(const struct explain *x, const struct part *p)
{
	char *in = waited(x, p), *end = ended(x, p), a[FORMAT_MAX], *text;
	const char *verb = p->state.open ? "waits" : "waited";

	if (p->windows.n > 1)
		text = format_text("%s %s times %s%s", verb, format_count(a, (int64_t)p->windows.n),
				   in, end);
	else
		text = format_text("%s %s%s", verb, in, end);
	free(in);
	free(end);
	return text;
}

/* "was runnable, waiting for a worker, while g3 crunch ran" */
static char *runnable(const struct explain *x, const struct part *p)
{
	char *place = NULL, *who = NULL, *text;
	double share;

	if (x->ran && p->total >= x->least_ns)
		who = ran_most(x->ran, p->windows.v, p->windows.n, &share, &place);
	text = format_text("was runnable, waiting for a worker%s%s%s", who ? ", while " : "",
			   who ? who : "", who ? " ran" : "");
	free(place);
	free(who);
	return text;
}

char *explain_deed(const struct explain *x, const struct part *p)
{
	char *who, *text;

	switch (p->state.what) {
	case WHAT_RUNNING:
		return format_text("ran");
	case WHAT_DETACHED:
		return format_text("computed or was in a system call, without a worker");
	case WHAT_RUNNABLE:
		return runnable(x, p);
	case WHAT_WAITING:
		return waiting(x, p);
	case WHAT_ENDED:
		return format_text("had ended");
	case WHAT_UNBORN:
		break;
	}
	if (p->state.other <= 0)
		return format_text("did not exist yet: a timer was to make it");
	who = query_name(x->db, p->state.other);
	text = format_text("did not exist yet: %s had to spawn it", who);
	free(who);
	return text;
}

/* ---- The parts -------------------------------------------------------------------------------
 */

static char *percent(const struct explain *x, int64_t part, char buf[FORMAT_MAX])
{
	double of = x->root.total > 0 ? 100.0 * (double)part / (double)x->root.total : 0;

	snprintf(buf, FORMAT_MAX, "%.1f%%", of);
	return buf;
}

static void print_amount(FILE *f, const struct explain *x, int level, int64_t ns)
{
	char a[FORMAT_MAX], b[FORMAT_MAX];

	fprintf(f, "%*s%9s %6s  ", 2 * level, "", format_ns(a, (double)ns, 3), percent(x, ns, b));
}

static void print_parts(FILE *f, const struct explain *x, const struct part *of, int level);

static void print_part(FILE *f, const struct explain *x, const struct part *p, int level)
{
	char *who = query_name(x->db, p->g), *what = explain_deed(x, p);

	print_amount(f, x, level, p->total);
	fprintf(f, "%s %s%s\n", who, what,
		p->circle    ? ": a circle"
		: p->parts.n ? "; meanwhile:"
		: p->deeper  ? " (--depth tells more)"
			     : "");
	print_parts(f, x, p, level + 1);
	free(who);
	free(what);
}

/* The longest first; those at the end that are short, if there are several, as one. */
static void print_parts(FILE *f, const struct explain *x, const struct part *of, int level)
{
	size_t n = of->parts.n;
	int64_t rest = 0;

	while (n > 1 && of->parts.v[n - 1].total < x->least_ns)
		n--;
	if (n + 1 == of->parts.n)
		n++;
	for (size_t i = 0; i < n; i++)
		print_part(f, x, &of->parts.v[i], level);
	for (size_t i = n; i < of->parts.n; i++)
		rest += of->parts.v[i].total;
	if (n == of->parts.n)
		return;
	print_amount(f, x, level, rest);
	fprintf(f, "%zu shorter parts\n", of->parts.n - n);
}

/* ---- The greatest cause, for one who reads only one line ---- */

/* What goroutines of one function did in all parts that have no parts themselves. */
struct cause {
	char *what;
	int64_t total;
	ARRAY(int64_t) who;
	struct windows {
		ARRAY(struct window) v;
	} runnable; /* when they waited for a worker */
};
struct causes {
	ARRAY(struct cause) v;
};

static void add_cause(struct causes *cs, char *what, const struct part *p)
{
	struct cause *c = NULL;
	size_t i;

	for (i = 0; i < cs->v.n && !c; i++)
		if (strcmp(cs->v.v[i].what, what) == 0)
			c = &cs->v.v[i];
	if (!c) {
		array_add(&cs->v, (struct cause){.what = format_text("%s", what)});
		c = &cs->v.v[cs->v.n - 1];
	}
	free(what);
	c->total += p->total;
	for (i = 0; p->state.what == WHAT_RUNNABLE && i < p->windows.n; i++)
		array_add(&c->runnable.v, p->windows.v[i]);
	for (i = 0; i < c->who.n && c->who.v[i] != p->g; i++)
		;
	if (i == c->who.n)
		array_add(&c->who, p->g);
}

/* What it did, without what depends on how often or until when. */
static char *deed_alone(const struct explain *x, const struct part *p)
{
	char *in, *text;

	if (p->state.what == WHAT_RUNNABLE)
		return format_text("was runnable, waiting for a worker");
	if (p->state.what != WHAT_WAITING)
		return explain_deed(x, p);
	in = waited(x, p);
	text = format_text("%s %s%s", p->state.open ? "waits" : "waited", in,
			   p->circle ? ", in a circle" : "");
	free(in);
	return text;
}

static void gather(const struct explain *x, struct causes *cs, const struct part *p,
		   int64_t awaited)
{
	char *what, *func, *object;

	for (size_t i = 0; i < p->parts.n; i++)
		gather(x, cs, &p->parts.v[i], p->state.obj);
	if (p->parts.n)
		return;
	func = query_func(x->db, p->g);
	what = deed_alone(x, p);
	object = awaited ? query_object(x->db, awaited) : NULL;
	add_cause(cs,
		  format_text("%s %s%s%s", func, what, object ? ", while others waited for " : "",
			      object ? object : ""),
		  p);
	free(object);
	free(what);
	free(func);
}

static int by_time(const void *a, const void *b)
{
	const struct window *x = a, *y = b;

	return (x->from > y->from) - (x->from < y->from);
}

/* Windows that overlap or touch become one. */
static void unite(struct windows *w)
{
	size_t n = 0;

	qsort(w->v.v, w->v.n, sizeof *w->v.v, by_time);
	for (size_t i = 0; i < w->v.n; i++) {
		if (n == 0 || w->v.v[i].from > w->v.v[n - 1].to)
			w->v.v[n++] = w->v.v[i];
		else if (w->v.v[i].to > w->v.v[n - 1].to)
			w->v.v[n - 1].to = w->v.v[i].to;
	}
	w->v.n = n;
}

/* ". 99% of what ran meanwhile was g3 crunch, spawned at main.c:20": who had the workers. */
static char *tell_ran(const struct explain *x, struct windows *w)
{
	char *place = NULL, *who, *text;
	double share;

	unite(w);
	who = x->ran && w->v.n ? ran_most(x->ran, w->v.v, w->v.n, &share, &place) : NULL;
	if (!who)
		return format_text("%s", "");
	text = format_text(". %.0f%% of what ran meanwhile was %s%s%s", share, who,
			   *place ? ", spawned" : "", place);
	free(place);
	free(who);
	return text;
}

static char *tell_cause(const struct explain *x, struct cause *c)
{
	enum { NAMED = 4 };
	char a[FORMAT_MAX], b[FORMAT_MAX];
	char *text = format_text("%s (%s): %s (", format_ns(a, (double)c->total, 3),
				 percent(x, c->total, b), c->what);
	char *more, *ran;

	for (size_t i = 0; i < c->who.n && i < NAMED; i++) {
		char *who = query_name(x->db, c->who.v[i]);

		more = format_text("%s%s%s", text, i ? ", " : "", who);
		free(who);
		free(text);
		text = more;
	}
	if (c->who.n > NAMED)
		more = format_text("%s and %zu more)", text, c->who.n - NAMED);
	else
		more = format_text("%s)", text);
	free(text);
	ran = tell_ran(x, &c->runnable);
	text = format_text("%s%s", more, ran);
	free(ran);
	free(more);
	return text;
}

char *explain_cause(const struct explain *x)
{
	struct cause *most = NULL;
	struct causes cs = {0};
	char *text = NULL;

	if (x->root.parts.n)
		gather(x, &cs, &x->root, 0);
	for (size_t i = 0; i < cs.v.n; i++)
		if (!most || cs.v.v[i].total > most->total)
			most = &cs.v.v[i];
	if (most)
		text = tell_cause(x, most);
	for (size_t i = 0; i < cs.v.n; i++) {
		free(cs.v.v[i].what);
		free(cs.v.v[i].who.v);
		free(cs.v.v[i].runnable.v.v);
	}
	free(cs.v.v);
	return text;
}

/* ---- The whole ---------------------------------------------------------------------------------
 */

char *explain_state(const struct explain *x)
{
	const struct part *root = &x->root;
	struct window win = root->windows.v[0];
	char a[FORMAT_MAX], b[FORMAT_MAX], c[FORMAT_MAX];
	char *who = query_name(x->db, root->g), *what = explain_deed(x, root), *text;

	text = format_text("%s %s%s: %s, from %s to %s%s", who, what,
			   root->circle ? ": a circle" : "", format_ns(a, (double)root->total, 4),
			   format_ns(b, (double)win.from, 6), root->state.open ? "the end, " : "",
			   format_ns(c, (double)win.to, 6));
	free(what);
	free(who);
	return text;
}

/* What came after the wait: "Then g3 query was runnable for 922 ns, and ran on worker 0." */
static int print_after(FILE *f, const struct explain *x)
{
	struct part next = {0}, then = {0};
	char a[FORMAT_MAX], *who;
	int found;

	if (x->root.state.what != WHAT_WAITING || x->root.state.open)
		return 0;
	found = query_state_at(x->db, x->root.g, x->root.windows.v[0].to, &next);
	if (found > 0 && next.state.what == WHAT_RUNNABLE)
		found = query_state_at(x->db, x->root.g, next.windows.v[0].to, &then);
	if (found > 0 && then.state.what == WHAT_RUNNING) {
		who = query_name(x->db, x->root.g);
		fprintf(f, "Then %s was runnable for %s, and ran on worker %lld.\n", who,
			format_ns(a, (double)next.total, 3), (long long)then.state.p);
		free(who);
	}
	why_free(&next);
	why_free(&then);
	return found < 0 ? -1 : 0;
}

int explain_print(FILE *f, const struct explain *x)
{
	char *state = explain_state(x), *cause = explain_cause(x);
	int ret;

	fprintf(f, "%s\n", state);
	print_parts(f, x, &x->root, 1);
	ret = print_after(f, x);
	if (cause)
		fprintf(f, "Most of it, %s.\n", cause);
	free(cause);
	free(state);
	return ret;
}

static bool was_runnable(const struct part *p, int64_t least)
{
	if (p->total < least || p->state.what == WHAT_RUNNABLE)
		return p->total >= least;
	for (size_t i = 0; i < p->parts.n; i++)
		if (was_runnable(&p->parts.v[i], least))
			return true;
	return false;
}

int explain(struct explain *x)
{
	struct window w = x->root.windows.v[0];
	struct histories *h = histories_new(x->db, w.from, w.to);
	int ret;

	x->least_ns = x->root.total / 100 * x->least;
	ret = why_explain(&x->root, x->depth, x->least_ns, histories_source, h);
	histories_free(h);
	if (ret == 0 && was_runnable(&x->root, x->least_ns)) {
		x->ran = ran_new(x->db, w.from, w.to);
		ret = x->ran ? 0 : -1;
	}
	return ret;
}

void explain_free(struct explain *x)
{
	why_free(&x->root);
	ran_free(x->ran);
	x->ran = NULL;
}
