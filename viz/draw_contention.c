/* SPDX-License-Identifier: MIT */
/* The script of the picture of contention.  Everything is decided (contention_layout.c). */
#include "gnuplot.h"

#include <math.h>

static void draw_bars(struct script *s, const struct contention_layout *l)
{
	fputs("\n# How long altogether, by reason: nanoseconds, and pixels from the top\n", s->f);
	fputs("$bars << END\n", s->f);
	for (size_t i = 0; i < l->boxes.n; i++) {
		const struct box *b = &l->boxes.v[i];

		fprintf(s->f, "%.12g\t%.12g\t%.6g\t%.6g\t0x%06x\n", b->t0, b->t1, b->y0, b->y1,
			b->rgb);
	}
	fputs("END\n", s->f);
	gnuplot_place(s, &l->bars);
	fprintf(s->f, "set border 2 linecolor rgb \"#%06x\"\nunset xtics\nunset ytics\n",
		INK_FAINT);
	fprintf(s->f, "set xrange [0:%.12g]\nset yrange [%d:0]\n", l->bars_max, l->bars.h);
	fputs("plot $bars using ($1+$2)/2:($3+$4)/2:1:2:3:4:5 with boxxyerror lc rgb variable\n",
	      s->f);
}

static void draw_spread(struct script *s, const struct contention_layout *l)
{
	char font[FORMAT_MAX], step[FORMAT_MAX];

	fputs("\n# How long one wait takes: the middle of the row; in seconds the median, the "
	      "99th\n"
	      "# percentile, the longest\n$spread << END\n",
	      s->f);
	for (size_t i = 0; i < l->rows.n; i++) {
		const struct contended *row = &l->rows.v[i];

		fprintf(s->f, "%.6g\t%.12g\t%.12g\t%.12g\n", ((double)i + 0.5) * l->pitch,
			(double)row->median / 1e9, (double)row->p99 / 1e9,
			(double)row->longest / 1e9);
	}
	fputs("END\n", s->f);
	gnuplot_place(s, &l->spread);
	fprintf(s->f, "set logscale x 10\nset xrange [%.6g:%.6g]\n", l->spread_min / 1e9,
		l->spread_max / 1e9);
	fprintf(s->f, "set border 1 linecolor rgb \"#%06x\"\nset format x \"%%.0s %%cs\"\n",
		INK_FAINT);
	fprintf(s->f, "set xtics %s nomirror out scale 0.6,0 font \"%s\" textcolor rgb \"#%06x\"\n",
		gnuplot_decades(step, log10(l->spread_max / l->spread_min), l->spread.w / 58.0),
		gnuplot_font(s, font, 11, false), INK_SOFT);
	fputs("set grid xtics back linecolor rgb \"#e3e6e9\" linewidth 1 dashtype 1\n", s->f);
	fprintf(s->f,
		"plot $spread using 2:1:($4-$2):(0) with vectors nohead lw 2 lc rgb \"#%06x\", \\\n"
		"     $spread using 4:($1-7):(0):(14) with vectors nohead lw 2 lc rgb \"#%06x\", "
		"\\\n"
		"     $spread using 2:1 with points pt 7 ps 1.1 lc rgb \"#ffffff\", \\\n"
		"     $spread using 2:1 with points pt 6 ps 1.1 lw 2 lc rgb \"#%06x\", \\\n"
		"     $spread using 3:1 with points pt 7 ps 1.2 lc rgb \"#%06x\"\n",
		INK_FAINT, INK_SOFT, INK, INK);
	fputs("unset logscale x\n", s->f);
}

static double on_axis(const struct contention_layout *l, double ns)
{
	return (ns - (double)l->axis.base) / l->axis.unit;
}

static void draw_waiters(struct script *s, const struct contention_layout *l)
{
	double x0 = on_axis(l, (double)l->from);
	double dx = (on_axis(l, (double)l->to) - x0) / l->waiters.w;

	fputs("\n# Waiters over time: the first object's, the first two's, ...\n", s->f);
	for (int i = 0; i < l->ncurves; i++) {
		char name[16];

		snprintf(name, sizeof name, "waiters%d", i + 1);
		gnuplot_steps(s, name, x0, dx, l->curves[i].v, l->waiters.w);
	}
	if (l->hatches.n)
		fputs("$gaps << END\n", s->f);
	for (size_t i = 0; i < l->hatches.n; i++)
		fprintf(s->f, "%.10g\t%.10g\t%.6g\t%.6g\n", on_axis(l, l->hatches.v[i].t0),
			on_axis(l, l->hatches.v[i].t1), l->hatches.v[i].y0, l->hatches.v[i].y1);
	fputs(l->hatches.n ? "END\n" : "", s->f);
	gnuplot_place(s, &l->waiters);
	gnuplot_time_axis(s, &l->axis, l->from, l->to, true);
	gnuplot_count_axis(s, l->waiters_max);
	for (int i = l->ncurves; i > 0; i--)
		fprintf(s->f, "%s$waiters%d using 1:2 with filledcurves y=0 lc rgb \"#%06x\"",
			i == l->ncurves ? "plot " : ", \\\n     ", i, l->curves[i - 1].rgb);
	if (l->hatches.n)
		fprintf(s->f, ", \\\n     " GNUPLOT_HATCHED, "gaps", INK_SOFT);
	fputc('\n', s->f);
}

void draw_contention(struct script *s, enum format format, const struct contention_layout *l)
{
	gnuplot_begin(s, format, l->width, l->height);
	if (l->rows.n) {
		draw_bars(s, l);
		draw_spread(s, l);
		draw_waiters(s, l);
	}
	gnuplot_words(s, l->swatches.v, l->swatches.n, l->texts.v, l->texts.n);
	gnuplot_end(s);
}
