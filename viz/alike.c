/* SPDX-License-Identifier: MIT */
/* Names that are alike but for a number. */
#define _GNU_SOURCE
#include "alike.h"
#include "format.h"

#include <string.h>

struct stem {
	const char *name;
	size_t len, index;
};

static int same(const struct stem *x, const struct stem *y)
{
	return x->len == y->len && memcmp(x->name, y->name, x->len) == 0;
}

static int by_stem(const void *a, const void *b)
{
	const struct stem *x = a, *y = b;
	size_t len = x->len < y->len ? x->len : y->len;
	int c = memcmp(x->name, y->name, len);

	if (c || x->len != y->len)
		return c ? c : x->len < y->len ? -1 : 1;
	return (x->index > y->index) - (x->index < y->index);
}

static void add(struct alike *a, char *name, int64_t n)
{
	array_add(&a->v, (struct likeness){name, n});
}

void alike_find(char *const *names, size_t n, struct alike *a)
{
	struct stem *stems = array_zeroed(n, sizeof *stems);
	char buf[FORMAT_MAX];

	*a = (struct alike){.group = array_zeroed(n, sizeof *a->group)};
	for (size_t i = 0; i < n; i++)
		stems[i] = (struct stem){names[i], format_stem(names[i]), i};
	if (n)
		qsort(stems, n, sizeof *stems, by_stem);
	for (size_t i = 0, end; i < n; i = end) {
		bool many;

		for (end = i; end < n && same(&stems[i], &stems[end]); end++)
			;
		many = end - i > ALIKE_FEW;
		if (many)
			add(a,
			    format_text("%.*s (%s)", (int)stems[i].len, stems[i].name,
					format_count(buf, (int64_t)(end - i))),
			    (int64_t)(end - i));
		for (size_t k = i; k < end; k++) {
			if (!many)
				add(a, format_text("%s", stems[k].name), 1);
			a->group[stems[k].index] = (int)a->v.n - 1;
		}
	}
	free(stems);
}

void alike_free(struct alike *a)
{
	for (size_t i = 0; i < a->v.n; i++)
		free(a->v.v[i].name);
	free(a->v.v);
	free(a->group);
}
