/* SPDX-License-Identifier: MIT */
#include "report.h"
#include "out.h"
#include "sched.h"
#include "signals.h"
#include "waitfor.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum {
	GROUPS = 512,
	SHOWN = 100, /* groups in a report; of more it says how many goroutines they are */
	CAUSES = 10, /* causes in a report */
	NAMED = 4,   /* goroutines of a group that are named, besides the first */
};

/* Goroutines that were spawned at one place and do the same thing: `first` has the lowest number.
 */
struct group {
	struct rt_seen first;
	uint32_t n;
	bool objects_differ;
	int64_t shortest, longest;
	struct rt_seen others[NAMED];
};

/* One report at a time; rt_wf_make sees to it. */
static struct group groups[GROUPS];
static uint16_t group_at[2 * GROUPS]; /* a hash table of indices, from 1 */
static int ngroups;

struct tally {
	uint64_t except, all, ungrouped;
	bool may_go_on; /* one of them runs or waits for what is outside, or a timer may send */
};

/* ---- One goroutine ----------------------------------------------------------------------- */

static void print_duration(struct rt_out *o, int64_t ns)
{
	if (ns < 10 * WEFT_MS)
		rt_out(o, "less than 10 ms"); // the monitor's clock is no finer
	else if (ns < 10 * WEFT_S)
		rt_out(o, "%ld ms", (long)(ns / WEFT_MS));
	else
		rt_out(o, "%ld s", (long)(ns / WEFT_S));
}

void rt_print_site(struct rt_out *o, const char *before, const weft_site *site)
{
	if (site)
		rt_out(o, "%s%s:%u", before, site->file, site->line);
}

/* `graph`: it is made, see waitfor.h. */
static void print(struct rt_out *o, struct rt_peek *pk, const struct rt_seen *s, bool graph)
{
	static const char *const states[] = {"ended", "runnable", "running",
					     "running without a worker"};
	char text[1024];
	bool waits = s->status == G_WAITING;

	rt_seen_text(s, text, sizeof text);
	rt_out(o, "\n%s: %s%s", text, waits ? "waiting in " : "",
	       waits ? rt_wait_phrase(s->why) : states[s->status]);
	if (waits) {
		rt_print_site(o, " at ", s->wait_site);
		rt_out(o, " for ");
		print_duration(o, rt_now() - s->since);
		if (rt_waits_for(s->why) == RT_FOR_OWNER
			    ? rt_wf_describe(pk, s, graph, text, sizeof text)
			    : rt_describe(pk, s, text, sizeof text))
			rt_out(o, ",\n    for %s", text);
	}
	if (s->parent)
		rt_out(o, "\n    spawned by goroutine %lu", (unsigned long)s->parent);
	else
		rt_out(o, "\n    started");
	rt_print_site(o, " at ", s->site);
	rt_out(o, "\n");
}

void rt_print_goroutine(struct rt_out *o, struct rt_peek *pk, const struct rt_seen *s)
{
	print(o, pk, s, true);
}

void rt_print_g(struct rt_out *o, const struct g *gp)
{
	struct rt_peek pk = RT_PEEK;
	struct rt_seen s;

	if (rt_see(gp, &s))
		print(o, &pk, &s, false);
	rt_peek_close(&pk);
}

/* ---- Groups ------------------------------------------------------------------------------ */

/* Who waits for locks waits for different owners, and is told apart by the lock. */
static bool alike(const struct rt_seen *a, const struct rt_seen *b)
{
	if (a->site != b->site || a->status != b->status)
		return false;
	if (a->status != G_WAITING)
		return true;
	return a->why == b->why && a->wait_site == b->wait_site &&
	       (rt_waits_for(a->why) != RT_FOR_OWNER || rt_owned(a) == rt_owned(b));
}

static uint32_t hash(const struct rt_seen *s)
{
	uint64_t h = (uintptr_t)s->site * 31 + s->status;

	if (s->status == G_WAITING)
		h = h * 31 + (uintptr_t)s->wait_site + s->why;
	if (s->status == G_WAITING && rt_waits_for(s->why) == RT_FOR_OWNER)
		h = h * 31 + (uintptr_t)rt_owned(s);
	return (uint32_t)((h * 0x9e3779b97f4a7c15u) >> 40);
}

