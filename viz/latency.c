/* SPDX-License-Identifier: MIT */
#include "latency.h"

#include <string.h>

int64_t latency_percentile(const int64_t *v, size_t n, int percent)
{
	return n ? v[(n * (size_t)percent + 99) / 100 - 1] : 0;
}

static int ascending(const void *a, const void *b)
{
	int64_t x = *(const int64_t *)a, y = *(const int64_t *)b;

	return (x > y) - (x < y);
}

/* By one byte after the other, the lowest first: of millions it takes a fifth of the time of
 * qsort(). A byte that all have in common, as the high ones of times, takes none. */
static void radix_sort(uint64_t *v, size_t n)
{
	uint64_t *from = v, *to = array_zeroed(n, sizeof *to);

	for (int shift = 0; shift < 64; shift += 8) {
		size_t at[256] = {0}, sum = 0;
		uint64_t *spare = from;

		for (size_t i = 0; i < n; i++)
			at[from[i] >> shift & 255]++;
		if (at[from[0] >> shift & 255] == n)
			continue;
		for (int i = 0; i < 256; i++) {
			size_t here = at[i];

			at[i] = sum;
			sum += here;
		}
		for (size_t i = 0; i < n; i++)
			to[at[from[i] >> shift & 255]++] = from[i];
		from = to;
		to = spare;
	}
	if (from != v) {
		memcpy(v, from, n * sizeof *v);
		to = from;
	}
	free(to);
}

void latency_sort(int64_t *v, size_t n)
{
	enum { FEW = 1000 };

	if (n < FEW) {
		if (n)
			qsort(v, n, sizeof *v, ascending);
		return;
	}
	for (size_t i = 0; i < n; i++) /* so that the negative ones are less */
		v[i] ^= INT64_MIN;
	radix_sort((uint64_t *)v, n);
	for (size_t i = 0; i < n; i++)
		v[i] ^= INT64_MIN;
}

void latency_free(struct latency *t)
{
	for (int k = 0; k < LATENCY_KINDS; k++)
		free(t->v[k].v);
}
