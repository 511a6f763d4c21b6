/* SPDX-License-Identifier: MIT */
/* What a pixel shows when several states share it. */
#include "raster.h"

#include <math.h>

static const float LEAST = 1.0f / 3;

static void cover(float sum[4], uint32_t rgb, float part)
{
	sum[0] += part * (float)(rgb >> 16 & 255);
	sum[1] += part * (float)(rgb >> 8 & 255);
	sum[2] += part * (float)(rgb & 255);
	sum[3] += part;
}

void raster_add(struct pixel *row, int n, double x0, double x1, uint32_t rgb, bool salient,
		float weight)
{
	if (x1 - x0 < 0.001)
		x1 = x0 + 0.001;
	for (int x = (int)x0 < n ? (int)x0 : n - 1; x < n && x < x1; x++) {
		double from = x0 > x ? x0 : x, to = x1 < x + 1 ? x1 : x + 1;
		float part = (float)(to > from ? to - from : 0.001) * weight;

		cover(salient ? row[x].salient : row[x].other, rgb, part);
	}
}

uint32_t raster_color(const struct pixel *p, uint32_t background, bool lift)
{
	float all = p->salient[3] + p->other[3];
	float more = all > 1 ? 1 / all : 1; /* lanes that overlap */
	float s = p->salient[3] * more, o = p->other[3] * more, b = 1 - s - o;
	float ks = more, ko = more;
	uint32_t rgb = 0;

	if (lift && s > 0 && s < LEAST) {
		float rest = (1 - LEAST) / (1 - s);

		ks *= LEAST / s;
		ko *= rest;
		b *= rest;
	}
	for (int i = 0; i < 3; i++)
		rgb = rgb << 8 | (uint32_t)lrintf(ks * p->salient[i] + ko * p->other[i] +
						  b * (float)(background >> (16 - 8 * i) & 255));
	return rgb;
}

bool raster_seldom(const struct pixel *row, int n)
{
	int salient = 0;

	for (int x = 0; x < n; x++)
		salient += row[x].salient[3] > 0;
	return salient < n / 4;
}
