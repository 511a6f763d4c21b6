/* SPDX-License-Identifier: MIT */
/* The script of a figure.  Everything is decided (figure.h); this only writes it down. */
#include "gnuplot.h"

#include <math.h>

/* The scales of a panel, and what they become in gnuplot: it counts seconds, and time as its axis
 * does. */
struct drawing {
	struct script *s;
	const struct figure *f;
	struct axis axis;
	int panel; /* from 1 on */
};

static double on(const struct drawing *d, const struct scale *scale, double v)
{
	if (scale->kind == SCALE_TIME)
		return (v - (double)d->axis.base) / d->axis.unit;
	return scale->kind == SCALE_DURATION ? v / 1e9 : v;
}

/* ---- Data ---- */

static void data_boxes(const struct drawing *d, const struct panel *p, const char *name,
		       const struct box *boxes, size_t n)
{
	if (n == 0)
		return;
	fprintf(d->s->f, "$%s%d << END\n", name, d->panel);
	for (size_t i = 0; i < n; i++)
		fprintf(d->s->f, "%.10g\t%.10g\t%.7g\t%.7g\t0x%06x\n", on(d, &p->x, boxes[i].t0),
			on(d, &p->x, boxes[i].t1), on(d, &p->y, boxes[i].y0),
			on(d, &p->y, boxes[i].y1), boxes[i].rgb);
	fputs("END\n", d->s->f);
}

static void data_marks(const struct drawing *d, const struct panel *p)
{
	for (size_t i = 0; i < p->marks.n; i++) {
		const struct mark *m = &p->marks.v[i];

		fprintf(d->s->f, "$mark%d_%zu << END\n", d->panel, i + 1);
		for (size_t k = 0; k < m->points.n; k++)
			fprintf(d->s->f, "%.10g\t%.6g\n", on(d, &p->x, m->points.v[k].x),
				on(d, &p->y, m->points.v[k].y));
		fputs("END\n", d->s->f);
	}
}

/* ---- Axes ---- */

static void numbers(const struct drawing *d, char axis, const char *step, const char *format)
{
	char font[FORMAT_MAX];

	fprintf(d->s->f,
		"set %ctics %s nomirror out scale 0.6,0.3 font \"%s\" textcolor rgb \"#%06x\"\n",
		axis, step, gnuplot_font(d->s, font, 12, false), INK_SOFT);
	fprintf(d->s->f, "set format %c \"%s\"\n", axis, format);
}

/* `room` pixels long. */
static void draw_scale(const struct drawing *d, char axis, const struct scale *scale, int room)
{
	double lo = on(d, scale, scale->min), hi = on(d, scale, scale->max);
	double step = format_step(scale->max - scale->min, 5);
	char font[FORMAT_MAX], text[FORMAT_MAX];

	if (axis == 'y' && scale->kind == SCALE_PIXELS)
		fprintf(d->s->f, "set yrange [%.10g:%.10g]\n", hi, lo);
	else
		fprintf(d->s->f, "set %crange [%.10g:%.10g]\n", axis, lo, hi);
	switch (scale->kind) {
	case SCALE_PIXELS:
	case SCALE_PART:
		fprintf(d->s->f, "unset %ctics\n", axis);
		break;
	case SCALE_TIME:
		gnuplot_time_axis(d->s, &d->axis, d->f->from, d->f->to, !scale->bare);
		break;
	case SCALE_COUNT:
		snprintf(text, sizeof text, "%g", step < 1 ? 1 : step);
		numbers(d, axis, text, scale->bare ? "" : fmax(-scale->min, scale->max) < 1e6 ? "%.0f" : "%g");
		break;
	case SCALE_PERCENT:
		numbers(d, axis, scale->max - scale->min > 60 ? "20" : "50",
			scale->bare ? "" : "%.0f%%");
		break;
	case SCALE_DURATION:
		fprintf(d->s->f, "set logscale %c 10\n", axis);
		gnuplot_decades(text, log10(scale->max / scale->min),
				room / (axis == 'x' ? 62.0 : 18.0));
		numbers(d, axis, text, scale->bare ? "" : "%.0s %cs");
		break;
	}
	if (scale->label)
		fprintf(d->s->f,
			"set %clabel \"%s\" font \"%s\" textcolor rgb \"#%06x\" offset 0,0.4\n",
			axis, scale->label, gnuplot_font(d->s, font, 12, false), INK_SOFT);
}