static struct group *group_of(const struct rt_seen *s)
{
	for (uint32_t i = hash(s);; i++) {
		uint16_t *at = &group_at[i % (2 * GROUPS)];

		if (!*at) {
			if (ngroups == GROUPS)
				return NULL;
			*at = (uint16_t)++ngroups;
			groups[ngroups - 1] = (struct group){.first = *s};
			return &groups[ngroups - 1];
		}
		if (alike(&groups[*at - 1].first, s))
			return &groups[*at - 1];
	}
}

static void add_to_group(struct group *gr, const struct rt_seen *s)
{
	int64_t ns = rt_coarse_now() - s->since;
	struct rt_seen other = *s;

	gr->objects_differ |= s->obj != gr->first.obj;
	if (!gr->n || ns < gr->shortest)
		gr->shortest = ns;
	if (!gr->n || ns > gr->longest)
		gr->longest = ns;
	if (gr->n && s->id < gr->first.id) {
		other = gr->first;
		gr->first = *s;
	}
	if (gr->n && gr->n <= NAMED)
		gr->others[gr->n - 1] = other;
	gr->n++;
}

static bool add(void *top, void *arg)
{
	struct tally *t = arg;
	struct group *gr;
	struct rt_seen s;

	if (!rt_see(rt_g_at(top), &s) || s.id == t->except)
		return true;
	t->all++;
	if (s.status != G_WAITING || rt_waits_for(s.why) == RT_FOR_THE_WORLD)
		t->may_go_on = true;
	gr = group_of(&s);
	if (gr)
		add_to_group(gr, &s);
	else
		t->ungrouped++;
	return true;
}

static int by_first(const void *a, const void *b)
{
	uint64_t x = ((const struct group *)a)->first.id, y = ((const struct group *)b)->first.id;

	return (x > y) - (x < y);
}

static int by_number(const void *a, const void *b)
{
	uint64_t x = ((const struct rt_seen *)a)->id, y = ((const struct rt_seen *)b)->id;

	return (x > y) - (x < y);
}

static void collect(struct tally *t)
{
	memset(group_at, 0, sizeof group_at);
	ngroups = 0;
	rt_stack_each(add, t);
	qsort(groups, (size_t)ngroups, sizeof *groups, by_first);
}

static void print_others(struct rt_out *o, struct group *gr)
{
	uint32_t n = gr->n - 1;
	bool waits = gr->first.status == G_WAITING;
	const char *do_so = waits ? (n > 1 ? "wait" : "waits") : n > 1 ? "are" : "is";
	char who[64];

	rt_out(o, "    %u more goroutine%s %s like this one%s", n, n > 1 ? "s" : "", do_so,
	       waits && gr->objects_differ ? ", but for other objects" : "");
	if (n <= NAMED)
		qsort(gr->others, n, sizeof *gr->others, by_number);
	for (uint32_t i = 0; n <= NAMED && i < n; i++) {
		rt_seen_text(&gr->others[i], who, sizeof who);
		rt_out(o, "%s%s", i ? ", " : ": ", who + strlen("goroutine "));
	}
	rt_out(o, "\n");
}

static void print_groups(struct rt_out *o, struct rt_peek *pk, const struct tally *t)
{
	uint64_t more = t->ungrouped;

	for (int i = 0; i < ngroups; i++) {
		if (i >= SHOWN) {
			more += groups[i].n;
			continue;
		}
		rt_print_goroutine(o, pk, &groups[i].first);
		if (groups[i].n > 1)
			print_others(o, &groups[i]);
	}
	if (more)
		rt_out(o, "\n... and %lu more goroutines\n", (unsigned long)more);
}

/* ---- Causes ------------------------------------------------------------------------------ */

static bool is_in(const struct rt_finding *found, int nfound, uint64_t id)
{
	for (int i = 0; i < nfound; i++)
		for (int k = 0; k < found[i].ninvolved; k++)
			if (found[i].involved[k].id == id)
				return true;
	return false;
}

