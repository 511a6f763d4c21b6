/* SPDX-License-Identifier: MIT */
/* Goroutines as a picture names them: each alone while they are few, else by their function. */
#ifndef VIZ_CROWD_H
#define VIZ_CROWD_H

#include "plot.h"

enum { CROWD_RUNTIME, CROWD_NOBODY, CROWD_UNKNOWN, CROWD_FIRST, CROWD_FEW = 12 };

struct crowd {
	bool alone;	     /* each goroutine is a group */
	ARRAY(char *) names; /* of the groups, safe to put; three first that are no goroutines */
	ARRAY(struct one {
		int64_t g;
		int group;
	})
	members; /* by number */
};

extern const char crowd_sql[];

/* -1 after a message; crowd_free() in any case. */
int crowd_read(const struct scene *s, struct crowd *c);
void crowd_free(struct crowd *c);
/* The group of a goroutine, 0 being the runtime; of one that is not known, CROWD_UNKNOWN. */
int crowd_find(const struct crowd *c, int64_t g);

#endif
