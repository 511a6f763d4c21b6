/* SPDX-License-Identifier: MIT */
/* Goroutines as a picture names them. */
#include "crowd.h"

#include <string.h>

enum { NAME = 40 };

/* By function, so that a change of it begins a group. */
const char crowd_sql[] = "SELECT g, name, func FROM goroutine ORDER BY func, g";

struct reading {
	struct crowd *c;
	char *func; /* of the last group */
	int64_t n;  /* how many are in it */
};

/* "worker (4)" */
static void count_group(struct reading *r)
{
	struct crowd *c = r->c;
	char buf[FORMAT_MAX], *name = c->names.v[c->names.n - 1];

	if (!c->alone && r->n > 1) {
		c->names.v[c->names.n - 1] = format_text("%s (%s)", name, format_count(buf, r->n));
		free(name);
	}
}

static int member_row(sqlite3_stmt *row, void *arg)
{
	struct reading *r = arg;
	struct crowd *c = r->c;
	const char *func = (const char *)sqlite3_column_text(row, 2);
	char *text = row_text(row, c->alone ? 1 : 2), *name;

	if (c->alone || !r->func || strcmp(r->func, func) != 0) {
		count_group(r);
		name = format_label(text, NAME);
		array_add(&c->names,
			  c->alone ? format_text("g%lld %s", (long long)row_number(row, 0), name)
				   : format_text("%s", name));
		free(name);
		free(r->func);
		r->func = format_text("%s", func);
		r->n = 0;
	}
	r->n++;
	free(text);
	array_add(&c->members, (struct one){row_number(row, 0), (int)c->names.n - 1});
	return 0;
}

static int by_number(const void *a, const void *b)
{
	const struct one *x = a, *y = b;

	return (x->g > y->g) - (x->g < y->g);
}

int crowd_read(const struct scene *s, struct crowd *c)
{
	struct reading r = {.c = c};
	int ret;

	*c = (struct crowd){.alone = s->run.goroutines <= CROWD_FEW};
	array_add(&c->names, format_text("the runtime"));
	array_add(&c->names, format_text("nobody yet"));
	array_add(&c->names, format_text("not recorded"));
	ret = scene_ask(s, crowd_sql, member_row, &r);
	count_group(&r);
	free(r.func);
	if (c->members.n)
		qsort(c->members.v, c->members.n, sizeof *c->members.v, by_number);
	return ret;
}

int crowd_find(const struct crowd *c, int64_t g)
{
	size_t lo = 0, hi = c->members.n;

	if (g > 0 && (size_t)g <= hi && c->members.v[g - 1].g == g) /* mostly they count from 1 */
		return c->members.v[g - 1].group;
	while (lo < hi) {
		size_t mid = (lo + hi) / 2;

		if (c->members.v[mid].g < g)
			lo = mid + 1;
		else
			hi = mid;
	}
	if (lo < c->members.n && c->members.v[lo].g == g)
		return c->members.v[lo].group;
	return g == 0 ? CROWD_RUNTIME : CROWD_UNKNOWN;
}

void crowd_free(struct crowd *c)
{
	for (size_t i = 0; i < c->names.n; i++)
		free(c->names.v[i]);
	free(c->names.v);
	free(c->members.v);
}
