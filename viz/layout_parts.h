/* SPDX-License-Identifier: MIT */
/* What layout.c (rectangles) and words.c (text) share while they decide. */
#ifndef VIZ_LAYOUT_PARTS_H
#define VIZ_LAYOUT_PARTS_H

#include "layout.h"

/* In pixels. */
enum {
	MARGIN = 20, /* left of the title, labels, legend and notes */
	MARGIN_RIGHT = 28,
	GROUP_LABEL = 16, /* the least height of a group */
	GROUP_GAP = 3,
	LOAD_HEIGHT = 110, /* of the panel below the lanes */
	LOAD_ROOM = 150,   /* with its title */
	AXIS_ROOM = 48,	   /* ticks, their numbers, the axis label */
	LANE_LEAST = 13,   /* the least height of a lane with a label */
};

/* Lanes of one name, or (names > 1) of several names that are few each. */
struct group {
	size_t first, n; /* in plan.order */
	uint32_t lead;	 /* the lane that began first */
	int names;
	double life; /* for how long its lanes have something to show, together */
	int y, h;    /* pixels of the plot */
};

struct plan {
	struct timeline *t;
	struct layout *l;
	uint32_t background;
	uint32_t *first;   /* of each lane: where its spans begin in by_lane */
	uint32_t *by_lane; /* indices of spans */
	double pitch, gap; /* of labelled lanes: from one to the next; left free on both sides */
	bool grouped;
	uint32_t *order; /* lanes, grouped */
	struct group *groups;
	size_t ngroups;
	int64_t nspans, nnarrow; /* in lanes; of those, narrower than a pixel */
};

/* How many pixels the labels of the lanes take. */
int label_room(const struct plan *p);
/* Put the legend; where it ends. */
int legend_bottom(struct plan *p);
/* How many pixels the notes at the bottom take. */
int notes_room(const struct timeline *t);
/* Everything else that is text. */
void put_words(struct plan *p);

#endif
