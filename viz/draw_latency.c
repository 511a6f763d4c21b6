/* SPDX-License-Identifier: MIT */
/* The script of the picture of wake-up latencies.  Everything is decided (latency.c). */
#include "gnuplot.h"

static void data(struct script *s, const struct latency_layout *l)
{
	for (int k = 0; k < LATENCY_KINDS; k++) {
		fprintf(s->f, "$curve%d << END\n", k + 1);
		for (size_t i = 0; i < l->curves[k].n; i++)
			fprintf(s->f, "%.12g\t%.6g\n", l->curves[k].v[i].x / 1e9,
				100 * l->curves[k].v[i].y);
		fputs("END\n", s->f);
	}
	fputs("$marks << END\n", s->f);
	for (size_t i = 0; i < l->marks.n; i++)
		fprintf(s->f, "%.12g\n", l->marks.v[i] / 1e9);
	fputs("END\n", s->f);
}

static void axes(struct script *s, const struct latency_layout *l)
{
	char font[FORMAT_MAX];

	gnuplot_place(s, &l->plot);
	gnuplot_font(s, font, 12, false);
	fprintf(s->f, "set border 3 linecolor rgb \"#%06x\"\n", INK_FAINT);
	fprintf(s->f, "set logscale x 10\nset xrange [%.6g:%.6g]\nset yrange [0:101]\n",
		l->min / 1e9, l->max / 1e9);
	fprintf(s->f,
		"set xtics auto nomirror out scale 0.6,0.3 font \"%s\" textcolor rgb \"#%06x\"\n"
		"set format x \"%%.0s %%cs\"\n",
		font, INK_SOFT);
	fprintf(s->f,
		"set ytics 20 nomirror out scale 0.6 font \"%s\" textcolor rgb \"#%06x\"\n"
		"set format y \"%%.0f%%%%\"\n",
		font, INK_SOFT);
	fputs("set grid xtics ytics back linecolor rgb \"#e3e6e9\" linewidth 1 dashtype 1\n", s->f);
	fprintf(s->f,
		"set xlabel \"waited for a worker\" font \"%s\" textcolor rgb \"#%06x\" offset "
		"0,0.4\n",
		font, INK_SOFT);
}

void draw_latency(struct script *s, enum format format, const struct latency_layout *l)
{
	const char *sep = "plot ";

	gnuplot_begin(s, format, l->width, l->height);
	if (l->curves[LATENCY_WOKEN].n || l->curves[LATENCY_NEW].n) {
		fputs("\n# How many of 100 took no longer, in seconds\n", s->f);
		data(s, l);
		axes(s, l);
		if (l->marks.n) {
			fprintf(s->f,
				"%s$marks using 1:(0):(0):(100) with vectors nohead linewidth 1 "
				"dashtype 2 linecolor rgb \"#%06x\"",
				sep, INK_SOFT);
			sep = ", \\\n     ";
		}
		for (int k = LATENCY_KINDS - 1; k >= 0; k--)
			if (l->curves[k].n) {
				fprintf(s->f,
					"%s$curve%d using 1:2 with steps linewidth 2.5 "
					"linecolor rgb \"#%06x\"",
					sep, k + 1, latency_rgb[k]);
				sep = ", \\\n     ";
			}
		fputs("\nunset logscale x\n", s->f);
	}
	gnuplot_words(s, l->swatches.v, l->swatches.n, l->texts.v, l->texts.n);
	gnuplot_end(s);
}
