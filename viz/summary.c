/* SPDX-License-Identifier: MIT */
#define _GNU_SOURCE
#include "summary.h"
#include "explain.h"

#include <string.h>

/* The answer to a question; text becomes the summary's. */
static void answer(struct summary *s, const char *question, int weight, char *text)
{
	array_add(&s->answers, (struct answer){question, weight, text});
}

static char *exit_of(const struct run *run)
{
	if (run->exit_signal >= 0)
		return format_text("ended by signal %lld (%s)", (long long)run->exit_signal,
				   strsignal((int)run->exit_signal));
	if (run->exit_status >= 0)
		return format_text("exit status %lld", (long long)run->exit_status);
	return format_text("%s", run->fatal ? "" : "how it ended is not known");
}

static char *how_it_ended(const struct run *run)
{
	char *end = exit_of(run), *text;

	if (!run->fatal)
		return end;
	text = format_text("%s%sthe runtime ended %s: %s", end, *end ? "; " : "",
			   run->processes > 1 ? "a process of it" : "it", run->fatal);
	free(end);
	return text;
}

/* "8 goroutines: 4 worker, 1 producer, 1 main; on 4 workers" */
static int answer_what(struct summary *s, sqlite3 *db)
{
	enum { MOST = 6 };
	const struct run *run = &s->run;
	char a[FORMAT_MAX], *text, *more;
	struct table t;

	if (query_table(db, query_crews_sql, &t) < 0) {
		query_table_free(&t);
		return -1;
	}
	text = format_text("%s goroutine%s", format_count(a, run->goroutines),
			   run->goroutines == 1 ? "" : "s");
	for (size_t i = 0; i < t.cells.n / 2 && i < MOST; i++) {
		more = format_text("%s%s %s %s", text, i ? "," : ":",
				   format_count(a, t.cells.v[2 * i].n), t.cells.v[2 * i + 1].text);
		free(text);
		text = more;
	}
	more = format_text("%s%s; on %lld worker%s", text, t.cells.n / 2 > MOST ? ", ..." : "",
			   (long long)run->workers, run->workers == 1 ? "" : "s");
	free(text);
	query_table_free(&t);
	answer(s, "What ran", 1, more);
	return 0;
}

static void answer_long(struct summary *s)
{
	char a[FORMAT_MAX], *end = how_it_ended(&s->run);

	answer(s, "How long", 1, format_text("%s; %s", format_ns(a, (double)s->run.dur, 4), end));
	free(end);
}

static void answer_parallel(struct summary *s)
{
	double dur = s->run.dur > 0 ? (double)s->run.dur : 1;
	double all = dur * (double)s->run.workers, running = (double)s->totals.running;

	answer(s, "How parallel", 1,
	       format_text("on average %.2f goroutines ran (%.0f%% of the workers' time), and %.2f "
			   "more "
			   "could have run but waited for a worker%s",
			   running / dur, all > 0 ? 100 * running / all : 0,
			   (double)s->totals.runnable / dur,
			   s->totals.detached ? "; some ran without a worker for a time" : ""));
}

/* As much of the distribution as so many waits can tell. */
static char *how_long_each(const struct contended *row)
{
	enum { SOME = 2, MANY = 20 };
	char a[FORMAT_MAX], b[FORMAT_MAX];

	if (row->waits < SOME)
		return format_text("%s", "");
	if (row->waits < MANY)
		return format_text("; the longest took %s", format_ns(a, (double)row->longest, 3));
	return format_text("; half took no longer than %s, 99%% no longer than %s",
			   format_ns(a, (double)row->median, 3), format_ns(b, (double)row->p99, 3));
}

static void answer_waited(struct summary *s)
{
	const struct contention *c = &s->contention;
	const struct contended *row = c->rows.v;
	const struct object *o;
	char a[FORMAT_MAX], b[FORMAT_MAX], *share, *spread;

	if (c->rows.n == 0) {
		answer(s, "Waited most", 1,
		       format_text("for nothing: no goroutine waited for a channel or a lock"));
		return;
	}
	o = &c->objects.v[row->obj];
	share = contention_idle(c, row) || c->total == 0
			? format_text("%s", "")
			: format_text(", %.0f%% of all waiting for channels and locks",
				      100.0 * (double)row->total / (double)c->total);
	spread = how_long_each(row);
	answer(s, "Waited most", 2,
	       format_text("for %s (%s%s%s): %s in %s wait%s%s%s", o->label, o->kind,
			   o->where ? " at " : "", o->where ? o->where : "",
			   format_ns(a, (double)row->total, 3), format_count(b, row->waits),
			   row->waits == 1 ? "" : "s", share, spread));
	free(share);
	free(spread);
	answer(s, "Because of whom", 1, contention_who(c, row));
}

static void answer_woken(struct summary *s)
{
	char a[FORMAT_MAX], b[FORMAT_MAX];

	if (s->woken.n)
		answer(s, "How soon", 0,
		       format_text(
			       "a goroutine that was woken ran within %s in half of all cases, and "
			       "within %s in 99%%",
			       format_ns(a, (double)s->woken.p50, 3),
			       format_ns(b, (double)s->woken.p99, 3)));
}

