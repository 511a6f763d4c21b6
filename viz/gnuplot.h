/* SPDX-License-Identifier: MIT */
/* Scripts for gnuplot, and running it.
 *
 * A script is complete: its data are in it.  Text from the traced program is only ever in data,
 * never in a command, and passed through format_label(); there are no file names in a script: the
 * picture goes to gnuplot's standard output.  So no name can do anything.
 */
#ifndef VIZ_GNUPLOT_H
#define VIZ_GNUPLOT_H

#include "contention.h"
#include "figure.h"

#include <stdio.h>

enum format { FORMAT_SVG, FORMAT_PNG, FORMAT_PDF };

/* The format that a file's name asks for; -1 after a message. */
int gnuplot_format(const char *path, enum format *format);

/* A script under construction, and then its text. */
struct script {
	FILE *f;
	char *text;
	size_t len;
	enum format format;
	int width, height;
	int blocks; /* data blocks so far */
};

/* Begin a picture of that many pixels, with several plots in it. */
void gnuplot_begin(struct script *s, enum format format, int width, int height);
/* End it; s->text is the script. */
void gnuplot_end(struct script *s);
void gnuplot_free(struct script *s);

/* Let the next plot take up that place in the picture. */
void gnuplot_place(struct script *s, const struct rect *r);
/* Ticks, grid and label of a time axis; with `words` false only the grid. */
void gnuplot_time_axis(struct script *s, const struct axis *a, int64_t from, int64_t to,
		       bool words);
/* Range and ticks of a vertical axis that counts. */
void gnuplot_count_axis(struct script *s, double max);
/* The step between the ticks of a logarithmic axis over so many decades, where there is room for so
 * many numbers.  Returns buf. */
char *gnuplot_decades(char buf[FORMAT_MAX], double decades, double room);
/* A plot of a block of boxes (x0, x1, y0, y1), hatched: where events are missing.  Its arguments
 * are the name and the colour. */
#define GNUPLOT_HATCHED                                                                            \
	"$%s using ($1+$2)/2:($3+$4)/2:1:2:3:4 with boxxyerror "                                   \
	"fillstyle transparent pattern 4 noborder lc rgb \"#%06x\""
/* A block of data: the outline of steps of height v[i] from x0 + i * dx on, for filledcurves. */
void gnuplot_steps(struct script *s, const char *name, double x0, double dx, const double *v,
		   int n);
/* The words and swatches of a picture, over everything: the last plot. */
void gnuplot_words(struct script *s, const struct swatch *swatches, size_t nswatches,
		   const struct text *texts, size_t ntexts);
/* "DejaVu Sans,9": a font of that many pixels, in this format's units.  Returns buf. */
char *gnuplot_font(const struct script *s, char buf[FORMAT_MAX], int size, bool bold);

/* Run it: *out is the picture, to be freed.  -1 after a message. */
int gnuplot_run(const struct script *s, char **out, size_t *len);

/* Write a file under a temporary name, then move it to its place; -1 after a message. */
int gnuplot_save(const char *path, const char *data, size_t len);

/* The scripts of the pictures. */
void draw_timeline(struct script *s, enum format format, const struct layout *l);
void draw_contention(struct script *s, enum format format, const struct contention_layout *l);
void draw_figure(struct script *s, enum format format, const struct figure *f);

#endif
