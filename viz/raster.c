/* SPDX-License-Identifier: MIT */
/* What a pixel, or a column of pixels, shows when several states share its time. */
#include "raster.h"

#include <math.h>
#include <string.h>

static const float LEAST = 1.0f / 3;

void raster_init(struct raster *r, const struct style *styles, int nstyles, int cols,
		 uint32_t background)
{
	*r = (struct raster){styles, nstyles, cols, background,
			     array_zeroed((size_t)cols * (size_t)nstyles, sizeof(float))};
}

void raster_free(struct raster *r)
{
	free(r->cover);
}

void raster_clear(struct raster *r)
{
	memset(r->cover, 0, (size_t)r->cols * (size_t)r->nstyles * sizeof(float));
}

void raster_add(struct raster *r, double x0, double x1, int style, float weight)
{
	if (x1 - x0 < 0.001)
		x1 = x0 + 0.001;
	for (int x = (int)x0 < r->cols ? (int)x0 : r->cols - 1; x < r->cols && x < x1; x++) {
		double from = x0 > x ? x0 : x, to = x1 < x + 1 ? x1 : x + 1;

		r->cover[x * r->nstyles + style] += (float)(to > from ? to - from : 0.001) * weight;
	}
}

/* What is salient in a column, and everything in it. */
static float salient_cover(const struct raster *r, int col, float *all)
{
	const float *cover = r->cover + col * r->nstyles;
	float salient = 0;

	*all = 0;
	for (int i = 0; i < r->nstyles; i++) {
		*all += cover[i];
		salient += r->styles[i].salient ? cover[i] : 0;
	}
	return salient;
}

void raster_raise(struct raster *r)
{
	for (int x = 0; x < r->cols; x++) {
		float all;

		salient_cover(r, x, &all);
		for (int i = 0; i < r->nstyles && all > 0 && all < LEAST; i++)
			r->cover[x * r->nstyles + i] *= LEAST / all;
	}
}

bool raster_seldom(const struct raster *r)
{
	int n = 0;
	float all;

	for (int x = 0; x < r->cols; x++)
		n += salient_cover(r, x, &all) > 0;
	return n < r->cols / 4;
}

/* By how much to multiply the cover of what is salient, and of the rest, the ground included. */
static void factors(const struct raster *r, int col, float least, float *ks, float *ko)
{
	float all, s = salient_cover(r, col, &all);
	float fit = all > 1 ? 1 / all : 1; /* lanes that overlap */

	*ks = *ko = fit;
	s *= fit;
	if (s > 0 && s < least) {
		*ks *= least / s;
		*ko *= (1 - least) / (1 - s);
	}
}

uint32_t raster_mix(const struct raster *r, int col, bool lift)
{
	const float *cover = r->cover + col * r->nstyles;
	float ks, ko, sum[3] = {0}, ground = 1;
	uint32_t rgb = 0;

	factors(r, col, lift ? LEAST : 0, &ks, &ko);
	for (int i = 0; i < r->nstyles; i++) {
		float part = cover[i] * (r->styles[i].salient ? ks : ko);

		ground -= part;
		for (int k = 0; k < 3; k++)
			sum[k] += part * (float)(r->styles[i].rgb >> (16 - 8 * k) & 255);
	}
	for (int k = 0; k < 3; k++) {
		float c = sum[k] + ground * (float)(r->background >> (16 - 8 * k) & 255);

		rgb = rgb << 8 | (uint32_t)lrintf(c < 0 ? 0 : c > 255 ? 255 : c);
	}
	return rgb;
}

void raster_stack(const struct raster *r, int col, bool lift, int rows, uint32_t *rgb)
{
	const float *cover = r->cover + col * r->nstyles;
	float ks, ko, sum = 0;
	int y = rows;

	factors(r, col, lift ? LEAST : 1.5f / (float)rows, &ks, &ko);
	for (int i = 0; i < 2 * r->nstyles; i++) {
		const struct style *style = &r->styles[i % r->nstyles];
		int top;

		if (style->salient != (i < r->nstyles))
			continue;
		sum += cover[i % r->nstyles] * (style->salient ? ks : ko);
		top = rows - (int)lrintf(sum * (float)rows);
		while (y > top && y > 0)
			rgb[--y] = style->rgb;
	}
	while (y > 0)
		rgb[--y] = r->background;
}
