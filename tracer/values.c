/* SPDX-License-Identifier: MIT */
/* The interface is in values.h.
 *
 * A few values are sorted.  Of many their upper halves are counted, which tells in which 65536
 * numbers a percentile is, and then the lower halves of those.
 */
#include "values.h"
#include "db.h"
#include "error.h"
#include "hash.h"

#include <errno.h>
#include <stdlib.h>
#include <unistd.h>

enum { CHUNK = 1024, FIRST = 4, FEW = 4 * CHUNK, HALF = 1 << 16 };

static void *grown(void *array, uint32_t *room, uint32_t first, size_t size)
{
	*room = *room ? 2 * *room : first;
	array = realloc(array, *room * size);
	if (!array)
		die("no memory");
	return array;
}

/* Write a full chunk to the file. */
static void spill(struct values_file *f, struct values *list)
{
	ssize_t n;

	if (f->fd < 0)
		f->fd = db_temporary(f->db);
	do
		n = pwrite(f->fd, list->v, CHUNK * sizeof *list->v,
			   (off_t)f->chunks * CHUNK * (off_t)sizeof *list->v);
	while (n < 0 && errno == EINTR);
	if (n != (ssize_t)(CHUNK * sizeof *list->v))
		db_fail(f->db, n < 0 ? errno : ENOSPC);
	if (list->nchunks == list->chunks_room)
		list->chunks = grown(list->chunks, &list->chunks_room, 4, sizeof *list->chunks);
	list->chunks[list->nchunks++] = f->chunks++;
	list->n = 0;
}

void values_add(struct values_file *f, struct values *list, int64_t v)
{
	if (v > UINT32_MAX) {
		if (list->nlarge == list->large_room)
			list->large = grown(list->large, &list->large_room, FIRST, sizeof v);
		list->large[list->nlarge++] = v;
		return;
	}
	if (list->n == CHUNK)
		spill(f, list);
	if (list->n == list->room)
		list->v = grown(list->v, &list->room, FIRST, sizeof *list->v);
	list->v[list->n++] = (uint32_t)v;
}

/* ---- Percentiles ------------------------------------------------------------------------- */

typedef void take_fn(void *arg, const uint32_t *v, uint32_t n);

/* All values below 2^32, in no order. */
static void each(struct values_file *f, const struct values *const lists[], size_t n, take_fn *take,
		 void *arg)
{
	uint32_t chunk[CHUNK];

	for (size_t i = 0; i < n; i++) {
		const struct values *list = lists[i];

		for (uint32_t k = 0; k < list->nchunks; k++) {
			ssize_t got = pread(f->fd, chunk, sizeof chunk,
					    (off_t)list->chunks[k] * (off_t)sizeof chunk);

			if (got != (ssize_t)sizeof chunk)
				db_fail(f->db, got < 0 ? errno : EIO);
			take(arg, chunk, CHUNK);
		}
		take(arg, list->v, list->n);
	}
}

struct gathered {
	uint32_t *v, n;
};

static void gather(void *arg, const uint32_t *v, uint32_t n)
{
	struct gathered *g = arg;

	for (uint32_t i = 0; i < n; i++)
		g->v[g->n++] = v[i];
}

static int by_value(const void *a, const void *b)
{
	uint32_t x = *(const uint32_t *)a, y = *(const uint32_t *)b;

	return (x > y) - (x < y);
}

static int by_large_value(const void *a, const void *b)
{
	int64_t x = *(const int64_t *)a, y = *(const int64_t *)b;

	return (x > y) - (x < y);
}

/* The value of each rank, from 0, among a few. */
static void sort_few(struct values_file *f, const struct values *const lists[], size_t n, int ranks,
		     const uint64_t rank[], int64_t result[])
{
	uint32_t few[FEW];
	struct gathered g = {.v = few};

	each(f, lists, n, gather, &g);
	qsort(few, g.n, sizeof *few, by_value);
	for (int i = 0; i < ranks; i++)
		result[i] = few[rank[i]];
}

