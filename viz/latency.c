/* SPDX-License-Identifier: MIT */
#include "latency.h"

int64_t latency_percentile(const int64_t *v, size_t n, int percent)
{
	return n ? v[(n * (size_t)percent + 99) / 100 - 1] : 0;
}

static int ascending(const void *a, const void *b)
{
	int64_t x = *(const int64_t *)a, y = *(const int64_t *)b;

	return (x > y) - (x < y);
}

void latency_sort(int64_t *v, size_t n)
{
	if (n)
		qsort(v, n, sizeof *v, ascending);
}

void latency_free(struct latency *t)
{
	for (int k = 0; k < LATENCY_KINDS; k++)
		free(t->v[k].v);
}
