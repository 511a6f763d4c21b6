/* SPDX-License-Identifier: MIT */
/* The sets of events, which weft record can leave out: the rows SET of rt/events.def.  */
#ifndef TRACER_SETS_H
#define TRACER_SETS_H

#include <stddef.h>

#define SET(name, doc, per) +1
#define EVENT(name, doc, ...)
enum { SETS = 0
#include "events.def"
};
#undef EVENT

extern const struct set_desc {
	const char *name, *doc, *per;
	int first;     /* event; the others follow */
	int ns, bytes; /* of recording one; of its trace */
} set_desc[SETS];

/* Not sets: what is added to some events, and what one takes in a packed recording. */
extern const struct set_desc set_stack, set_packed;

/* On what machine costs were measured, and when. */
extern const char costs_of[];

/* What recording an event of the set costs, in words. */
const char *set_cost(const struct set_desc *set, char *text, size_t size);
/* The set of this name, set_stack too, or NULL. */
const struct set_desc *set_find(const char *name);
/* The set that an event (enum event) is in. */
const struct set_desc *set_of(int event);

#endif
