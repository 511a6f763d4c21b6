/* SPDX-License-Identifier: MIT */
/* weft export: a run in the formats of other tools. */
#include "cmds.h"
#include "db.h"
#include "error.h"
#include "export.h"
#include "options.h"
#include "query_export.h"
#include "save.h"

#include <getopt.h>
#include <stdio.h>
#include <string.h>

static const struct export_format formats[] = {
	{"perfetto", NULL,
	 "a trace for ui.perfetto.dev: workers, goroutines, regions, who woke whom, what channels\n"
	 "hold, how many goroutines are in each state, the program's counters",
	 export_perfetto},
	{"chrome", NULL,
	 "the same in JSON, for chrome://tracing and Speedscope too; without regions and states",
	 export_chrome},
	{"pprof", "KIND", "a profile for go tool pprof:", export_pprof},
	{"folded", NULL,
	 "lines for flame graphs: where goroutines waited, in nanoseconds; with the calls that "
	 "led\n"
	 "there if stacks were recorded",
	 export_folded},
	{"csv", "TABLE",
	 "a table or view of docs/schema.md as comma-separated values (RFC 4180); all: each of\n"
	 "them, in the directory that -o names",
	 export_csv},
	{"dot", NULL, "a graph for Graphviz: which functions' goroutines wake which", export_dot},
};
enum { FORMATS = sizeof formats / sizeof *formats };

struct order {
	const struct export_format *format;
	struct export export;
	const char *database, *output;
};

/* A text whose further lines are as far to the right as the first. */
static void print_doc(const char *doc)
{
	for (; *doc; doc++) {
		putchar(*doc);
		if (*doc == '\n')
			printf("%17s", "");
	}
	putchar('\n');
}

static int help(void)
{
	printf("Usage: weft export FORMAT RUN.db [-o FILE]\n"
	       "       weft export pprof KIND RUN.db [--at TIME] [-o FILE]\n"
	       "       weft export csv TABLE RUN.db [-o FILE]\n"
	       "       weft export csv all RUN.db -o DIRECTORY\n"
	       "Write a run in a format that other tools read, to standard output or FILE.\n\n");
	for (int i = 0; i < FORMATS; i++) {
		printf("  %-8s %-5s ", formats[i].name, formats[i].what ? formats[i].what : "");
		print_doc(formats[i].doc);
		for (const struct pprof_kind *k = pprof_kinds;
		     formats[i].write == export_pprof && k->name; k++)
			printf("%17s%-10s %s\n", "", k->name, k->doc);
	}
	printf("\n  -o, --output FILE  where to; it is replaced when all is written\n"
	       "      --at TIME      pprof goroutine: when, as 10ms or 1.5s\n"
	       "  -h, --help         this text\n\n"
	       "docs/export.md has how each is opened.  JSON of any query: weft sql --json.\n");
	return 0;
}

static const struct export_format *find(const char *name)
{
	for (int i = 0; i < FORMATS; i++)
		if (strcmp(formats[i].name, name) == 0)
			return &formats[i];
	return NULL;
}

static bool is_kind(const char *name)
{
	for (const struct pprof_kind *k = pprof_kinds; k->name; k++)
		if (strcmp(k->name, name) == 0)
			return true;
	return false;
}

/* FORMAT [WHAT] RUN.db: 0, or the exit status after a message. */
static int arguments(struct order *o, char **argv, int n)
{
	const struct export_format *f = n ? find(argv[0]) : NULL;

	if (!n)
		return cmd_misuse("export", "in which format?");
	if (!f)
		return cmd_misuse("export", "there is no format %s", argv[0]);
	o->format = f;
	argv++, n--;
	if (f->what) {
		if (n == 0)
			return cmd_misuse("export", "which %s?",
					  f->write == export_pprof ? "kind" : "table");
		if (f->write == export_pprof && !is_kind(argv[0]))
			return cmd_misuse("export", "there is no kind of profile %s", argv[0]);
		o->export.what = argv[0];
		argv++, n--;
	}
	if (n == 0)
		return cmd_misuse("export", "which database?");
	if (n > 1)
		return cmd_misuse("export", "one database at a time; what is %s?", argv[1]);
	o->database = argv[0];
	if (o->export.at >= 0 && (!f->what || strcmp(o->export.what, "goroutine") != 0))
		return cmd_misuse("export", "--at: only pprof goroutine is of one moment");
	return 0;
}

static int write_file(const struct order *o)
{
	struct save s;
	int ret = save_begin(&s, o->output);

	if (ret < 0)
		return -1;
	ret = o->format->write(s.f, &o->export);
	return save_end(&s, ret == 0);
}

static int carry_out(const struct order *o)
{
	if (o->format->write == export_csv && strcmp(o->export.what, "all") == 0)
		return export_csv_all(&o->export, o->output);
	if (o->output)
		return write_file(o);
	progress_over();
	return o->format->write(stdout, &o->export);
}

int cmd_export(int argc, char **argv)
{
	enum { AT = 256 };
	static const struct option longopts[] = {{"output", required_argument, NULL, 'o'},
						 {"at", required_argument, NULL, AT},
						 {"help", no_argument, NULL, 'h'},
						 {0}};
	struct order o = {.export = {.at = -1}};
	int c, ret = 0;

	while (!ret && (c = getopt_long(argc, argv, ":o:h", longopts, NULL)) != -1) {
		if (c == 'h')
			return help();
		if (c == 'o')
			o.output = optarg;
		else if (c == AT)
			ret = options_time("export", "--at", optarg, &o.export.at);
		else
			ret = cmd_bad_option(c, argv);
	}
	if (!ret)
		ret = arguments(&o, argv + optind, argc - optind);
	if (!ret && !o.output && o.export.what && strcmp(o.export.what, "all") == 0)
		ret = cmd_misuse("export", "csv all: in which directory? -o names it");
	if (ret)
		return ret;
	o.export.db = db_open_read(o.database);
	if (!o.export.db)
		return 1;
	ret = carry_out(&o);
	sqlite3_close(o.export.db);
	return ret < 0;
}