struct counted {
	uint64_t n[1 + VALUES_PERCENTILES]
		  [HALF]; /* of each upper half; of each lower one of upper[i - 1] */
	uint32_t upper[VALUES_PERCENTILES];
};

static void count_upper(void *arg, const uint32_t *v, uint32_t n)
{
	uint64_t *count = ((struct counted *)arg)->n[0];

	for (uint32_t i = 0; i < n; i++)
		count[v[i] / HALF]++;
}

static void count_lower(void *arg, const uint32_t *v, uint32_t n)
{
	struct counted *c = arg;

	for (uint32_t i = 0; i < n; i++)
		for (int k = 0; k < VALUES_PERCENTILES; k++)
			if (v[i] / HALF == c->upper[k])
				c->n[1 + k][v[i] % HALF]++;
}

/* In which place that rank is; *rank becomes that among those in the same place. */
static uint32_t place_of(const uint64_t *count, uint64_t *rank)
{
	uint32_t i = 0;

	for (; *rank >= count[i]; i++)
		*rank -= count[i];
	return i;
}

static void count_many(struct values_file *f, const struct values *const lists[], size_t n,
		       int ranks, const uint64_t rank[], int64_t result[])
{
	struct counted *c = need(sizeof *c);
	uint64_t left[VALUES_PERCENTILES];

	each(f, lists, n, count_upper, c);
	for (int i = 0; i < ranks; i++) {
		left[i] = rank[i];
		c->upper[i] = place_of(c->n[0], &left[i]);
	}
	each(f, lists, n, count_lower, c);
	for (int i = 0; i < ranks; i++)
		result[i] = (int64_t)c->upper[i] * HALF + place_of(c->n[1 + i], &left[i]);
	free(c);
}

/* The values of 2^32 and more, in order; to be freed. */
static int64_t *sort_large(const struct values *const lists[], size_t n, size_t nlarge)
{
	int64_t *large = need(nlarge * sizeof *large), *to = large;

	for (size_t i = 0; i < n; i++)
		for (uint32_t k = 0; k < lists[i]->nlarge; k++)
			*to++ = lists[i]->large[k];
	qsort(large, nlarge, sizeof *large, by_large_value);
	return large;
}

static uint64_t count_large(const struct values *const lists[], size_t n)
{
	uint64_t sum = 0;

	for (size_t i = 0; i < n; i++)
		sum += lists[i]->nlarge;
	return sum;
}

uint64_t values_count(const struct values *const lists[], size_t n)
{
	uint64_t sum = count_large(lists, n);

	for (size_t i = 0; i < n; i++)
		sum += (uint64_t)lists[i]->nchunks * CHUNK + lists[i]->n;
	return sum;
}

void values_percentiles(struct values_file *f, const struct values *const lists[], size_t n,
			const int percent[VALUES_PERCENTILES], int64_t result[VALUES_PERCENTILES])
{
	uint64_t all = values_count(lists, n), large = count_large(lists, n), small = all - large;
	uint64_t rank[VALUES_PERCENTILES];
	int ranks = 0;

	for (int i = 0; i < VALUES_PERCENTILES; i++) {
		rank[i] = (all * (uint64_t)percent[i] + 99) / 100 - 1;
		ranks += rank[i] < small;
	}
	if (small <= FEW)
		sort_few(f, lists, n, ranks, rank, result);
	else
		count_many(f, lists, n, ranks, rank, result);
	if (ranks < VALUES_PERCENTILES) {
		int64_t *sorted = sort_large(lists, n, large);

		for (int i = ranks; i < VALUES_PERCENTILES; i++)
			result[i] = sorted[rank[i] - small];
		free(sorted);
	}
}

void values_free(struct values *list)
{
	free(list->v);
	free(list->chunks);
	free(list->large);
}
