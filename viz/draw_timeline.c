/* SPDX-License-Identifier: MIT */
/* The script of a timeline.  Everything is decided (layout.c); this only writes it down. */
#define _GNU_SOURCE
#include "gnuplot.h"

#include <string.h>

/* A time as the axis counts. */
static double on_axis(const struct layout *l, double ts)
{
	return (ts - (double)l->axis.base) / l->axis.unit;
}

static void data_boxes(struct script *s, const struct layout *l, const char *name,
		       const struct box *boxes, size_t n)
{
	fprintf(s->f, "$%s << END\n", name);
	for (size_t i = 0; i < n; i++)
		fprintf(s->f, "%.10g\t%.10g\t%.6g\t%.6g\t0x%06x\n", on_axis(l, boxes[i].t0),
			on_axis(l, boxes[i].t1), boxes[i].y0, boxes[i].y1, boxes[i].rgb);
	fputs("END\n", s->f);
}

static void data_arrows(struct script *s, const struct layout *l)
{
	fputs("$arrows << END\n", s->f);
	for (size_t i = 0; i < l->arrows.n; i++) {
		const struct arrow *a = &l->arrows.v[i];

		fprintf(s->f, "%.10g\t%.6g\t%.10g\t%.6g\n", on_axis(l, a->t0), a->y0,
			on_axis(l, a->t1) - on_axis(l, a->t0), a->y1 - a->y0);
	}
	fputs("END\n", s->f);
}

/* Its digits and what comes behind them. */
static char *put_number(char *at, uint32_t n, char behind)
{
	char digits[10];
	int len = 0;

	do
		digits[len++] = (char)('0' + n % 10);
	while (n /= 10);
	while (len)
		*at++ = digits[--len];
	*at++ = behind;
	return at;
}

/* A pixel a line, where it is and its colour: what gnuplot computes, of a matrix say, takes it ten
 * times as long.  It draws no image of one row: that is given twice, at half the height. */
static void data_image(struct script *s, const struct image *image)
{
	int times = image->rows == 1 ? 2 : 1;
	double dy = image->pitch / times;

	for (int y = 0; y < image->rows * times; y++) {
		const uint32_t *rgb = image->rgb + y / times * image->cols;
		char place[FORMAT_MAX], line[2 * FORMAT_MAX];

		snprintf(place, sizeof place, "%.6g\t", image->y + (y + 0.5) * dy);
		for (int x = 0; x < image->cols; x++) { /* printf() would take most of the time */
			char *at = stpcpy(put_number(line, (uint32_t)x, '\t'), place);

			at = put_number(at, rgb[x] >> 16, '\t');
			at = put_number(at, rgb[x] >> 8 & 255, '\t');
			at = put_number(at, rgb[x] & 255, '\n');
			fwrite(line, 1, (size_t)(at - line), s->f);
		}
	}
}

/* The images have a plot of their own below that of the rectangles, with columns instead of time.
 */
static void plot_images(struct script *s, const struct layout *l)
{
	if (l->images.n == 0)
		return;
	for (size_t i = 0; i < l->images.n; i++) {
		fprintf(s->f, "$image%zu << END\n", i + 1);
		data_image(s, &l->images.v[i]);
		fputs("END\n", s->f);
	}
	gnuplot_place(s, &l->plot);
	fprintf(s->f,
		"unset border\nunset xtics\nunset ytics\n"
		"set xrange [-0.5:%d.5]\nset yrange [%d:0]\n",
		l->plot.w - 1, l->plot.h);
	for (size_t i = 0; i < l->images.n; i++)
		fprintf(s->f, "%s$image%zu using 1:2:3:4:5 with rgbimage",
			i ? ", \\\n     " : "plot ", i + 1);
	fputc('\n', s->f);
}

static void plot_lanes(struct script *s, const struct layout *l)
{
	const char *sep = "plot ", *next = ", \\\n     ";

	gnuplot_place(s, &l->plot);
	gnuplot_time_axis(s, &l->axis, l->from, l->to, l->load.h == 0);
	fprintf(s->f, "set border 1 linecolor rgb \"#%06x\"\nunset ytics\nset yrange [%d:0]\n",
		INK_FAINT, l->plot.h);
	if (l->boxes.n) {
		fprintf(s->f,
			"%s$boxes using ($1+$2)/2:($3+$4)/2:1:2:3:4:5 with boxxyerror lc rgb "
			"variable",
			sep);
		sep = next;
	}
	if (l->hatches.n) {
		fprintf(s->f, "%s" GNUPLOT_HATCHED, sep, "gaps", INK_SOFT);
		sep = next;
	}
	if (l->arrows.n) {
		fprintf(s->f, "%s$arrows using 1:2:3:4 with vectors nohead lw 3 lc rgb \"#ffffff\"",
			sep);
		fprintf(s->f,
			"%s$arrows using 1:2:3:4 with vectors head filled size screen 0.005,18 "
			"lw 1 lc rgb \"#%06x\"",
			next, INK);
		sep = next;
	}
	fprintf(s->f, "%sNaN\n", sep);
}

static void plot_load(struct script *s, const struct layout *l)
{
	double x0 = on_axis(l, (double)l->from);
	double dx = (on_axis(l, (double)l->to) - x0) / l->load.w;

	fputs("\n# How many goroutines ran, and ran or could have run\n", s->f);
	gnuplot_steps(s, "running", x0, dx, l->load_running, l->load.w);
	gnuplot_steps(s, "work", x0, dx, l->load_work, l->load.w);
	gnuplot_place(s, &l->load);
	gnuplot_time_axis(s, &l->axis, l->from, l->to, true);
	gnuplot_count_axis(s, l->load_max);
	fprintf(s->f,
		"plot $work using 1:2 with filledcurves y=0 lc rgb \"#%06x\", \\\n"
		"     $running using 1:2 with filledcurves y=0 lc rgb \"#%06x\", \\\n"
		"     %.6g with lines lc rgb \"#%06x\" dashtype 2\n",
		palette[COLOR_runnable].rgb, palette[COLOR_running].rgb, l->load_line, INK);
}

void draw_timeline(struct script *s, enum format format, const struct layout *l)
{
	gnuplot_begin(s, format, l->width, l->height);
	fprintf(s->f, "\n# The lanes: time, and pixels from the top\n");
	plot_images(s, l);
	data_boxes(s, l, "boxes", l->boxes.v, l->boxes.n);
	if (l->hatches.n)
		data_boxes(s, l, "gaps", l->hatches.v, l->hatches.n);
	if (l->arrows.n)
		data_arrows(s, l);
	plot_lanes(s, l);
	if (l->load.h)
		plot_load(s, l);
	gnuplot_words(s, l->swatches.v, l->swatches.n, l->texts.v, l->texts.n);
	gnuplot_end(s);
}
