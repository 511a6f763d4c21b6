/* SPDX-License-Identifier: MIT */
/* How long goroutines that could run waited for a worker. */
#ifndef VIZ_LATENCY_H
#define VIZ_LATENCY_H

#include "array.h"

#include <stdint.h>

enum { LATENCY_WOKEN, LATENCY_NEW, LATENCY_KINDS };

struct latency {
	ARRAY(int64_t) v[LATENCY_KINDS]; /* ascending */
	int64_t open; /* of them: had not run when the trace ended, and count until then */
};

/* The smallest value that at least that part of n ascending ones does not exceed. */
int64_t latency_percentile(const int64_t *v, size_t n, int percent);

void latency_sort(int64_t *v, size_t n);
void latency_free(struct latency *t);

#endif
