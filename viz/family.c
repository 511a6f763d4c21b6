/* SPDX-License-Identifier: MIT */
/* Goroutines by whose children they are. */
#include "family.h"

#include <string.h>

const char families_sql[] = "SELECT g, parent, func FROM goroutine ORDER BY g";

static struct kin *find(const struct families *f, int64_t g)
{
	size_t lo = 0, hi = f->members.n;

	if (g > 0 && (size_t)g <= hi && f->members.v[g - 1].g == g) /* mostly they count from 1 */
		return &f->members.v[g - 1];
	while (lo < hi) {
		size_t mid = (lo + hi) / 2;

		if (f->members.v[mid].g < g)
			lo = mid + 1;
		else
			hi = mid;
	}
	return lo < f->members.n && f->members.v[lo].g == g ? &f->members.v[lo] : NULL;
}

int families_find(const struct families *f, int64_t g)
{
	const struct kin *kin = find(f, g);

	return kin ? kin->family : FAMILY_NONE;
}

/* The family of a function among the children of another, made if it is new. */
static int family_of(struct families *f, int parent, const char *func)
{
	int depth = parent == FAMILY_NONE ? 0 : f->v.v[parent].depth + 1;

	if (parent != FAMILY_NONE &&
	    (depth > FAMILY_DEPTH || strcmp(f->v.v[parent].func, func) == 0))
		return parent;
	for (size_t i = (size_t)(parent + 1); i < f->v.n; i++)
		if (f->v.v[i].parent == parent && strcmp(f->v.v[i].func, func) == 0)
			return (int)i;
	array_add(&f->v, (struct family){format_text("%s", func), parent, depth, 0, 0});
	return (int)f->v.n - 1;
}

/* Parents have smaller numbers than their children, so theirs are known. */
static int member_row(sqlite3_stmt *row, void *arg)
{
	struct families *f = arg;
	int64_t g = row_number(row, 0);
	const char *func = (const char *)sqlite3_column_text(row, 2);
	int parent = row_null(row, 1) ? FAMILY_NONE : families_find(f, row_number(row, 1));
	int family = family_of(f, parent, func ? func : "");

	if (f->v.v[family].n++ == 0)
		f->v.v[family].first = g;
	array_add(&f->members, (struct kin){g, family});
	return 0;
}

int families_read(const struct scene *s, struct families *f)
{
	*f = (struct families){0};
	return scene_ask(s, families_sql, member_row, f);
}

void families_free(struct families *f)
{
	for (size_t i = 0; i < f->v.n; i++)
		free(f->v.v[i].func);
	free(f->v.v);
	free(f->members.v);
}