static void no_peer_text(struct rt_peek *pk, const struct group *gr, char *buf, size_t size)
{
	const struct rt_seen *s = &gr->first;
	const weft_site *at = s->wait_site;
	char who[64], others[32] = "", about[256] = "";
	bool about_one = !gr->objects_differ && rt_describe(pk, s, about, sizeof about);

	rt_seen_text(s, who, sizeof who);
	if (gr->n > 1)
		snprintf(others, sizeof others, " and %u more", gr->n - 1);
	snprintf(buf, size, "%s%s%s %s in %s at %s:%u%s%s, %s%s",
		 rt_waits_for(s->why) == RT_FOR_NOBODY ? "" : "no peer left: ", who, others,
		 gr->n > 1 ? "wait" : "waits", rt_wait_phrase(s->why), at ? at->file : "?",
		 at ? at->line : 0, about_one ? " for " : "", about_one ? about : "",
		 rt_waits_for(s->why) == RT_FOR_NOBODY ? "which is for ever"
						       : "and nobody is left who could ",
		 rt_waits_for(s->why) == RT_FOR_NOBODY ? "" : rt_peer_would(s->why));
}

void rt_print_lines(struct rt_out *o, const char *before, const char *text)
{
	while (*text) {
		size_t n = strcspn(text, "\n");

		rt_out(o, "%s%.*s\n", before, (int)n, text);
		text += n + (text[n] != 0);
	}
}

static void print_cause(struct rt_out *o, const char *text, const char *cause, uint64_t g,
			bool leak)
{
	rt_print_lines(o, "    ", text);
	if (!leak)
		rt_trace_deadlock(g, 1, cause, text);
}

/* Those of locks, then who waits for a peer where none is left. */
static void print_causes(struct rt_out *o, struct rt_peek *pk, bool no_peer, bool leak)
{
	const struct rt_finding *f;
	int nfound = rt_wf_find(pk, no_peer, &f), n;
	char text[512];

	for (n = 0; n < nfound && n < CAUSES; n++)
		print_cause(o, f[n].text, rt_cause_name(f[n].cause), f[n].involved[0].id, leak);
	if (nfound > CAUSES)
		rt_out(o, "    and %d more\n", nfound - CAUSES);
	for (int i = 0; i < ngroups && no_peer && n < CAUSES; i++) {
		const struct rt_seen *s = &groups[i].first;
		enum rt_waits_for what = rt_waits_for(s->why);

		if (s->status != G_WAITING || (what != RT_FOR_PEER && what != RT_FOR_NOBODY) ||
		    (groups[i].n == 1 && is_in(f, nfound, s->id)))
			continue;
		no_peer_text(pk, &groups[i], text, sizeof text);
		print_cause(o, text, "no peer left", s->id, leak);
		n++;
	}
}

/* ---- Reports ----------------------------------------------------------------------------- */

void rt_print_goroutines(struct rt_out *o, uint64_t except)
{
	struct tally t = {.except = except};
	struct rt_peek pk = RT_PEEK;

	if (rt_wf_make(&pk, INT64_MAX)) {
		collect(&t);
		print_groups(o, &pk, &t);
		rt_wf_done();
	}
	rt_peek_close(&pk);
}

void rt_print_deadlock(struct rt_out *o)
{
	struct tally t = {0};
	struct rt_peek pk = RT_PEEK;

	if (rt_wf_make(&pk, INT64_MAX)) {
		collect(&t);
		print_causes(o, &pk, true, false);
		print_groups(o, &pk, &t);
		rt_wf_done();
	}
	rt_peek_close(&pk);
}

static void trace_leaks(void)
{
	for (int i = 0; i < ngroups; i++)
		rt_trace_leak(groups[i].first.id, groups[i].n,
			      groups[i].first.status == G_WAITING ? groups[i].first.why : 0);
}

void rt_print_leaks(struct rt_out *o, uint64_t except)
{
	struct tally t = {.except = except,
			  .may_go_on = rt_timers_first() != INT64_MAX || rt_signals_wanted()};
	struct rt_peek pk = RT_PEEK;

	if (rt_wf_make(&pk, INT64_MAX)) {
		collect(&t);
		rt_out(o, "weft: %lu goroutine%s left when the main function returned:\n",
		       (unsigned long)t.all, t.all == 1 ? " was" : "s were");
		print_causes(o, &pk, !t.may_go_on, true);
		print_groups(o, &pk, &t);
		trace_leaks();
		rt_wf_done();
	}
	rt_peek_close(&pk);
}
