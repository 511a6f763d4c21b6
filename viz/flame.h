/* SPDX-License-Identifier: MIT */
/* Flame graphs, laid out: boxes on boxes, each as wide as what it and all above it cost together.
 * Pure. */
#ifndef VIZ_FLAME_H
#define VIZ_FLAME_H

#include "figure.h"

/* A line of it: frames from the bottom up, with ; between them. */
struct flame_line {
	char *frames;
	int64_t cost; /* ns */
	int from;     /* frames from this one on have the colour; those below are neutral */
	uint32_t rgb;
};

struct flame {
	ARRAY(struct flame_line) lines;
};

/* The frames become the flame's. */
void flame_add(struct flame *fl, char *frames, int64_t cost, int from, uint32_t rgb);
/* Put it below what is in the figure; sorts the lines. */
void flame_layout(struct flame *fl, struct figure *f);
void flame_free(struct flame *fl);

/* A copy of any text as a frame, without what parts frames. */
char *flame_frame(const char *text);

#endif
