/* SPDX-License-Identifier: MIT */
/* Arrays that grow: ARRAY(struct box) boxes = {0}; array_add(&boxes, box); free(boxes.v). */
#ifndef VIZ_ARRAY_H
#define VIZ_ARRAY_H

#include "error.h"

#include <stdlib.h>

#define ARRAY(type)                                                                                \
	struct {                                                                                   \
		type *v;                                                                           \
		size_t n, cap;                                                                     \
	}

/* The next free element, to be filled in. */
#define array_next(a)                                                                              \
	(*((a)->n == (a)->cap ? (a)->v = array_grow((a)->v, &(a)->cap, sizeof *(a)->v) : NULL,     \
	   &(a)->v[(a)->n++]))
#define array_add(a, ...) (array_next(a) = (__VA_ARGS__))

static inline void *array_grow(void *v, size_t *cap, size_t size)
{
	*cap = *cap ? 2 * *cap : 16;
	v = realloc(v, *cap * size);
	if (!v)
		die("out of memory");
	return v;
}

/* calloc() that cannot fail. */
static inline void *array_zeroed(size_t n, size_t size)
{
	void *v = calloc(n ? n : 1, size);

	if (!v)
		die("out of memory");
	return v;
}

#endif