static void answer_belief(struct summary *s)
{
	const struct run *run = &s->run;
	char a[FORMAT_MAX], b[FORMAT_MAX];

	if (run->lost == 0 && s->totals.gaps == 0 && s->totals.anomalies == 0)
		answer(s, "To be believed", 0,
		       format_text("yes: %s event%s, none lost, no impossible transition",
				   format_count(a, run->events), run->events == 1 ? "" : "s"));
	else
		answer(s, "To be believed", 0,
		       format_text(
			       "with care: %s events, %s lost, %lld impossible transition%s; see "
			       "the end of the page",
			       format_count(a, run->events), format_count(b, run->lost),
			       (long long)s->totals.anomalies,
			       s->totals.anomalies == 1 ? "" : "s"));
}

static void answer_unrecorded(struct summary *s)
{
	if (s->run.unrecorded)
		answer(s, "Not recorded", 0,
		       format_text("events of %s, as weft record --events asked: what only they "
				   "tell is missing here",
				   s->run.unrecorded));
}

/* The longest wait for what cost most: what caused it. */
static int answer_why(struct summary *s, sqlite3 *db)
{
	struct explain x = {.db = db, .depth = 16, .least = 1};
	int found = query_longest_wait(db, 0, &x.root);
	char *state, *cause;

	if (found > 0 && explain(&x) < 0)
		found = -1;
	if (found > 0) {
		s->longest_g = x.root.g;
		s->longest = x.root.windows.v[0];
		state = explain_state(&x);
		cause = explain_cause(&x);
		answer(s, "Longest for it", 1,
		       format_text("%s%s%s", state, cause ? ". Most of it, " : "",
				   cause ? cause : ""));
		free(cause);
		free(state);
	}
	explain_free(&x);
	return found < 0 ? -1 : 0;
}

/* A question whose answer, if there is one, is made of one row. */
static int answer_row(struct summary *s, sqlite3 *db, const char *question, const char *sql,
		      char *(*words)(const struct summary *, const struct cell *))
{
	struct table t;
	int ret = query_table(db, sql, &t);

	if (ret == 0 && t.cells.n)
		answer(s, question, 1, words(s, t.cells.v));
	query_table_free(&t);
	return ret;
}

/* "chan send at main.c:20" */
static char *waits_where(const struct cell *why, const struct cell *place)
{
	return format_text("%s%s%s", explain_phrase(why->text), place->text ? " at " : "",
			   place->text ? place->text : "");
}

/* "poll in sleep at main.c:20: 19,637 times, 31,000 in a second" */
static char *often(const struct summary *s, const struct cell *row)
{
	double seconds = s->run.dur > 0 ? (double)s->run.dur / 1e9 : 1;
	char a[FORMAT_MAX], b[FORMAT_MAX], *where = waits_where(&row[2], &row[3]), *text;

	text = format_text("%s in %s: %s time%s, %s in a second", row[1].text, where,
			   format_count(a, row[0].n), row[0].n == 1 ? "" : "s",
			   format_count(b, (int64_t)((double)row[0].n / seconds)));
	free(where);
	return text;
}

/* "21 goroutines still waited at the end: 20 of fetch in chan send at main.c:20, for reply; ..." */
static char *left(const struct summary *s, const struct cell *row)
{
	char a[FORMAT_MAX], b[FORMAT_MAX], *where = waits_where(&row[2], &row[3]), *text;
	bool all = row[5].n == row[0].n;

	(void)s;
	text = format_text("%s goroutine%s still waited at the end: %s%s%s in %s%s%s%s",
			   format_count(a, row[5].n), row[5].n == 1 ? "" : "s",
			   all ? "" : format_count(b, row[0].n), all ? "" : " of ", row[1].text,
			   where, row[4].text ? ", for " : "", row[4].text ? row[4].text : "",
			   all ? "" : "; and others");
	free(where);
	return text;
}

int summary_read(sqlite3 *db, struct summary *s)
{
	memset(s, 0, sizeof *s);
	if (query_run(db, &s->run) < 0 || query_totals(db, &s->totals) < 0 ||
	    query_most_contended(db, &s->contention) < 0 || query_woken(db, &s->woken) < 0)
		return -1;
	s->command = query_command(&s->run);
	if (answer_what(s, db) < 0)
		return -1;
	answer_long(s);
	answer_parallel(s);
	answer_waited(s);
	if (answer_why(s, db) < 0)
		return -1;
	if (answer_row(s, db, "Most often", query_often_sql, often) < 0 ||
	    answer_row(s, db, "Left behind", query_left_sql, left) < 0)
		return -1;
	answer_woken(s);
	answer_belief(s);
	answer_unrecorded(s);
	return 0;
}

void summary_free(struct summary *s)
{
	for (size_t i = 0; i < s->answers.n; i++)
		free(s->answers.v[i].text);
	free(s->answers.v);
	free(s->command);
	contention_free(&s->contention);
	query_run_free(&s->run);
}
