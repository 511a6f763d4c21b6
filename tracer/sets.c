/* SPDX-License-Identifier: MIT */
#include "sets.h"

#include <stdio.h>
#include <string.h>

/* Each event is numbered as in enum event, FIRST_name as the event after it. */
enum {
#define SET(name, doc, per) FIRST_##name, BEFORE_##name = FIRST_##name - 1,
#define EVENT(name, doc, ...) AT_##name,
#include "events.def"
#undef EVENT
};

enum {
#define COST(set, ns, bytes) NS_##set = ns, BYTES_##set = bytes,
#include "costs.def"
#undef COST
};

const char costs_of[] = COSTS_OF;

const struct set_desc set_desc[SETS] = {
#define SET(name, doc, per) {#name, doc, per, FIRST_##name, NS_##name, BYTES_##name},
#define EVENT(name, doc, ...)
#include "events.def"
#undef EVENT
};

const struct set_desc set_stack = {
	"stack",
	"by which calls goroutines are spawned, wait and are woken; only if named here or with "
	"--stacks",
	"for each",
	0,
	NS_stack,
	BYTES_stack,
};

const struct set_desc set_packed = {
	.per = "for each operation on a channel", .ns = NS_packed, .bytes = BYTES_packed};

const char *set_cost(const struct set_desc *set, char *text, size_t size)
{
	snprintf(text, size, "%d ns and %d bytes of trace %s", set->ns, set->bytes, set->per);
	return text;
}

const struct set_desc *set_find(const char *name)
{
	for (int i = 0; i < SETS; i++)
		if (strcmp(set_desc[i].name, name) == 0)
			return &set_desc[i];
	return strcmp(name, set_stack.name) == 0 ? &set_stack : NULL;
}

const struct set_desc *set_of(int event)
{
	const struct set_desc *set = &set_desc[SETS - 1];

	while (set->first > event)
		set--;
	return set;
}
