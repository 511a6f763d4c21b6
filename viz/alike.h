/* SPDX-License-Identifier: MIT */
/* Names that are alike but for a number, "chan at a.c:7 #3": objects made at one place.  Where they
 * are many, pictures show them as one: no two of ten thousand channels could be told apart.  Pure.
 */
#ifndef VIZ_ALIKE_H
#define VIZ_ALIKE_H

#include "array.h"

#include <stdint.h>

enum { ALIKE_FEW = 20 }; /* so many still have a picture each */

struct alike {
	int *group; /* of each name */
	ARRAY(struct likeness {
		char *name; /* any text: the name, or "chan at a.c:7 (98)" */
		int64_t n;
	})
	v;
};

/* Of n names. */
void alike_find(char *const *names, size_t n, struct alike *a);
void alike_free(struct alike *a);

#endif
