/* SPDX-License-Identifier: MIT */
/* Sums by a key of three numbers. */
#include "sums.h"
#include "array.h"

#include <string.h>

static size_t hash(const int64_t key[3])
{
	uint64_t h = 0;

	for (int i = 0; i < 3; i++) {
		h = (h ^ (uint64_t)key[i]) * 0x9e3779b97f4a7c15u;
		h ^= h >> 32;
	}
	return (size_t)h;
}

/* The slot that has the key, or the free one where it belongs. */
static uint32_t *slot_of(const struct sums *s, const int64_t key[3])
{
	size_t i = hash(key) & (s->nslots - 1);

	while (s->slots[i] && memcmp(s->v[s->slots[i] - 1].key, key, sizeof s->v->key) != 0)
		i = (i + 1) & (s->nslots - 1);
	return &s->slots[i];
}

static void grow(struct sums *s)
{
	free(s->slots);
	s->nslots = s->nslots ? 2 * s->nslots : 256;
	s->slots = array_zeroed(s->nslots, sizeof *s->slots);
	for (size_t i = 0; i < s->n; i++)
		*slot_of(s, s->v[i].key) = (uint32_t)i + 1;
}

void sums_add(struct sums *s, int64_t a, int64_t b, int64_t c, int64_t amount)
{
	const int64_t key[3] = {a, b, c};
	uint32_t *slot;

	if (2 * s->n >= s->nslots)
		grow(s);
	slot = slot_of(s, key);
	if (!*slot) {
		array_add(s, (struct sum){{a, b, c}, 0, 0});
		*slot = (uint32_t)s->n;
	}
	s->v[*slot - 1].n++;
	s->v[*slot - 1].total += amount;
}

static int by_total(const void *a, const void *b)
{
	const struct sum *x = a, *y = b;

	if (x->total != y->total)
		return x->total < y->total ? 1 : -1;
	for (int i = 0; i < 3; i++)
		if (x->key[i] != y->key[i])
			return x->key[i] < y->key[i] ? -1 : 1;
	return 0;
}

void sums_sort(struct sums *s)
{
	if (s->n)
		qsort(s->v, s->n, sizeof *s->v, by_total);
}

void sums_free(struct sums *s)
{
	free(s->v);
	free(s->slots);
}
