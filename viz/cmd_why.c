/* SPDX-License-Identifier: MIT */
/* weft why: a wait in sentences, down to what caused it. */
#include "cmds.h"
#include "db.h"
#include "format.h"
#include "options.h"
#include "query_why.h"
#include "record.h"

#include <getopt.h>
#include <stdio.h>
#include <string.h>

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
	sqlite3 *db;
	const char *database, *goroutine;
	int64_t at; /* -1: its longest wait */
	int depth, least;
	int64_t whole; /* of which percentages are given */
	int64_t least_ns;
};

/* ---- Words ----------------------------------------------------------------------------------- */

/* "in chan receive" */
static const char *phrase(const char *why)
{
	for (int i = 1; i < WAITS; i++)
		if (strcmp(wait_desc[i].name, why) == 0)
			return wait_desc[i].phrase;
	return why;
}

/* "in chan receive at main.c:31, for channel jobs" */
static char *waited(const struct why *w, const struct part *p)
{
	char *place = query_place(w->db, p->state.site), *text;
	char *object = p->state.obj ? query_object(w->db, p->state.obj) : NULL;

	text = format_text("in %s%s%s%s", phrase(p->state.why), place, object ? ", for " : "",
			   object ? object : "");
	free(object);
	free(place);
	return text;
}

static bool is_timed(const char *why)
{
	return strcmp(why, "sleep") == 0;
}

static bool is_io(const char *why)
{
	return strncmp(why, "io_", 3) == 0;
}

/* How a wait ended: ", until g7 producer sent at main.c:55" */
static char *ended(const struct why *w, const struct part *p)
{
	const struct why_state *s = &p->state;
	struct window last = p->windows.v[p->windows.n - 1];
	char *who, *what, *text;

	if (s->open && s->other <= 0)
		return format_text(", and nobody ended it");
	if (s->other <= 0)
		return format_text("%s", is_timed(s->why) ? ", until its time had come"
					 : is_io(s->why)
						 ? ", until the kernel said that it may go on"
					 : s->other == 0 ? ", until the runtime ended it"
							 : "");
	who = query_name(w->db, s->other);
	if (s->open) {
		what = query_locked(w->db, s->other, s->obj, last.from);
		text = format_text(", which %s holds%s%s", who, *what ? ", locked" : "", what);
	} else {
		what = query_deed(w->db, s->other, s->obj, last);
		text = format_text(", until %s %s", who, what);
	}
	free(what);
	free(who);
	return text;
}

/* "waited in sleep at main.c:32" */
static char *waiting_at(const struct why *w, const struct part *p)
{
	char *in = waited(w, p), a[FORMAT_MAX], *text;
	const char *verb = p->state.open ? "waits" : "waited";

	if (p->windows.n > 1)
		text = format_text("%s %s times %s", verb, format_count(a, (int64_t)p->windows.n),
				   in);
	else
		text = format_text("%s %s", verb, in);
	free(in);
	return text;
}

static char *waiting(const struct why *w, const struct part *p)
{
	char *at = waiting_at(w, p), *end = ended(w, p), *text;

	text = format_text("%s%s", at, end);
	free(at);
	free(end);
	return text;
}

/* What a part is: "ran", "waited in mutex lock at main.c:50, for mutex db, until ..." */
static char *deed_of(const struct why *w, const struct part *p)
{
	char *who, *text;

	switch (p->state.what) {
	case WHAT_RUNNING:
		return format_text("ran");
	case WHAT_DETACHED:
		return format_text("computed or was in a system call, without a worker");
	case WHAT_RUNNABLE:
		return format_text("was runnable, waiting for a worker");
	case WHAT_WAITING:
		return waiting(w, p);
	case WHAT_ENDED:
		return format_text("had ended");
	case WHAT_UNBORN:
		break;
	}
	if (p->state.other <= 0)
		return format_text("did not exist yet");
	who = query_name(w->db, p->state.other);
	text = format_text("did not exist yet: %s had to spawn it", who);
	free(who);
	return text;
}

