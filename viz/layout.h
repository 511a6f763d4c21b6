/* SPDX-License-Identifier: MIT */
/* The timeline, decided: which lanes, where, which rectangles in which colour, which words.
 *
 * struct timeline (what happened, from query.c) goes in, struct layout (what to draw) comes out.
 * No I/O, so that every decision can be tested.  What must always be true:
 *   every interval of the window is in the picture: as a rectangle of its own if it is a pixel
 *   wide or wider, else in the mix of the pixels that it touches (raster.h);
 *   every lane is in the picture: labelled if there is room, else in a group that says how many;
 *   no two words overlap.
 */
#ifndef VIZ_LAYOUT_H
#define VIZ_LAYOUT_H

#include "array.h"
#include "format.h"

#include <stdbool.h>
#include <stdint.h>

enum color {
#define COLOR(name, rgb, legend, letter) COLOR_##name,
#include "palette.def"
	COLORS
};

struct palette {
	const char *name;
	uint32_t rgb;
	const char *legend;
	char letter;
};
extern const struct palette palette[COLORS];

/* The colour of a wait reason, by its name in the database. */
enum color palette_wait(const char *why);

/* To tell goroutines, functions or objects apart; what comes after HUES is drawn in OTHERS. */
extern const uint32_t hues[];
enum { HUES = 8, OTHERS = 0xb4bac1 };

/* The same hue, nearer to white by 30%. */
uint32_t palette_lighter(uint32_t rgb);

/* For how much, from little to much. */
extern const uint32_t shades[];
enum { SHADES = 7 };

/* Text and lines, from strong to faint. */
enum {
	INK = 0x1f2328,
	INK_SOFT = 0x59636e,
	INK_FAINT = 0xaeb5bd,
	PAPER = 0xffffff,
	LANE = 0xf3f4f6
};

/* ---- What happened ---- */

enum { NO_LANE = UINT32_MAX };

struct span {
	int64_t ts, end;
	uint32_t lane; /* NO_LANE: counts only for the panel of runnable goroutines */
	uint32_t ref;  /* running on a worker: index of the goroutine; waiting: of the object + 1 */
	uint16_t style; /* index into styles; a palette colour, until layout gives goroutines theirs
			 */
};

struct lane {
	char *name;  /* the label alone: "g7 worker" */
	char *group; /* what it is grouped by when there are too many: "worker" */
};

struct goroutine {
	uint64_t g;
	char *name;
};

struct wake {
	int64_t ts, start;     /* made runnable; ran (or the end of the run) */
	uint32_t waker, woken; /* indices of goroutines */
};

struct gap {
	int64_t ts, end, lost;
};

/* How a span is drawn, and its line in the legend. */
struct style {
	uint32_t rgb;
	bool salient; /* raster.h */
	char *legend; /* NULL: not in the legend */
	double total; /* ns in the window */
};

struct timeline {
	bool workers; /* lanes are workers, and threads; else goroutines */
	char *title;
	int64_t from, to, dur; /* the window, and the whole run */
	int nworkers;
	bool fit; /* the height is a maximum: less if the lanes need less */
	int width, height;
	ARRAY(struct lane) lanes;
	ARRAY(struct span) spans;
	ARRAY(struct style) styles;
	ARRAY(struct goroutine) goroutines;
	ARRAY(char *) objects;
	ARRAY(struct wake) wakes;
	int64_t nwakes; /* in the window; wakes has them only if they are few */
	ARRAY(struct gap) gaps;
};

void timeline_free(struct timeline *t);

/* How many events are missing in the gaps that touch the window. */
int64_t timeline_lost(const struct timeline *t);

/* Give t its styles, and its spans theirs: states have the palette's colours; on workers, running
 * has one for each goroutine, or for each function if there are more goroutines than hues. */
void style_timeline(struct timeline *t);

/* ---- What to draw ---- */

struct rect {
	int x, y, w, h;
};

/* A rectangle over time: x in ns since the start of the run, y in pixels from the top of the plot.
 */
struct box {
	double t0, t1, y0, y1;
	uint32_t rgb;
};

enum align { ALIGN_LEFT, ALIGN_CENTER, ALIGN_RIGHT };

/* A word, in pixels of the picture; y is its middle. */
struct text {
	double x, y;
	enum align align;
	int size; /* of the font, in pixels */
	bool bold;
	uint32_t rgb;
	char *text;
};

/* A rectangle in pixels of the picture: a swatch of the legend. */
struct swatch {
	double x, y, w, h;
	uint32_t rgb;
};

struct arrow {
	double t0, y0, t1, y1;
};

/* Rows, each `pitch` pixels high, from y in the plot on, with a column for each of its pixels. */
struct image {
	int cols, rows;
	double y, pitch;
	uint32_t *rgb;
};

struct layout {
	int width, height;
	int64_t from, to;
	struct axis axis;
	struct rect plot; /* the lanes */
	struct rect load; /* the panel below; h is 0 if there is none */
	double load_max;  /* of its axis */
	double load_line; /* the number of workers, or 0 */
	double *load_running,
		*load_work; /* running; running or runnable: for each pixel of its width */
	ARRAY(struct image) images;
	ARRAY(struct box) boxes;
	ARRAY(struct arrow) arrows;
	ARRAY(struct box) hatches;
	ARRAY(struct swatch) swatches;
	ARRAY(struct text) texts;
};

/* Above so many rectangles the lanes are drawn as an image. */
enum { LAYOUT_BOXES = 6000 };
/* More arrows than these are not drawn: nobody could follow one. */
enum { LAYOUT_ARROWS = 60 };

/* Decide.  t's spans get their final styles. */
void layout_timeline(struct timeline *t, struct layout *l);
void layout_free(struct layout *l);

#endif