static void draw_axes(const struct drawing *d, const struct panel *p)
{
	bool x = p->x.kind > SCALE_PART, y = p->y.kind > SCALE_PART;

	gnuplot_place(d->s, &p->place);
	fputs("unset logscale\nunset xlabel\nunset ylabel\nunset grid\n", d->s->f);
	draw_scale(d, 'x', &p->x, p->place.w);
	draw_scale(d, 'y', &p->y, p->place.h);
	if (x || y) {
		fprintf(d->s->f, "set border %d linecolor rgb \"#%06x\"\n", x + 2 * y, INK_FAINT);
		fprintf(d->s->f,
			"set grid%s%s back linecolor rgb \"#e3e6e9\" linewidth 1 dashtype 1\n",
			x ? " xtics" : "", y ? " ytics" : "");
	} else {
		fputs("unset border\n", d->s->f);
	}
}

/* ---- Panels ---- */

static void plot_mark(const struct drawing *d, const struct mark *m, size_t i)
{
	static const char *const looks[] = {
		[MARK_AREA] = "filledcurves y=0 linecolor rgb \"#%06x\"",
		[MARK_LINE] = "lines linewidth 2 linecolor rgb \"#%06x\"",
		[MARK_STEPS] = "steps linewidth 2.5 linecolor rgb \"#%06x\"",
		[MARK_RULE] = "lines linewidth 1 dashtype 2 linecolor rgb \"#%06x\""};

	fprintf(d->s->f, "$mark%d_%zu using 1:2 with ", d->panel, i + 1);
	fprintf(d->s->f, looks[m->kind], m->rgb);
}

static void draw_panel(const struct drawing *d, const struct panel *p)
{
	const char *sep = "plot ", *next = ", \\\n     ";
	char name[FORMAT_MAX];

	fprintf(d->s->f, "\n# Panel %d\n", d->panel);
	data_boxes(d, p, "boxes", p->boxes.v, p->boxes.n);
	data_marks(d, p);
	data_boxes(d, p, "gaps", p->hatches.v, p->hatches.n);
	draw_axes(d, p);
	if (p->boxes.n) {
		fprintf(d->s->f,
			"%s$boxes%d using (($1+$2)/2):(($3+$4)/2):1:2:3:4:5 with boxxyerror "
			"linecolor rgb variable",
			sep, d->panel);
		sep = next;
	}
	for (size_t i = 0; i < p->marks.n; i++) {
		if (p->marks.v[i].points.n == 0)
			continue;
		fputs(sep, d->s->f);
		plot_mark(d, &p->marks.v[i], i);
		sep = next;
	}
	if (p->hatches.n) {
		snprintf(name, sizeof name, "gaps%d", d->panel);
		fprintf(d->s->f, "%s" GNUPLOT_HATCHED, sep, name, INK_SOFT);
		sep = next;
	}
	fprintf(d->s->f, "%sNaN\n", sep);
}

void draw_figure(struct script *s, enum format format, const struct figure *f)
{
	struct drawing d = {.s = s, .f = f};

	gnuplot_begin(s, format, f->width, f->height);
	for (size_t i = 0; i < f->panels.n; i++) {
		const struct panel *p = f->panels.v[i];

		d.panel = (int)i + 1;
		if (p->x.kind == SCALE_TIME)
			d.axis = format_axis(f->from, f->to, p->place.w / 90);
		draw_panel(&d, p);
	}
	fputs("unset logscale\n", s->f);
	gnuplot_words(s, f->swatches.v, f->swatches.n, f->texts.v, f->texts.n);
	gnuplot_end(s);
}
