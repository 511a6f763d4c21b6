/* SPDX-License-Identifier: MIT */
/* What was waited for, how long, and because of whom; and the picture of it, decided.  Pure.
 *
 * Whose fault a wait is: of a lock or a Once, the goroutine that held it (an RWMutex: for writing) or
 * ran it when the wait began; of anything else, the goroutine that ended the wait, which was late.
 */
#ifndef VIZ_CONTENTION_H
#define VIZ_CONTENTION_H

#include "layout.h"

/* One wait of one goroutine for one object. */
struct wait {
	int64_t ts, dur;
	uint32_t obj;	/* index of the object */
	uint32_t blame; /* index of the goroutine, or NOBODY */
	uint16_t color; /* of the reason, in the palette */
	bool open;	/* it still waited when the trace ended */
	bool lost;	/* it ended, but the event is missing that tells by whom */
};
enum { NOBODY = UINT32_MAX };

struct object {
	char *label, *kind, *where; /* where: most of the waiting was at this place, or NULL */
	char *most; /* of many in one, which was waited for longest: "#57, 6.34 s"; or NULL */
};

/* The waits for one object. */
struct contended {
	uint32_t obj;
	int64_t waits, open, lost, total, median, p99, longest;
	int64_t open_total; /* the part of total that is of open ones */
	int64_t by_color[COLORS];
	struct culprit {
		uint32_t lead; /* a goroutine; all of its name together are meant */
		uint32_t n;    /* how many of them */
		int64_t total;
	} who[3]; /* who is to blame most, in falling order; total 0: no more */
	int64_t nwho, blamed; /* how many they are, and the part of total that is theirs */
};

struct contention {
	char *title;
	int64_t dur;
	char *when;	  /* the window of the picture, in words */
	int64_t from, to; /* and in ns */
	bool fit;	  /* the height is a maximum: less if that is enough */
	ARRAY(struct wait) waits;
	ARRAY(struct object) objects;
	ARRAY(struct goroutine) goroutines;
	ARRAY(struct contended) rows; /* from contention_sum() */
	int64_t idle, total;	      /* ns waited: for what is no contention; for all else */
	uint32_t *crew;		      /* of each goroutine: the first one of its name */
	ARRAY(struct gap) gaps;	      /* in the window */
	ARRAY(char *) notes;	      /* sentences for below the picture */
};

void contention_free(struct contention *c);

/* Leave only the waits that are, or reach, into the window. */
void contention_clip(struct contention *c);
/* Make objects that are alike (alike.h) one, if they are many. */
void contention_merge(struct contention *c);
/* Fill in rows, longest total first, but idle ones last. */
void contention_sum(struct contention *c);

/* Whether a row is no contention: goroutines waited there for others' ends (WaitGroups, groups) or
 * for the world (connections). */
bool contention_idle(const struct contention *c, const struct contended *row);

/* "held by worker (98%, 4 goroutines), g2 main (2%)", or that no goroutine was it; to be freed. */
char *contention_who(const struct contention *c, const struct contended *row);

/* The picture: a line for each object, and below the waiters over time. */
enum { CONTENTION_ROWS = 10, CONTENTION_CURVES = 5, CONTENTION_OTHERS };

struct contention_layout {
	int width, height;
	struct rect bars;    /* x in ns; y in pixels from the top */
	struct rect spread;  /* x in ns, logarithmic; likewise */
	struct rect waiters; /* x in time */
	double bars_max, spread_min, spread_max, waiters_max;
	struct axis axis;
	int64_t from, to;
	int ncurves, named; /* of the first objects, and maybe one of all others */
	struct {
		double *v; /* of the first object, of the first two, ...; of all */
		uint32_t rgb;
	} curves[CONTENTION_OTHERS];
	ARRAY(struct box) hatches;    /* of the waiters: where events are missing */
	ARRAY(struct box) boxes;      /* of the bars */
	ARRAY(struct contended) rows; /* of the spread */
	double pitch;
	ARRAY(struct swatch) swatches;
	ARRAY(struct text) texts;
};

void contention_layout(const struct contention *c, int width, int height,
		       struct contention_layout *l);
void contention_layout_free(struct contention_layout *l);

#endif
