/* SPDX-License-Identifier: MIT */
/* Lists of numbers that are not negative, and the exact percentiles of what some of them have
 * together.
 *
 * Of each list a page is in memory; what is before that waits in a file.  Numbers from 2^32 on,
 * which as durations are rare, all stay in memory.
 */
#ifndef TRACER_VALUES_H
#define TRACER_VALUES_H

#include <stddef.h>
#include <stdint.h>

struct db;

/* Zeroed, it is empty. */
struct values {
	uint32_t *v, n, room;			/* what is in memory */
	uint32_t nchunks, chunks_room, *chunks; /* pages of the file */
	uint32_t nlarge, large_room;
	int64_t *large;
};

struct values_file {
	struct db *db; /* beside which it is made when it is needed, and which is told of errors */
	int fd;	       /* -1: there is none */
	uint32_t chunks;
};

void values_add(struct values_file *f, struct values *list, int64_t v);

/* How many values n lists have. */
uint64_t values_count(const struct values *const lists[], size_t n);

/* Of all values of n lists, of which there is at least one: the smallest that at least percent[i]
 * percent of them do not exceed, as result[i].  The percentages rise. */
enum { VALUES_PERCENTILES = 3 };
void values_percentiles(struct values_file *f, const struct values *const lists[], size_t n,
			const int percent[VALUES_PERCENTILES], int64_t result[VALUES_PERCENTILES]);

void values_free(struct values *list);

#endif
