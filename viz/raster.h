/* SPDX-License-Identifier: MIT */
/* What a pixel shows when several states share it: their mix, by the time each one covers.
 *
 * The mix is computed in linear light, as an eye sees it from afar.  A state that matters most
 * (`salient`: running) and covers less than a third of the pixel is drawn as if it covered a third,
 * so that a goroutine that ran for a microsecond is seen in a picture of a second; other states
 * keep their proportions.  Pure.
 */
#ifndef VIZ_RASTER_H
#define VIZ_RASTER_H

#include <stdbool.h>
#include <stdint.h>

/* What covers a pixel: sums of time times colour, in units of a whole pixel. */
struct pixel {
	float salient[4]; /* linear red, green, blue, and the coverage */
	float other[4];
};

/* Add a state of colour rgb from column x0 to x1 (both within 0 and n) of a row, of which the lane
 * takes up the part `weight`.  An interval without length counts as a thousandth of a pixel. */
void raster_add(struct pixel *row, int n, double x0, double x1, uint32_t rgb, bool salient,
		float weight);

/* The colour to draw; `lift` says whether what is salient is to be lifted to a third. */
uint32_t raster_color(const struct pixel *p, uint32_t background, bool lift);

#endif
