/* SPDX-License-Identifier: MIT */
/* weft events: the reference of rt/events.def and rt/waits.def, for the terminal and for docs/. */
#include "cmds.h"
#include "record.h"

#include <getopt.h>
#include <stdbool.h>
#include <stdio.h>

static const char usage[] = "Usage: weft events [--markdown]\n"
			    "List the events that are recorded, with their fields, and the reasons "
			    "for which a\ngoroutine waits.\n"
			    "\n"
			    "  --markdown   as docs/events.md\n"
			    "  -h, --help   this text\n";

static const char *const type_name[] = {"u64", "u32", "i64", "ptr", "str"};

static void print_text(void)
{
	for (int i = 0; i < EVENTS; i++) {
		const struct event_desc *d = &event_desc[i];

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

static void print_markdown(void)
{
	printf("<!-- Generated from rt/events.def and rt/waits.def by `make docs`. -->\n"
	       "# Events\n\n"
	       "Each is an LTTng-UST event `weft:NAME`, and a view `ev_NAME` of the database.\n"
	       "Besides its own fields every event has `m`, the OS thread (u32), and `seq`, that\n"
	       "thread's own count of events from 0 (u32).\n"
	       "Types: `u64`, `u32`, `i64` are integers, `ptr` an address, `str` a text.\n\n"
	       "Recorded with --packed, up to 64 of a thread's events are one event `weft:packed`, and\n"
	       "`weft:packed_kinds` tells the names and fields of this table; rt/packed_form.h has the\n"
	       "layout, and `weft unpack` writes the events one by one.\n");
	for (int i = 0; i < EVENTS; i++) {
		const struct event_desc *d = &event_desc[i];

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
	static const struct option options[] = {
		{"markdown", no_argument, NULL, 'm'}, {"help", no_argument, NULL, 'h'}, {0}};
	bool markdown = false;
	int c;

	while ((c = getopt_long(argc, argv, ":h", options, NULL)) != -1) {
		switch (c) {
		case 'm':
			markdown = true;
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
	if (markdown)
		print_markdown();
	else
		print_text();
	return 0;
}
