/* SPDX-License-Identifier: MIT */
/* weft events: the reference of rt/events.def and rt/waits.def, for the terminal and for docs/. */
#include "cmds.h"
#include "print.h"
#include "record.h"
#include "sets.h"

#include <getopt.h>
#include <stdio.h>

static const char usage[] = "Usage: weft events [--markdown | --json]\n"
			    "List the events that are recorded, with their fields, and the reasons "
			    "for which a\ngoroutine waits.\n"
			    "\n"
			    "  --markdown   as docs/events.md\n"
			    "  --json       the events as an array of objects\n"
			    "  -h, --help   this text\n";

static const char *const type_name[] = {"u64", "u32", "i64", "ptr", "str"};

/* The set that begins with this event, or NULL. */
static const struct set_desc *begins(int event)
{
	const struct set_desc *set = set_of(event);

	return set->first == event ? set : NULL;
}

static void print_list(void)
{
	for (int i = 0; i < EVENTS; i++) {
		const struct event_desc *d = &event_desc[i];
		const struct set_desc *set = begins(i);

		if (set)
			printf("%sThe set %s: %s\n", i ? "\n" : "", set->name, set->doc);
		printf("%s: %s\n", d->name, d->doc);
		for (int j = 0; j < d->nfields; j++)
			printf("    %-10s %s  %s\n", d->field[j].name, type_name[d->field[j].type],
			       d->field[j].doc);
	}
	printf("\nWait reasons (field why):\n");
	for (int i = 1; i < WAITS; i++)
		printf("    %2d %-15s %s: %s\n", i, wait_desc[i].name, wait_desc[i].phrase,
		       wait_desc[i].doc);
}

static void json_member(const char *before, const char *key, const char *text)
{
	printf("%s\"%s\":", before, key);
	print_json_text(stdout, text);
}

static void print_json(void)
{
	for (int i = 0; i < EVENTS; i++) {
		const struct event_desc *d = &event_desc[i];

		json_member(i ? ",\n{" : "[{", "event", d->name);
		json_member(",", "event_set", set_of(i)->name);
		json_member(",", "doc", d->doc);
		printf(",\"fields\":");
		for (int j = 0; j < d->nfields; j++) {
			json_member(j ? ",{" : "[{", "name", d->field[j].name);
			json_member(",", "type", type_name[d->field[j].type]);
			json_member(",", "doc", d->field[j].doc);
			printf("}");
		}
		printf("]}");
	}
	printf("]\n");
}

static void print_markdown(void)
{
	char cost[256];

	printf("<!-- Generated from rt/events.def and rt/waits.def by `make docs`. -->\n"
	       "# Events\n\n"
	       "Each is an LTTng-UST event `weft:NAME`, and a view `ev_NAME` of the database.\n"
	       "Besides its own fields every event has `m`, the OS thread (u32), and `seq`, that\n"
	       "thread's own count of events from 0 (u32).\n"
	       "`weft record --events=SET,...` records only the sets that it names, and `sched`.\n"
	       "Types: `u64`, `u32`, `i64` are integers, `ptr` an address, `str` a text.\n\n"
	       "Recorded with --packed, hundreds of a thread's events are one event `weft:packed`, "
	       "and\n"
	       "`weft:packed_kinds` tells the names and fields of this table; rt/packed_form.h has "
	       "the\n"
	       "layout, and `weft unpack` writes the events one by one.\n");
	for (int i = 0; i < EVENTS; i++) {
		const struct event_desc *d = &event_desc[i];
		const struct set_desc *set = begins(i);

		if (set)
			printf("\n# The set %s\n\n%s.\nCost: %s.\n", set->name, set->doc,
			       set_cost(set, cost, sizeof cost));
		printf("\n## %s\n\n%s\n\n| field | type | meaning |\n|---|---|---|\n", d->name,
		       d->doc);
		for (int j = 0; j < d->nfields; j++)
			printf("| `%s` | %s | %s |\n", d->field[j].name,
			       type_name[d->field[j].type], d->field[j].doc);
	}
	printf("\n# Wait reasons\n\n"
	       "The field `why` of `g_park`, and the column `why` of a waiting `g_state`.\n\n"
	       "| number | name | in reports | meaning |\n|---|---|---|---|\n");
	for (int i = 1; i < WAITS; i++)
		printf("| %d | `%s` | %s | %s |\n", i, wait_desc[i].name, wait_desc[i].phrase,
		       wait_desc[i].doc);
}

int cmd_events(int argc, char **argv)
{
	static const struct option options[] = {{"markdown", no_argument, NULL, 'm'},
						{"json", no_argument, NULL, 'j'},
						{"help", no_argument, NULL, 'h'},
						{0}};
	void (*print)(void) = print_list;
	int c;

	while ((c = getopt_long(argc, argv, ":h", options, NULL)) != -1) {
		switch (c) {
		case 'm':
			print = print_markdown;
			break;
		case 'j':
			print = print_json;
			break;
		case 'h':
			fputs(usage, stdout);
			return 0;
		default:
			return cmd_bad_option(c, argv);
		}
	}
	if (optind != argc)
		return cmd_misuse("events", "it takes no argument: '%s'", argv[optind]);
	print();
	return 0;
}
