/* SPDX-License-Identifier: MIT */
#include "sets.h"

#include <string.h>

/* Each event is numbered as in enum event, FIRST_name as the event after it. */
enum {
#define SET(name, doc, cost) FIRST_##name, BEFORE_##name = FIRST_##name - 1,
#define EVENT(name, doc, ...) AT_##name,
#include "events.def"
#undef EVENT
};

const struct set_desc set_desc[SETS] = {
#define SET(name, doc, cost) {#name, doc, cost, FIRST_##name},
#define EVENT(name, doc, ...)
#include "events.def"
#undef EVENT
};

const struct set_desc *set_find(const char *name)
{
	for (int i = 0; i < SETS; i++)
		if (strcmp(set_desc[i].name, name) == 0)
			return &set_desc[i];
	return NULL;
}

const struct set_desc *set_of(int event)
{
	const struct set_desc *set = &set_desc[SETS - 1];

	while (set->first > event)
		set--;
	return set;
}
