/* SPDX-License-Identifier: MIT */
/* Objects as a picture names them: those that are alike are one if they are many (alike.h). */
#ifndef VIZ_OBJECTS_H
#define VIZ_OBJECTS_H

#include "alike.h"
#include "ids.h"
#include "plot.h"

struct objects {
	struct ids ids;
	ARRAY(char *) labels;
	struct alike alike; /* of the labels */
};

extern const char objects_sql[];

/* -1 after a message; objects_free() in any case. */
int objects_read(const struct scene *s, struct objects *o);
void objects_free(struct objects *o);
/* The index of an object; -1 if it is not known. */
int64_t objects_find(const struct objects *o, int64_t obj);
/* The group it is in, of alike.v; -1 if it is not known. */
int objects_group(const struct objects *o, int64_t obj);

#endif
