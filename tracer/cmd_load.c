/* SPDX-License-Identifier: MIT */
/* weft load: a trace that was kept becomes a database. */
#include "cmds.h"
#include "error.h"
#include "load.h"

#include <getopt.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

static const char usage[] =
	"Usage: weft load [-f] -o RUN.db DIR...\n"
	"Load a trace, as kept by weft record --keep DIR, into the database RUN.db.  Several\n"
	"directories are one run: the processes of a program, or a trace and what lttng-crash\n"
	"saved of it.  FILE.trace instead of DIR is a file of hand-written events.\n"
	"\n"
	"  -o, --output FILE   the database, not in any of DIR\n"
	"  -f, --force         overwrite it if it exists\n"
	"      --debug-dir=DIR look in DIR, too, for programs and libraries that stacks are in\n"
	"                      and that are not where they were, and for debug information\n"
	"  -q, --quiet         no progress, and no summary\n"
	"  -h, --help          this text\n"
	"\n"
	"A damaged trace is loaded as far as it can be read; weft check tells what is missing.\n";

static void say_result(const struct load_args *a, const struct load_result *r)
{
	char *sum = load_sum(r);

	note("%s: %s%s", a->out, sum,
	     r->lost || r->anomalies ? "; not all is well: weft check tells more" : "");
	free(sum);
	if (r->unknown)
		note("%" PRId64 " events have names that this weft does not know; they were left "
		     "out",
		     r->unknown);
}

int cmd_load(int argc, char **argv)
{
	static const struct option options[] = {{"output", required_argument, NULL, 'o'},
						{"force", no_argument, NULL, 'f'},
						{"debug-dir", required_argument, NULL, 'd'},
						{"quiet", no_argument, NULL, 'q'},
						{"help", no_argument, NULL, 'h'},
						{0}};
	struct load_args a = {0};
	struct load_result result;
	int c;

	while ((c = getopt_long(argc, argv, ":o:fqh", options, NULL)) != -1) {
		switch (c) {
		case 'o':
			a.out = optarg;
			break;
		case 'f':
			a.force = true;
			break;
		case 'd':
			a.debug_dir = optarg;
			break;
		case 'q':
			a.quiet = true;
			break;
		case 'h':
			fputs(usage, stdout);
			return 0;
		default:
			return cmd_bad_option(c, argv);
		}
	}
	a.paths = argv + optind;
	a.npaths = argc - optind;
	if (!a.npaths)
		return cmd_misuse("load", "which trace? name its directory");
	if (!a.out)
		return cmd_misuse("load", "-o FILE is missing: the database to write");
	if (load_trace(&a, &result) < 0)
		return 1;
	if (!a.quiet)
		say_result(&a, &result);
	return 0;
}
