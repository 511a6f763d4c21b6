/* SPDX-License-Identifier: MIT */
/* A picture, decided: panels with axes and marks, and words in pixels.  Pure.
 *
 * All but the timeline and the contention are drawn from this one form: a plot (plot.h) says what
 * is where, draw_figure.c writes it down for gnuplot.
 */
#ifndef VIZ_FIGURE_H
#define VIZ_FIGURE_H

#include "layout.h"

enum {
	FIGURE_MARGIN = 20,
	FIGURE_RIGHT = 28,
	FIGURE_LINE = 18, /* from one line of words to the next */
	FIGURE_AXIS = 50, /* what the numbers and the label of a horizontal axis take up */
	FIGURE_SWATCH = 12,
};

/* What a scale counts. */
enum scale_kind {
	SCALE_PIXELS,	/* pixels of the panel, from the left and the top; no axis */
	SCALE_PART,	/* from 0 to 1, from the left and the bottom; no axis */
	SCALE_TIME,	/* ns since the start of the run */
	SCALE_COUNT,	/* whole things */
	SCALE_PERCENT,	/* from 0 to 100 */
	SCALE_DURATION, /* ns, logarithmic */
};

struct scale {
	enum scale_kind kind;
	double min, max;
	const char *label; /* below the axis; NULL: none */
	bool bare;	   /* a grid, but no numbers: another panel below has them */
};

enum mark_kind {
	MARK_AREA,  /* filled, down to 0 */
	MARK_LINE,  /* from point to point */
	MARK_STEPS, /* horizontal, then up or down */
	MARK_RULE,  /* dashed, from point to point */
};

struct point {
	double x, y;
};

struct mark {
	enum mark_kind kind;
	uint32_t rgb;
	ARRAY(struct point) points;
};

struct panel {
	struct rect place;
	struct scale x, y;
	ARRAY(struct box) boxes; /* drawn first; corners are in the units of the scales */
	ARRAY(struct mark) marks;
	ARRAY(struct box) hatches; /* where events are missing */
};

struct figure {
	const char *name; /* of the plot: it begins the title */
	int width, height;
	int top;    /* where the next thing below the title and the legend may begin */
	int bottom; /* where the notes may begin */
	int64_t from, to;
	ARRAY(struct panel *) panels;
	ARRAY(struct swatch) swatches;
	ARRAY(struct text) texts;
	ARRAY(char *) notes;
};

/* A line of the legend. */
struct key {
	uint32_t rgb;
	const char *label; /* any text */
};

/* Begin one that is zeroed but for its name: command is any text, what ran; said a sentence without
 * a name in it, which becomes the figure's. */
void figure_begin(struct figure *f, int width, const char *command, char *said);
/* Put the notes below everything. */
void figure_end(struct figure *f);
/* Make its first panel, and those beside it, higher or less high, so that all of it is that high:
 * after its end. */
void figure_stretch(struct figure *f, int height);
void figure_free(struct figure *f);

/* Words; the text becomes the figure's, and is free of what gnuplot would interpret. */
void figure_put(struct figure *f, double x, double y, enum align align, int size, uint32_t rgb,
		char *text);
void figure_put_bold(struct figure *f, double x, double y, enum align align, int size, char *text);
/* As much of any text as fits into that many pixels, safe to put; "" if next to nothing does. */
char *figure_fit(const char *text, double room, int size);
/* How wide a text is, in pixels. */
double figure_width(const char *text, int size);
/* A sentence below the picture. */
void figure_note(struct figure *f, char *text);
/* Instead of panels: why there is nothing to see. */
void figure_empty(struct figure *f, const char *why);

/* A square of a colour and what it stands for, in lines, below the title; moves top. */
void figure_legend(struct figure *f, const struct key *keys, size_t n);
/* The same in a line beginning at x, whose middle is y; where it ends. */
double figure_key(struct figure *f, double x, double y, uint32_t rgb, const char *label);

/* A panel at that place; its scales are in pixels until they are set.  Moves bottom. */
struct panel *figure_panel(struct figure *f, struct rect place);
/* A time axis over the window of the figure. */
struct scale figure_time(const struct figure *f, bool bare);
/* From 0 to a bit more than max. */
struct scale figure_count(double max);
/* Whole powers of ten around least to most (ns). */
struct scale figure_durations(double least, double most);

struct mark *panel_mark(struct panel *p, enum mark_kind kind, uint32_t rgb);
void mark_point(struct mark *m, double x, double y);
/* An area or a line of n columns from x0 on, each dx wide. */
void panel_columns(struct panel *p, enum mark_kind kind, uint32_t rgb, double x0, double dx,
		   const double *v, int n);
void panel_box(struct panel *p, double x0, double x1, double y0, double y1, uint32_t rgb);

/* A colour for 0 to 1, from faint to strong; and what can be read on a colour. */
uint32_t figure_shade(double part);
uint32_t figure_ink(uint32_t ground);

#endif
