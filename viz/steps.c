/* SPDX-License-Identifier: MIT */
#define _GNU_SOURCE
#include "steps.h"
#include "format.h"

#include <stdio.h>
#include <string.h>

/* Every event has a template, or this does not compile. */
static const char *template(enum event kind)
{
	switch (kind) {
#define STEP(event, text)                                                                          \
	case EV_##event:                                                                           \
		return text;
#include "steps.def"
#undef STEP
	}
	return "";
}

/* ---- Fields -------------------------------------------------------------------------------- */

/* Whether a field is a goroutine's number. */
static bool is_goroutine(enum event kind, int field)
{
	static const char *const names[] = {"g", "by", "peer", "next", "owner"};
	const struct field_desc *f = &event_desc[kind].field[field];

	for (size_t i = 0; i < sizeof names / sizeof *names; i++)
		if (strcmp(f->name, names[i]) == 0)
			return true;
	return strcmp(f->name, "parent") == 0 && kind == EV_g_create; // of a task it is a task
}

bool step_involves(const struct step *s, int64_t g)
{
	for (int i = 0; i < event_desc[s->kind].nfields; i++)
		if (is_goroutine(s->kind, i) && s->a[i] == g)
			return true;
	return false;
}

bool step_field(const struct step *s, const char *name, int64_t *value)
{
	int i = event_field(s->kind, name);

	if (i >= 0)
		*value = s->a[i];
	return i >= 0;
}

static bool is_time(const char *name)
{
	return strcmp(name, "ns") == 0 || strcmp(name, "period") == 0 || strcmp(name, "late") == 0;
}

static char *reason(int64_t why)
{
	if (why > 0 && why < WAITS)
		return format_text("%s", wait_desc[why].phrase);
	return format_text("a wait of a kind that is not known");
}

static char *field_text(const struct step *s, int i, const struct step_names *n)
{
	const struct field_desc *f = &event_desc[s->kind].field[i];
	char buf[FORMAT_MAX];

	if (is_goroutine(s->kind, i))
		return s->a[i] ? n->goroutine(n->arg, s->a[i]) : format_text("the runtime");
	if (f->type == FIELD_ptr)
		return n->object(n->arg, s->a[i], s);
	if (f->type == FIELD_str)
		return n->string(n->arg, s->a[i]);
	if (strcmp(f->name, "why") == 0)
		return reason(s->a[i]);
	if (is_time(f->name))
		return format_text("%s", format_ns(buf, (double)s->a[i], 3));
	return format_text("%lld", (long long)s->a[i]);
}

/* ---- Templates ------------------------------------------------------------------------------- */

/* The brace that closes the one at t. */
static const char *closing(const char *t)
{
	int depth = 0;

	for (; *t; t++) {
		depth += (*t == '{') - (*t == '}');
		if (!depth)
			break;
	}
	return t;
}

/* The bar that parts YES from NO, outside of inner braces; or the end. */
static const char *bar(const char *t, const char *end)
{
	for (; t < end && *t != '|'; t++)
		if (*t == '{')
			t = closing(t);
	return t;
}

static void expand(FILE *f, const char *t, const char *end, const struct step *s,
		   const struct step_names *n);

/* What is between braces. */
static void expand_field(FILE *f, const char *t, const char *end, const struct step *s,
			 const struct step_names *n)
{
	size_t len = strcspn(t, "?}");
	const char *choice = t[len] == '?' ? t + len + 1 : NULL, * or ;
	char name[32], *text;
	int64_t site = 0;
	int i;

	snprintf(name, sizeof name, "%.*s", (int)len, t);
	i = event_field(s->kind, name);
	if (strcmp(name, "at") == 0) {
		step_field(s, "site", &site);
		text = n->place(n->arg, site);
	} else if (i < 0) {
		die("viz/steps.def: %s has no field %s", event_desc[s->kind].name, name);
	} else if (choice) {
		or = bar(choice, end);
		if (s->a[i])
			expand(f, choice, or, s, n);
		else if (or < end)
			expand(f, or +1, end, s, n);
		return;
	} else {
		text = field_text(s, i, n);
	}
	fputs(text, f);
	free(text);
}

static void expand(FILE *f, const char *t, const char *end, const struct step *s,
		   const struct step_names *n)
{
	for (; t < end; t++) {
		if (*t != '{') {
			fputc(*t, f);
			continue;
		}
		expand_field(f, t + 1, closing(t), s, n);
		t = closing(t);
	}
}

char *step_sentence(const struct step *s, const struct step_names *names)
{
	const char *t = template(s->kind);
	char *text;
	size_t size;
	FILE *f;

	if (!*t)
		return NULL;
	f = open_memstream(&text, &size);
	if (!f)
		die("out of memory");
	expand(f, t, t + strlen(t), s, names);
	if (fclose(f) != 0)
		die("out of memory");
	return text;
}

char *step_gap_sentence(const struct step_gap *gap)
{
	char count[FORMAT_MAX], end[FORMAT_MAX];

	return format_text("%s events of thread %lld are missing from here to %s: what is told may "
			   "be wrong",
			   format_count(count, gap->lost), (long long)gap->m,
			   format_ns(end, (double)gap->end, 7));
}

/* ---- Who is runnable ------------------------------------------------------------------------- */

/* Mostly it is the first: that one is left behind, until half of them are such. */
static void take(struct runnable *r, int64_t g)
{
	size_t i = r->head;

	while (i < r->v.n && r->v.v[i] != g)
		i++;
	if (i == r->v.n)
		return;
	if (i == r->head) {
		r->head++;
	} else {
		memmove(r->v.v + i, r->v.v + i + 1, (r->v.n - i - 1) * sizeof *r->v.v);
		r->v.n--;
	}
	if (2 * r->head < r->v.n)
		return;
	r->v.n -= r->head;
	memmove(r->v.v, r->v.v + r->head, r->v.n * sizeof *r->v.v);
	r->head = 0;
}

size_t runnable_count(const struct runnable *r)
{
	return r->v.n - r->head;
}

int64_t runnable_at(const struct runnable *r, size_t i)
{
	return r->v.v[r->head + i];
}

bool runnable_step(struct runnable *r, const struct step *s)
{
	int64_t g = 0;

	step_field(s, "g", &g);
	switch (s->kind) {
	case EV_g_create:
		array_add(&r->v, g);
		return true;
	case EV_g_ready:
	case EV_g_yield:
	case EV_g_attach:
		take(r, g); // a trace with gaps may tell it twice
		array_add(&r->v, g);
		return true;
	case EV_g_start:
		take(r, g);
		return true;
	default:
		return false;
	}
}
