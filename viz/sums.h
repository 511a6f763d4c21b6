/* SPDX-License-Identifier: MIT */
/* Sums by a key of three numbers, of any number of rows in one pass: what GROUP BY would do, but
 * without sorting the rows.  Pure. */
#ifndef VIZ_SUMS_H
#define VIZ_SUMS_H

#include <stddef.h>
#include <stdint.h>

struct sum {
	int64_t key[3];
	int64_t n, total;
};

/* Zeroed, it is empty. */
struct sums {
	struct sum *v;
	size_t n, cap;
	uint32_t *slots; /* index in v + 1, by a hash of the key */
	size_t nslots;
};

void sums_add(struct sums *s, int64_t a, int64_t b, int64_t c, int64_t amount);
/* The greatest total first, then in the order of the keys; nothing may be added afterwards. */
void sums_sort(struct sums *s);
void sums_free(struct sums *s);

#endif
