/* SPDX-License-Identifier: MIT */
/* How long goroutines that could run waited for a worker: the distribution, and its picture,
 * decided.  Pure. */
#ifndef VIZ_LATENCY_H
#define VIZ_LATENCY_H

#include "layout.h"

enum { LATENCY_WOKEN, LATENCY_NEW, LATENCY_KINDS };

struct latency {
	char *title;
	ARRAY(int64_t) v[LATENCY_KINDS]; /* ascending */
};

struct latency_point {
	double x, y; /* ns; the part of all that took no longer */
};

struct latency_layout {
	int width, height;
	struct rect plot; /* x logarithmic */
	double min, max;
	ARRAY(struct latency_point) curves[LATENCY_KINDS];
	ARRAY(double) marks; /* percentiles of the woken, in ns */
	ARRAY(struct swatch) swatches;
	ARRAY(struct text) texts;
};

extern const uint32_t latency_rgb[LATENCY_KINDS];

/* The smallest value that at least that part of n ascending ones does not exceed. */
int64_t latency_percentile(const int64_t *v, size_t n, int percent);

void latency_layout(const struct latency *t, int width, int height, struct latency_layout *l);
void latency_layout_free(struct latency_layout *l);
void latency_free(struct latency *t);

#endif
