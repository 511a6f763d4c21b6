/* SPDX-License-Identifier: MIT */
/* What a pixel, or a column of pixels, shows when several states share its time.
 *
 * A row of columns has, for each style, the part of the column's time that it covers.  Where a lane
 * is high enough, a column is divided among its styles in proportion to their time, like a stacked
 * bar; in a thin lane its colour is their mix.  In a lane that seldom runs, running gets a third
 * at least, so that a goroutine that ran for a microsecond is seen in a picture of a second; the
 * others keep their proportions.  Pure.
 */
#ifndef VIZ_RASTER_H
#define VIZ_RASTER_H

#include "layout.h"

struct raster {
	const struct style *styles;
	int nstyles, cols;
	uint32_t background;
	float *cover; /* of each style, in each column: cover[col * nstyles + style] */
};

void raster_init(struct raster *r, const struct style *styles, int nstyles, int cols,
		 uint32_t background);
void raster_free(struct raster *r);
void raster_clear(struct raster *r);

/* Add a style from column x0 to x1 (both within 0 and cols); `weight` is the part of the row that
 * the lane takes up.  An interval without length counts as a thousandth of a pixel. */
void raster_add(struct raster *r, double x0, double x1, int style, float weight);

/* Make what there is in a column, together, a third of it at least. */
void raster_raise(struct raster *r);

/* Whether what is salient is so rare that it is to be drawn larger: in less than a quarter of the
 * columns. */
bool raster_seldom(const struct raster *r);

/* The mix of a column. */
uint32_t raster_mix(const struct raster *r, int col, bool lift);

/* A column as `rows` pixels, from the top; what is salient is at the bottom. */
void raster_stack(const struct raster *r, int col, bool lift, int rows, uint32_t *rgb);

#endif
