/* SPDX-License-Identifier: MIT */
/* Goroutines by whose children they are: a family is a function, spawned by goroutines of another
 * family.  Ten thousand workers of one server are one family.  A function that spawns itself stays
 * in its family. */
#ifndef VIZ_FAMILY_H
#define VIZ_FAMILY_H

#include "plot.h"

enum {
	FAMILY_NONE = -1,
	FAMILY_DEPTH = 24 /* those spawned deeper are in the family at that depth */
};

struct family {
	char *func;
	int parent; /* its index, smaller than that of its children; or FAMILY_NONE */
	int depth;
	int64_t n, first; /* how many goroutines; the number of the first */
};

struct families {
	ARRAY(struct family) v;
	ARRAY(struct kin {
		int64_t g;
		int family;
	})
	members; /* by number */
};

extern const char families_sql[];

/* -1 after a message; families_free() in any case. */
int families_read(const struct scene *s, struct families *f);
void families_free(struct families *f);
/* The family of a goroutine, or FAMILY_NONE. */
int families_find(const struct families *f, int64_t g);

#endif
