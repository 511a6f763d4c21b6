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
	"      --top N         its N longest waits, one after the other\n"
	"      --at TIME       what it did then: 250us, 10ms, 1.5s, or plain nanoseconds\n"
	"      --depth LEVELS  ask so many goroutines, one for the other: 16 by default\n"
	"      --least PERCENT sum up parts that are less of the wait: 1 by default\n"
	"      --json          an array of waits, each with its parts: docs/export.md\n"
	"  -h, --help          this text\n";

enum { OPT_LONGEST = 256, OPT_TOP, OPT_AT, OPT_DEPTH, OPT_LEAST, OPT_JSON };

struct why {
	struct explain explain;
	const char *database, *goroutine;
	int64_t at; /* -1: its longest waits */
	int top;    /* so many */
	bool json;
};

static void nothing_found(const struct why *w, int64_t g)
{
	char *who, a[FORMAT_MAX];

	progress_over();
	if (!g) {
		puts("No goroutine waited for a channel or a lock.");
		return;
	}
	who = query_name(w->explain.db, g);
	if (w->at >= 0)
		printf("%s did not exist at %s.\n", who, format_ns(a, (double)w->at, 6));
	else
		printf("%s never waited.\n", who);
	free(who);
}

/* Explain what root is, as the n-th. */
static int tell(struct why *w, size_t n)
{
	struct explain *x = &w->explain;
	int ret = explain(x);

	progress_over();
	if (ret == 0 && n)
		puts(w->json ? "," : "");
	if (ret == 0 && w->json)
		explain_print_json(stdout, x);
	else if (ret == 0)
		ret = explain_print(stdout, x);
	explain_free(x);
	return ret;
}

static int tell_moment(struct why *w, int64_t g)
{
	int found = query_state_at(w->explain.db, g, w->at, &w->explain.root);

	if (found == 0 && !w->json)
		nothing_found(w, g);
	return found > 0 ? tell(w, 0) : found;
}

static int tell_longest(struct why *w, int64_t g)
{
	struct wait_ids ids = {0};
	int ret = query_longest_waits(w->explain.db, g, w->top, &ids);

	if (ret == 0 && ids.v.n == 0 && !w->json)
		nothing_found(w, g);
	for (size_t i = 0; i < ids.v.n && ret == 0; i++) {
		ret = query_wait(w->explain.db, &ids.v.v[i], &w->explain.root);
		if (ret > 0)
			ret = tell(w, i);
	}
	free(ids.v.v);
	return ret;
}

static int count_lost(struct explain *x)
{
	struct run run;

	if (query_run(x->db, &run) < 0)
		return -1;
	x->lost = run.lost;
	query_run_free(&run);
	return 0;
}

static void say_lost(int64_t lost)
{
	char buf[FORMAT_MAX];

	if (lost)
		printf("%s events are missing from the trace: what is told may be wrong.\n",
		       format_count(buf, lost));
}

static int why(struct why *w)
{
	int64_t g = 0;
	int ret;

	if (w->goroutine && query_which(w->explain.db, w->goroutine, &g) < 0)
		return -1;
	if (count_lost(&w->explain) < 0)
		return -1;
	if (w->json) {
		progress_over();
		fputs("[", stdout);
	}
	ret = w->at >= 0 ? tell_moment(w, g) : tell_longest(w, g);
	if (w->json)
		puts("]");
	else if (ret == 0)
		say_lost(w->explain.lost);
	return ret;
}

static int number(const char *cmd, const char *option, const char *text, int least, int most,
		  int *n)
{
	char *end;
	long v = strtol(text, &end, 10);

	if (end == text || *end || v < least || v > most)
		return cmd_misuse(cmd, "%s %s: not a number from %d to %d", option, text, least,
				  most);
	*n = (int)v;
	return 0;
}

static int option(struct why *w, int c, char **argv)
{
	switch (c) {
	case OPT_LONGEST:
		w->at = -1;
		return 0;
	case OPT_TOP:
		w->at = -1;
		return number(argv[0], "--top", optarg, 1, 1000000, &w->top);
	case OPT_JSON:
		w->json = true;
		return 0;
	case OPT_AT:
		return options_time(argv[0], "--at", optarg, &w->at);
	case OPT_DEPTH:
		return number(argv[0], "--depth", optarg, 0, 1000, &w->explain.depth);
	case OPT_LEAST:
		return number(argv[0], "--least", optarg, 0, 100, &w->explain.least);
	default:
		return cmd_bad_option(c, argv);
	}
}

int cmd_why(int argc, char **argv)
{
	static const struct option longopts[] = {{"longest", no_argument, NULL, OPT_LONGEST},
						 {"top", required_argument, NULL, OPT_TOP},
						 {"json", no_argument, NULL, OPT_JSON},
						 {"at", required_argument, NULL, OPT_AT},
						 {"depth", required_argument, NULL, OPT_DEPTH},
						 {"least", required_argument, NULL, OPT_LEAST},
						 {"help", no_argument, NULL, 'h'},
						 {0}};
	struct why w = {.explain = {.depth = 16, .least = 1}, .at = -1, .top = 1};
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
	sqlite3_close(w.explain.db);
	return ret < 0;
}
