/* SPDX-License-Identifier: MIT */
/* weft steps: what the scheduler did, a sentence for each event. */
#include "array.h"
#include "cmds.h"
#include "db.h"
#include "format.h"
#include "options.h"
#include "print.h"
#include "query_why.h"
#include "story.h"

#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const char usage[] =
	"Usage: weft steps RUN.db [OPTION]...\n"
	"Tell what happened, a sentence for each event: the time, the worker it happened on, and "
	"what;\n"
	"after what changes them, the goroutines that can run and have no worker, in the order in "
	"which\n"
	"they became so, and how many elements the channel holds.  Where events are missing, it "
	"says so.\n\n"
	"      --from TIME        begin there: 250us, 10ms, 1.5s, or plain nanoseconds\n"
	"      --to TIME          end before\n"
	"      --goroutine G      only events that a goroutine takes part in: g7, 7, or its name\n"
	"      --json             an array of steps: docs/export.md\n"
	"  -h, --help             this text\n";

enum { OPT_FROM = 256, OPT_TO, OPT_GOROUTINE, OPT_JSON };

struct steps {
	struct picture_options window; // only its database and times
	const char *goroutine;
	int64_t g; /* 0: all */
	struct story story;
	bool json;
	int64_t n; /* lines so far */
	ARRAY(struct step_gap) gaps;
	size_t ngaps; /* told so far */
};

/* Where a sentence is said. */
struct moment {
	int64_t ts, p; /* p: the worker, or -1 */
	const char *event;
};

static void write_text(const struct steps *st, const struct moment *at, const struct told *t)
{
	char buf[FORMAT_MAX];

	printf("%13s  ", format_ns(buf, (double)at->ts, 7));
	if (at->p >= 0)
		printf("w%-3lld ", (long long)at->p);
	else
		printf("     ");
	story_write(stdout, &st->story, t);
	puts("");
}

static void write_json(const struct steps *st, const struct moment *at, const struct told *t)
{
	const struct runnable *r = &st->story.runnable;

	printf("%s{\"ts\":%lld,\"worker\":", st->n ? ",\n" : "", (long long)at->ts);
	printf(at->p >= 0 ? "%lld" : "null", (long long)at->p);
	printf(",\"event\":\"%s\",\"text\":", at->event);
	print_json_text(stdout, t->sentence);
	if (t->cap)
		printf(",\"len\":%lld,\"cap\":%lld", (long long)t->len, (long long)t->cap);
	else
		fputs(",\"len\":null,\"cap\":null", stdout);
	printf(",\"runnable\":%zu,\"first\":[", runnable_count(r));
	for (size_t i = 0; i < runnable_count(r) && i < STORY_NAMED; i++)
		printf("%s%lld", i ? "," : "", (long long)runnable_at(r, i));
	fputs("]}", stdout);
}

static void print_told(struct steps *st, struct moment at, struct told t)
{
	if (st->json)
		write_json(st, &at, &t);
	else
		write_text(st, &at, &t);
	st->n++;
	free(t.sentence);
}

static void add_gap(void *arg, struct step_gap gap)
{
	struct steps *st = arg;

	array_add(&st->gaps, gap);
}

/* Those that begin before a time and are not yet told. */
static void print_gaps(struct steps *st, int64_t before)
{
	for (; st->ngaps < st->gaps.n && st->gaps.v[st->ngaps].ts < before; st->ngaps++) {
		const struct step_gap *gap = &st->gaps.v[st->ngaps];

		print_told(st, (struct moment){gap->ts, -1, "gap"},
			   (struct told){.sentence = step_gap_sentence(gap)});
	}
}

static int print_step(void *arg, const struct step *s)
{
	struct steps *st = arg;
	struct told t;

	print_gaps(st, s->ts);
	t = story_step(&st->story, s, st->g);
	if (t.sentence)
		print_told(st, (struct moment){s->ts, s->p, event_desc[s->kind].name}, t);
	return ferror(stdout) ? 1 : 0;
}

static int tell(struct steps *st, sqlite3 *db, int64_t from, int64_t to)
{
	int ret;

	if (story_begin(&st->story, db, from) < 0 ||
	    step_query_each_gap(st->story.query, from, to, add_gap, st) < 0)
		return -1;
	ret = step_query_each(st->story.query, from, to, print_step, st);
	print_gaps(st, INT64_MAX);
	return ret;
}

static int print(struct steps *st, sqlite3 *db)
{
	struct run run;
	int64_t from, to;
	int ret = -1;

	if (query_run(db, &run) < 0 || options_window(&st->window, &run, &from, &to) < 0 ||
	    (st->goroutine && query_which(db, st->goroutine, &st->g) < 0))
		goto out;
	progress_over();
	if (st->json)
		fputs("[", stdout);
	ret = tell(st, db, from, st->window.to < 0 ? INT64_MAX : to);
	if (st->json)
		puts("]");
out:
	story_end(&st->story);
	free(st->gaps.v);
	query_run_free(&run);
	return ret;
}

int cmd_steps(int argc, char **argv)
{
	static const struct option longopts[] = {
		{"from", required_argument, NULL, OPT_FROM},
		{"to", required_argument, NULL, OPT_TO},
		{"goroutine", required_argument, NULL, OPT_GOROUTINE},
		{"json", no_argument, NULL, OPT_JSON},
		{"help", no_argument, NULL, 'h'},
		{0}};
	struct steps st = {.window = {.from = -1, .to = -1}};
	sqlite3 *db;
	int c, ret = 0;

	while (!ret && (c = getopt_long(argc, argv, ":h", longopts, NULL)) != -1) {
		switch (c) {
		case OPT_FROM:
			ret = options_time(argv[0], "--from", optarg, &st.window.from);
			break;
		case OPT_TO:
			ret = options_time(argv[0], "--to", optarg, &st.window.to);
			break;
		case OPT_GOROUTINE:
			st.goroutine = optarg;
			break;
		case OPT_JSON:
			st.json = true;
			break;
		case 'h':
			return fputs(usage, stdout) < 0;
		default:
			return cmd_bad_option(c, argv);
		}
	}
	if (ret)
		return ret;
	if (optind == argc)
		return cmd_misuse("steps", "which database?");
	if (optind + 1 < argc)
		return cmd_misuse("steps", "one database at a time; what is %s?", argv[optind + 1]);
	db = db_open_read(argv[optind]);
	if (!db)
		return 1;
	ret = print(&st, db);
	sqlite3_close(db);
	return ret < 0;
}
