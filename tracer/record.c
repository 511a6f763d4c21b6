/* SPDX-License-Identifier: MIT */
/* What is known of each kind of event and wait, as tables. */
#include "record.h"

#include <string.h>

#define FIELD_DESC(type, name, doc)                                                                \
	{                                                                                          \
		FIELD_##type, #name, doc                                                           \
	}
#define FIELD_ONE(type, name, doc) +1
#define FIELD_TEXT(type, name, doc) +(FIELD_##type == FIELD_str)

const struct event_desc event_desc[EVENTS] = {
#define EVENT(name, doc, ...)                                                                      \
	{#name, doc, 0 MAP(FIELD_ONE, __VA_ARGS__), 0 MAP(FIELD_TEXT, __VA_ARGS__),                  \
	 {MAP_LIST(FIELD_DESC, __VA_ARGS__)}},
#include "events.def"
#undef EVENT
};

const struct wait_desc wait_desc[WAITS] = {
	{"none", "", "It does not wait."},
#define WAIT(name, phrase, doc) {#name, phrase, doc},
#include "waits.def"
#undef WAIT
};

int event_find(const char *name)
{
	for (int i = 0; i < EVENTS; i++)
		if (!strcmp(event_desc[i].name, name))
			return i;
	return -1;
}

int event_field(enum event kind, const char *name)
{
	for (int i = 0; i < event_desc[kind].nfields; i++)
		if (!strcmp(event_desc[kind].field[i].name, name))
			return i;
	return -1;
}
