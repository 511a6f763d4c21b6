/* SPDX-License-Identifier: MIT */
/* The sets of events, which weft record can leave out: the rows SET of rt/events.def.  */
#ifndef TRACER_SETS_H
#define TRACER_SETS_H

#define SET(name, doc, cost) +1
#define EVENT(name, doc, ...)
enum { SETS = 0
#include "events.def"
};
#undef EVENT

extern const struct set_desc {
	const char *name, *doc, *cost;
	int first; /* event; the others follow */
} set_desc[SETS];

/* The set of this name, or NULL. */
const struct set_desc *set_find(const char *name);
/* The set that an event (enum event) is in. */
const struct set_desc *set_of(int event);

#endif