/* ---- The answer -------------------------------------------------------------------------------
 */

static char *percent(const struct why *w, int64_t part, char buf[FORMAT_MAX])
{
	double of = w->whole > 0 ? 100.0 * (double)part / (double)w->whole : 0;

	snprintf(buf, FORMAT_MAX, "%.1f%%", of);
	return buf;
}

static void print_amount(const struct why *w, int level, int64_t ns)
{
	char a[FORMAT_MAX], b[FORMAT_MAX];

	printf("%*s%9s %6s  ", 2 * level, "", format_ns(a, (double)ns, 3), percent(w, ns, b));
}

static void print_parts(const struct why *w, const struct part *of, int level);

static void print_part(const struct why *w, const struct part *p, int level)
{
	char *who = query_name(w->db, p->g), *what = deed_of(w, p);

	print_amount(w, level, p->total);
	printf("%s %s", who, what);
	puts(p->circle	  ? ": a circle"
	     : p->parts.n ? "; meanwhile:"
	     : p->deeper  ? " (--depth tells more)"
			  : "");
	print_parts(w, p, level + 1);
	free(who);
	free(what);
}

/* The longest first; those at the end that are short, if there are several, as one. */
static void print_parts(const struct why *w, const struct part *of, int level)
{
	size_t n = of->parts.n;
	int64_t rest = 0;

	while (n > 1 && of->parts.v[n - 1].total < w->least_ns)
		n--;
	if (n + 1 == of->parts.n)
		n++;
	for (size_t i = 0; i < n; i++)
		print_part(w, &of->parts.v[i], level);
	for (size_t i = n; i < of->parts.n; i++)
		rest += of->parts.v[i].total;
	if (n == of->parts.n)
		return;
	print_amount(w, level, rest);
	printf("%zu shorter parts\n", of->parts.n - n);
}

/* ---- The greatest cause, for one who reads only one line ---- */

/* What goroutines of one function did in all parts that have no parts themselves. */
struct cause {
	char *what;
	int64_t total;
	ARRAY(int64_t) who;
};
struct causes {
	ARRAY(struct cause) v;
};

static void add_cause(struct causes *cs, char *what, const struct part *p)
{
	struct cause *c = NULL;
	size_t i;

	for (i = 0; i < cs->v.n && !c; i++)
		if (strcmp(cs->v.v[i].what, what) == 0)
			c = &cs->v.v[i];
	if (!c) {
		array_add(&cs->v, (struct cause){.what = format_text("%s", what)});
		c = &cs->v.v[cs->v.n - 1];
	}
	free(what);
	c->total += p->total;
	for (i = 0; i < c->who.n && c->who.v[i] != p->g; i++)
		;
	if (i == c->who.n)
		array_add(&c->who, p->g);
}

static void gather(const struct why *w, struct causes *cs, const struct part *p, int64_t awaited)
{
	char *what, *func, *object;

	for (size_t i = 0; i < p->parts.n; i++)
		gather(w, cs, &p->parts.v[i], p->state.obj);
	if (p->parts.n)
		return;
	func = query_func(w->db, p->g);
	what = p->state.what == WHAT_WAITING ? waiting_at(w, p) : deed_of(w, p);
	object = awaited ? query_object(w->db, awaited) : NULL;
	add_cause(cs,
		  format_text("%s %s%s%s%s", func, what, p->circle ? ", in a circle" : "",
			      object ? ", while others waited for " : "", object ? object : ""),
		  p);
	free(object);
	free(what);
	free(func);
}

static void print_cause(const struct why *w, const struct cause *c)
{
	enum { NAMED = 4 };
	char a[FORMAT_MAX], b[FORMAT_MAX];

	printf("Most of it, %s (%s): %s (", format_ns(a, (double)c->total, 3),
	       percent(w, c->total, b), c->what);
	for (size_t i = 0; i < c->who.n && i < NAMED; i++) {
		char *who = query_name(w->db, c->who.v[i]);

		printf("%s%s", i ? ", " : "", who);
		free(who);
	}
	if (c->who.n > NAMED)
		printf(" and %zu more", c->who.n - NAMED);
	puts(").");
}

