/* SPDX-License-Identifier: MIT */
/* What a pixel shows when several states share it. */
#include "raster.h"

#include <math.h>

static const float LEAST = 1.0f / 3;

static float linear(uint32_t rgb, int shift)
{
	static float table[256];

	if (table[255] == 0)
		for (int i = 0; i < 256; i++)
			table[i] = powf((float)i / 255, 2.2f);
	return table[rgb >> shift & 255];
}

static uint32_t encode(float v)
{
	static uint8_t table[4097];

	if (table[4096] == 0)
		for (int i = 0; i <= 4096; i++)
			table[i] = (uint8_t)lrintf(255 * powf((float)i / 4096, 1 / 2.2f));
	return table[v <= 0 ? 0 : v >= 1 ? 4096 : (int)lrintf(v * 4096)];
}

static void cover(float sum[4], uint32_t rgb, float part)
{
	sum[0] += part * linear(rgb, 16);
	sum[1] += part * linear(rgb, 8);
	sum[2] += part * linear(rgb, 0);
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
		rgb = rgb << 8 | encode(ks * p->salient[i] + ko * p->other[i] +
					b * linear(background, 16 - 8 * i));
	return rgb;
}
