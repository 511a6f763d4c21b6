/* SPDX-License-Identifier: MIT */
/* Plots: pictures of a run, each with a name (plots.def).
 *
 * To add one, write plot_<name>.c and its row in plots.def; make does the rest: weft plot, its
 * --list, the report, and the tests that loop over all of them have it then.
 */
#ifndef VIZ_PLOT_H
#define VIZ_PLOT_H

#include "curve.h"
#include "figure.h"
#include "gnuplot.h"
#include "query.h"
#include "rows.h"

/* The run that is drawn, and which part of it. */
struct scene {
	sqlite3 *db;
	char *title;
	struct run run;
	int64_t from, to;	/* the window; to > from */
	int width, height;	/* of the picture; a height of 0: what it needs */
	ARRAY(struct gap) gaps; /* in the window */
};

enum { PLOT_QUESTIONS = 5 };
enum { PLOT_LEAST_WIDTH = 1200, PLOT_LEAST_HEIGHT = 450, PLOT_WIDEST = 8000 };

struct plot {
	const char *title, *words; /* in the report: its heading, and what to see in it (HTML) */
	bool window;		   /* whether it can show a part of the run */
	bool stretch;		   /* whether it can be of any height */
	int least_width, least_height;	 /* pixels; 0: as most */
	bool bare;			 /* it says itself what is missing */
	bool in_full;			 /* it sums up waits that reach beyond the window, and says so */
	const char *sql[PLOT_QUESTIONS]; /* what it asks the database; NULL: no more */
	/* One of these: decide the figure, or write a script of its own; -1 after a message. */
	int (*draw)(const struct scene *s, struct figure *f);
	int (*script)(const struct scene *s, enum format format, struct script *out);
};

extern const struct plot_row {
	const char *name, *line;
	const struct plot *plot;
} plots[];
extern const int nplots;

/* The plot of that name, or NULL. */
const struct plot_row *plot_find(const char *name);

/* Read what all plots need of the run; the window is all of it.  -1 after a message; scene_free()
 * in any case. */
int scene_read(sqlite3 *db, struct scene *s);
void scene_free(struct scene *s);

/* The script of a plot, to be freed by gnuplot_free() unless -1 comes back, after a message. */
int plot_script(const struct plot *plot, const struct scene *s, enum format format,
		struct script *out);

/* ---- What plots have in common ---- */

/* Ask one of the plot's questions about the scene's window. */
int scene_ask(const struct scene *s, const char *sql, row_fn *fn, void *arg);
/* "the whole run, 578.5 ms" or "10 ms to 12 ms of a run of 578.5 ms"; to be freed. */
char *scene_window(const struct scene *s);
/* Say of a part of the run that waits are not cut at its ends. */
void scene_in_full(const struct scene *s, void (*say)(void *arg, char *text), void *arg);
/* Say what is missing in the trace, if something is: sentences, which become arg's. */
void scene_missing(const struct scene *s, bool hatched, void (*say)(void *arg, char *text),
		   void *arg);

#endif