static void print_most(const struct why *w, const struct part *root)
{
	struct causes cs = {0};
	const struct cause *most = NULL;

	if (root->parts.n)
		gather(w, &cs, root, 0);
	for (size_t i = 0; i < cs.v.n; i++)
		if (!most || cs.v.v[i].total > most->total)
			most = &cs.v.v[i];
	if (most)
		print_cause(w, most);
	for (size_t i = 0; i < cs.v.n; i++) {
		free(cs.v.v[i].what);
		free(cs.v.v[i].who.v);
	}
	free(cs.v.v);
}

/* What the goroutine did at first after its wait. */
static int print_after(const struct why *w, const struct part *root, const char *who)
{
	struct part next = {0};
	char a[FORMAT_MAX];
	int found = query_state_at(w->db, root->g, root->windows.v[0].to, &next);

	if (found > 0 && !root->state.open && next.state.what == WHAT_RUNNABLE) {
		printf("Then %s was runnable for %s", who, format_ns(a, (double)next.total, 3));
		int64_t at = next.windows.v[0].to;

		why_free(&next);
		found = query_state_at(w->db, root->g, at, &next);
		if (found > 0 && next.state.what == WHAT_RUNNING)
			printf(", and ran on worker %lld", (long long)next.state.p);
		puts(".");
	}
	why_free(&next);
	return found < 0 ? -1 : 0;
}

static int print_answer(const struct why *w, const struct part *root)
{
	struct window win = root->windows.v[0];
	char a[FORMAT_MAX], b[FORMAT_MAX], c[FORMAT_MAX];
	char *who = query_name(w->db, root->g), *what = deed_of(w, root);
	int ret;

	printf("%s %s%s: %s, from %s to %s%s\n", who, what, root->circle ? ": a circle" : "",
	       format_ns(a, (double)root->total, 4), format_ns(b, (double)win.from, 6),
	       root->state.open ? "the end, " : "", format_ns(c, (double)win.to, 6));
	print_parts(w, root, 1);
	ret = print_after(w, root, who);
	print_most(w, root);
	free(who);
	free(what);
	return ret;
}

static int nothing_found(const struct why *w, int64_t g)
{
	char *who, a[FORMAT_MAX];

	if (!g) {
		puts("No goroutine waited for a channel or a lock.");
		return 0;
	}
	who = query_name(w->db, g);
	if (w->at >= 0)
		printf("%s did not exist at %s.\n", who, format_ns(a, (double)w->at, 6));
	else
		printf("%s never waited.\n", who);
	free(who);
	return 0;
}

static int why(struct why *w)
{
	struct part root = {0};
	struct histories *h;
	int64_t g = 0;
	int ret;

	if (w->goroutine && query_which(w->db, w->goroutine, &g) < 0)
		return -1;
	ret = w->at >= 0 ? query_state_at(w->db, g, w->at, &root)
			 : query_longest_wait(w->db, g, &root);
	if (ret == 0)
		return nothing_found(w, g);
	if (ret < 0)
		return -1;
	w->whole = root.total;
	w->least_ns = root.total / 100 * w->least;
	h = histories_new(w->db, root.windows.v[0].from, root.windows.v[0].to);
	ret = why_explain(&root, w->depth, w->least_ns, histories_source, h);
	if (ret == 0)
		ret = print_answer(w, &root);
	histories_free(h);
	why_free(&root);
	return ret;
}

/* ---- The command ------------------------------------------------------------------------------
 */

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
		return number(argv[0], "--depth", optarg, 1000, &w->depth);
	case OPT_LEAST:
		return number(argv[0], "--least", optarg, 100, &w->least);
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
	struct why w = {.at = -1, .depth = 16, .least = 1};
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
	w.db = db_open_read(w.database);
	if (!w.db)
		return 1;
	ret = why(&w);
	sqlite3_close(w.db);
	return ret < 0;
}
