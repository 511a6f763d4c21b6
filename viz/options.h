/* SPDX-License-Identifier: MIT */
/* What the commands that draw pictures have in common: their options, and what becomes of the
 * script.  A function that judges an option returns 0 or the exit status, after a message. */
#ifndef VIZ_OPTIONS_H
#define VIZ_OPTIONS_H

#include "gnuplot.h"
#include "plot.h"

struct picture_options {
	const char *database, *output; /* output: NULL if not given */
	enum format format;
	bool script, sql;
	bool text;	  /* without output, it is printed as text */
	int64_t from, to; /* -1 if not given */
	int width, height;
};

int options_output(struct picture_options *o, const char *path);
int options_time(const char *cmd, const char *option, const char *text, int64_t *ns);
int options_pixels(const char *cmd, const char *option, const char *text, int least, int *pixels);

/* After getopt_long: the one argument that is left, and what must not be missing. */
int options_database(struct picture_options *o, int argc, char **argv);

/* The window, which must be within the run; -1 after a message. */
int options_window(const struct picture_options *o, const struct run *run, int64_t *from,
		   int64_t *to);

/* Draw it as the options say: the exit status. */
int options_plot(const struct picture_options *o, const char *cmd, const struct plot_row *row);

#endif
