/* SPDX-License-Identifier: MIT */
/* A wait, and what caused it, for a program: what explain.c says, as JSON. */
#include "explain.h"
#include "format.h"
#include "print.h"

#include <inttypes.h>
#include <string.h>

static const char *const whats[] = {
	[WHAT_RUNNING] = "running", [WHAT_DETACHED] = "detached", [WHAT_RUNNABLE] = "runnable",
	[WHAT_WAITING] = "waiting", [WHAT_UNBORN] = "unborn",	  [WHAT_ENDED] = "ended"};

/* A member that is a text or, if there is none, null; the text is freed. */
static void member(FILE *f, const char *name, char *text)
{
	fprintf(f, ",\"%s\":", name);
	if (text && *text)
		print_json_text(f, text);
	else
		fputs("null", f);
	free(text);
}

static void number(FILE *f, const char *name, int64_t n)
{
	fprintf(f, ",\"%s\":%" PRId64, name, n);
}

/* The same, or null if there is nothing of that number. */
static void reference(FILE *f, const char *name, int64_t n)
{
	if (n >= 0)
		number(f, name, n);
	else
		fprintf(f, ",\"%s\":null", name);
}

static char *place(const struct explain *x, int64_t site)
{
	char *at = query_place(x->db, site),
	     *text = format_text("%s", *at ? at + strlen(" at ") : "");

	free(at);
	return text;
}

static void print_part(FILE *f, const struct explain *x, const struct part *p)
{
	const struct why_state *s = &p->state;

	fprintf(f, "{\"g\":%" PRId64, p->g);
	member(f, "goroutine", query_name(x->db, p->g));
	member(f, "state", format_text("%s", whats[s->what]));
	member(f, "why", format_text("%s", s->why));
	reference(f, "obj", s->obj ? s->obj : -1);
	member(f, "object", s->obj ? query_object(x->db, s->obj) : NULL);
	member(f, "place", place(x, s->site));
	reference(f, "by", s->other);
	number(f, "open", s->open);
	number(f, "times", (int64_t)p->windows.n);
	number(f, "from", p->windows.v[0].from);
	number(f, "to", p->windows.v[p->windows.n - 1].to);
	number(f, "total", p->total);
	number(f, "circle", p->circle);
	number(f, "deeper", p->deeper);
	member(f, "text", explain_deed(x, p));
	if (p == &x->root) {
		member(f, "cause", explain_cause(x));
		number(f, "lost", x->lost);
	}
	fputs(",\"parts\":[", f);
	for (size_t i = 0; i < p->parts.n; i++) {
		fputs(i ? ",\n" : "", f);
		print_part(f, x, &p->parts.v[i]);
	}
	fputs("]}", f);
}

void explain_print_json(FILE *f, const struct explain *x)
{
	print_part(f, x, &x->root);
}
