/* SPDX-License-Identifier: MIT */
/* weft steps: what the scheduler did, a sentence for each event. */
#include "cmds.h"
#include "db.h"
#include "format.h"
#include "options.h"
#include "print.h"
#include "query_steps.h"
#include "query_why.h"

#include <getopt.h>
#include <stdio.h>
#include <string.h>

static const char usage[] =
	"Usage: weft steps RUN.db [OPTION]...\n"
	"Tell what happened, a sentence for each event: the time, the worker it happened on, and "
	"what;\n"
	"after what changes them, the goroutines that can run and have no worker, in the order in "
	"which\n"
	"they became so, and how many elements the channel holds.\n\n"
	"      --from TIME        begin there: 250us, 10ms, 1.5s, or plain nanoseconds\n"
	"      --to TIME          end before\n"
	"      --goroutine G      only events that a goroutine takes part in: g7, 7, or its name\n"
	"      --json             an array of steps: docs/export.md\n"
	"  -h, --help             this text\n";

enum { MOST = 8 }; /* of those that are runnable */
enum { OPT_FROM = 256, OPT_TO, OPT_GOROUTINE, OPT_JSON };

struct steps {
	struct picture_options window; // only its database and times
	const char *goroutine;
	int64_t g; /* 0: all */
	struct step_query *query;
	struct step_names names;
	struct runnable runnable;
	bool json;
	int64_t n; /* steps so far */
};

/* "; runnable: g2 g5" */
static void print_runnable(const struct runnable *r)
{
	size_t n = runnable_count(r);

	fputs(n ? "; runnable:" : "; none is runnable", stdout);
	for (size_t i = 0; i < n && i < MOST; i++)
		printf(" g%lld", (long long)runnable_at(r, i));
	if (n > MOST)
		printf(" and %zu more", n - MOST);
}

/* What the channel of a step holds after it; false if there is none with a buffer. */
static bool buffer(struct steps *st, const struct step *s, int64_t *len, int64_t *cap)
{
	int64_t chan;

	if ((s->kind != EV_chan_send && s->kind != EV_chan_recv) || !step_field(s, "chan", &chan) ||
	    !step_field(s, "len", len))
		return false;
	*cap = step_query_capacity(st->query, chan, s->ts);
	return *cap > 0;
}

static void print_text_step(struct steps *st, const struct step *s, const char *sentence,
			    bool changed)
{
	int64_t len, cap;
	char buf[FORMAT_MAX];

	printf("%13s  ", format_ns(buf, (double)s->ts, 7));
	if (s->p >= 0)
		printf("w%-3lld %s", (long long)s->p, sentence);
	else
		printf("     %s", sentence);
	if (buffer(st, s, &len, &cap))
		printf("; it holds %lld of %lld", (long long)len, (long long)cap);
	if (changed)
		print_runnable(&st->runnable);
	puts("");
}

static void print_json_step(struct steps *st, const struct step *s, const char *sentence)
{
	int64_t len, cap;

	printf("%s{\"ts\":%lld,\"worker\":", st->n ? ",\n" : "", (long long)s->ts);
	printf(s->p >= 0 ? "%lld" : "null", (long long)s->p);
	printf(",\"event\":\"%s\",\"text\":", event_desc[s->kind].name);
	print_json_text(stdout, sentence);
	if (buffer(st, s, &len, &cap))
		printf(",\"len\":%lld,\"cap\":%lld", (long long)len, (long long)cap);
	else
		fputs(",\"len\":null,\"cap\":null", stdout);
	printf(",\"runnable\":%zu,\"first\":[", runnable_count(&st->runnable));
	for (size_t i = 0; i < runnable_count(&st->runnable) && i < MOST; i++)
		printf("%s%lld", i ? "," : "", (long long)runnable_at(&st->runnable, i));
	fputs("]}", stdout);
}

static int print_step(void *arg, const struct step *s)
{
	struct steps *st = arg;
	bool changed = runnable_step(&st->runnable, s);
	char *sentence;

	if (st->g && !step_involves(s, st->g))
		return 0;
	sentence = step_sentence(s, &st->names);
	if (!sentence)
		return 0;
	if (st->json)
		print_json_step(st, s, sentence);
	else
		print_text_step(st, s, sentence, changed);
	st->n++;
	free(sentence);
	return ferror(stdout) ? 1 : 0;
}

static int print(struct steps *st, sqlite3 *db)
{
	struct run run;
	int64_t from, to;
	int ret = -1;

	if (query_run(db, &run) < 0 || options_window(&st->window, &run, &from, &to) < 0 ||
	    (st->goroutine && query_which(db, st->goroutine, &st->g) < 0))
		goto out;
	st->query = step_query_new(db);
	if (!st->query)
		goto out;
	st->names = step_query_names(st->query);
	if (st->json)
		fputs("[", stdout);
	if (from == 0 || step_query_runnable(st->query, from, &st->runnable) == 0)
		ret = step_query_each(st->query, from, st->window.to < 0 ? INT64_MAX : to,
				      print_step, st);
	if (st->json)
		puts("]");
	step_query_free(st->query);
out:
	free(st->runnable.v.v);
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
