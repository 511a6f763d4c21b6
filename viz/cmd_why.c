/* SPDX-License-Identifier: MIT */
/* weft why: a wait in sentences, down to what caused it. */
#include "cmds.h"
#include "db.h"
#include "explain.h"
#include "format.h"
#include "options.h"

#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>

static const char usage[] =
	"Usage: weft why RUN.db [GOROUTINE] [OPTION]...\n"
	"Say why a goroutine waited: what the one that woke it did meanwhile, whom that one\n"
	"waited for, and so on, until goroutines that ran, timers, I/O, or a wait that nobody "
	"ended.\n"
	"The parts of a wait sum to it.\n\n"
	"GOROUTINE is a number, as g42 or 42, or a name that only one has.  Without it, it is the "
	"one\n"
	"that waited longest for what cost most: weft sql RUN.db 'select * from contention'.\n\n"
	"      --longest       its longest wait (default)\n"
	"      --at TIME       what it did then: 250us, 10ms, 1.5s, or plain nanoseconds\n"
	"      --depth LEVELS  ask so many goroutines, one for the other: 16 by default\n"
	"      --least PERCENT sum up parts that are less of the wait: 1 by default\n"
	"  -h, --help          this text\n";

enum { OPT_LONGEST = 256, OPT_AT, OPT_DEPTH, OPT_LEAST };

struct why {
	struct explain explain;
	const char *database, *goroutine;
	int64_t at; /* -1: its longest wait */
};

static int nothing_found(const struct why *w, int64_t g)
{
	char *who, a[FORMAT_MAX];

	if (!g) {
		puts("No goroutine waited for a channel or a lock.");
		return 0;
	}
	who = query_name(w->explain.db, g);
	if (w->at >= 0)
		printf("%s did not exist at %s.\n", who, format_ns(a, (double)w->at, 6));
	else
		printf("%s never waited.\n", who);
	free(who);
	return 0;
}

static int why(struct why *w)
{
	struct explain *x = &w->explain;
	int64_t g = 0;
	int found;

	if (w->goroutine && query_which(x->db, w->goroutine, &g) < 0)
		return -1;
	found = w->at >= 0 ? query_state_at(x->db, g, w->at, &x->root)
			   : query_longest_wait(x->db, g, &x->root);
	if (found == 0)
		return nothing_found(w, g);
	if (found < 0 || explain(x) < 0)
		return -1;
	return explain_print(stdout, x);
}

static int number(const char *cmd, const char *option, const char *text, int most, int *n)
{
	char *end;
	long v = strtol(text, &end, 10);

	if (end == text || *end || v < 0 || v > most)
		return cmd_misuse(cmd, "%s %s: not a number from 0 to %d", option, text, most);
	*n = (int)v;
	return 0;
}

static int option(struct why *w, int c, char **argv)
{
	switch (c) {
	case OPT_LONGEST:
		w->at = -1;
		return 0;
	case OPT_AT:
		return options_time(argv[0], "--at", optarg, &w->at);
	case OPT_DEPTH:
		return number(argv[0], "--depth", optarg, 1000, &w->explain.depth);
	case OPT_LEAST:
		return number(argv[0], "--least", optarg, 100, &w->explain.least);
	default:
		return cmd_bad_option(c, argv);
	}
}

int cmd_why(int argc, char **argv)
{
	static const struct option longopts[] = {{"longest", no_argument, NULL, OPT_LONGEST},
						 {"at", required_argument, NULL, OPT_AT},
						 {"depth", required_argument, NULL, OPT_DEPTH},
						 {"least", required_argument, NULL, OPT_LEAST},
						 {"help", no_argument, NULL, 'h'},
						 {0}};
	struct why w = {.explain = {.depth = 16, .least = 1}, .at = -1};
	int c, ret;

	while ((c = getopt_long(argc, argv, ":h", longopts, NULL)) != -1) {
		if (c == 'h')
			return fputs(usage, stdout) < 0;
		ret = option(&w, c, argv);
		if (ret)
			return ret;
	}
	if (optind == argc)
		return cmd_misuse("why", "which database?");
	w.database = argv[optind++];
	w.goroutine = optind < argc ? argv[optind++] : NULL;
	if (optind < argc)
		return cmd_misuse("why", "one goroutine at a time; what is %s?", argv[optind]);
	if (w.at >= 0 && !w.goroutine)
		return cmd_misuse("why", "--at: of which goroutine?");
	w.explain.db = db_open_read(w.database);
	if (!w.explain.db)
		return 1;
	ret = why(&w);
	explain_free(&w.explain);
	sqlite3_close(w.explain.db);
	return ret < 0;
}
