/* SPDX-License-Identifier: MIT */
/* A map from the database's numbers to indices of an array. */
#ifndef VIZ_IDS_H
#define VIZ_IDS_H

#include "array.h"

#include <stdint.h>

struct ids {
	ARRAY(int64_t) v; /* ascending */
};

/* The index of id; the number of ids if it is not there. */
static inline uint32_t ids_find(const struct ids *ids, int64_t id)
{
	size_t lo = 0, hi = ids->v.n;

	if (id > 0 && (size_t)id <= hi && ids->v.v[id - 1] == id) /* mostly they count from 1 */
		return (uint32_t)(id - 1);
	while (lo < hi) {
		size_t mid = (lo + hi) / 2;

		if (ids->v.v[mid] < id)
			lo = mid + 1;
		else
			hi = mid;
	}
	return (uint32_t)(lo < ids->v.n && ids->v.v[lo] == id ? lo : ids->v.n);
}

#endif
