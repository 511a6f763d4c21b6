/* SPDX-License-Identifier: MIT */
/* How long goroutines that could run waited for a worker. */
#include "latency.h"

#include <math.h>
#include <string.h>

enum { MARGIN = 20, POINTS = 1200, SWATCH = 12 };

const uint32_t latency_rgb[LATENCY_KINDS] = {0x0072b2, 0xe69f00};

int64_t latency_percentile(const int64_t *v, size_t n, int percent)
{
	return n ? v[(n * (size_t)percent + 99) / 100 - 1] : 0;
}

static void put(struct latency_layout *l, double x, double y, enum align align, int size,
		uint32_t rgb, char *text)
{
	array_add(&l->texts, (struct text){x, y, align, size, false, rgb, text});
}

/* Steps of the distribution, as many as can be seen. */
static void trace_curve(struct latency_layout *l, const struct latency *t, int kind)
{
	size_t n = t->v[kind].n, step = n / POINTS + 1;

	for (size_t i = 0; i < n; i += step)
		array_add(&l->curves[kind], (struct latency_point){fmax(1, (double)t->v[kind].v[i]),
								   (double)(i + 1) / (double)n});
	if (n)
		array_add(&l->curves[kind],
			  (struct latency_point){fmax(1, (double)t->v[kind].v[n - 1]), 1});
}

static void scale(struct latency_layout *l, const struct latency *t)
{
	double least = 1e18, most = 1;

	for (int k = 0; k < LATENCY_KINDS; k++) {
		size_t n = t->v[k].n;

		if (n) {
			least = fmin(least, fmax(1, (double)t->v[k].v[0]));
			most = fmax(most, (double)t->v[k].v[n - 1]);
		}
	}
	l->min = pow(10, floor(log10(least)));
	l->max = pow(10, ceil(log10(most * 1.01)));
}

/* The percentiles that people ask for, each a line with a label in its own row. */
static void put_marks(struct latency_layout *l, const struct latency *t)
{
	static const int percents[] = {50, 90, 99};
	size_t n = t->v[LATENCY_WOKEN].n;
	char buf[FORMAT_MAX];

	for (int i = 0; n && i < 3; i++) {
		double ns =
			fmax(1, (double)latency_percentile(t->v[LATENCY_WOKEN].v, n, percents[i]));
		double part = log10(ns / l->min) / log10(l->max / l->min);
		char *text = format_text("%d%% within %s", percents[i], format_ns(buf, ns, 3));
		bool left = part > 0.8;

		array_add(&l->marks, ns);
		put(l, l->plot.x + part * l->plot.w + (left ? -8 : 8),
		    l->plot.y + l->plot.h - 62 + 20 * i, left ? ALIGN_RIGHT : ALIGN_LEFT, 12, INK,
		    text);
	}
}

static void put_legend(struct latency_layout *l, const struct latency *t)
{
	static const char *const names[] = {"woken, until it ran", "new, until it first ran"};
	double x = MARGIN;
	char buf[FORMAT_MAX];

	for (int k = 0; k < LATENCY_KINDS; k++) {
		char *text;

		if (t->v[k].n == 0)
			continue;
		text = format_text("%s (%s times)", names[k],
				   format_count(buf, (int64_t)t->v[k].n));
		array_add(&l->swatches,
			  (struct swatch){x, 76 - SWATCH / 2.0, SWATCH, SWATCH, latency_rgb[k]});
		put(l, x + SWATCH + 6, 76, ALIGN_LEFT, 12, INK, text);
		x += SWATCH + 6 + format_width(text) * 12 + 26;
	}
}

void latency_layout(const struct latency *t, int width, int height, struct latency_layout *l)
{
	memset(l, 0, sizeof *l);
	l->width = width;
	l->height = height;
	l->plot = (struct rect){80, 104, width - 108, height - 104 - 56};
	put(l, MARGIN, 26, ALIGN_LEFT, 17, INK, format_label(t->title, (int)(width / 10.5)));
	l->texts.v[0].bold = true;
	put(l, MARGIN, 50, ALIGN_LEFT, 12, INK_SOFT,
	    format_text("how long a goroutine that could run waited until it ran"));
	if (t->v[LATENCY_WOKEN].n + t->v[LATENCY_NEW].n == 0) {
		l->height = 160;
		put(l, width / 2.0, 110, ALIGN_CENTER, 14, INK_SOFT,
		    format_text("no goroutine was woken"));
		return;
	}
	scale(l, t);
	for (int k = 0; k < LATENCY_KINDS; k++)
		trace_curve(l, t, k);
	put_legend(l, t);
	put_marks(l, t);
}

void latency_layout_free(struct latency_layout *l)
{
	for (size_t i = 0; i < l->texts.n; i++)
		free(l->texts.v[i].text);
	for (int k = 0; k < LATENCY_KINDS; k++)
		free(l->curves[k].v);
	free(l->marks.v);
	free(l->swatches.v);
	free(l->texts.v);
}

void latency_free(struct latency *t)
{
	for (int k = 0; k < LATENCY_KINDS; k++)
		free(t->v[k].v);
	free(t->title);
}
