/* SPDX-License-Identifier: MIT */
#include "report.h"
#include "groups.h"
#include "out.h"
#include "sched.h"
#include "signals.h"
#include "waitfor.h"

#include <stdio.h>
#include <string.h>

enum { CAUSES = 10 }; /* in a report */

/* One report at a time; rt_wf_make sees to it. */
static struct rt_groups groups;

/* ---- One goroutine ----------------------------------------------------------------------- */

void rt_print_site(struct rt_out *o, const char *before, const weft_site *site)
{
	if (site)
		rt_out(o, "%s%s:%u", before, site->file, site->line);
}

/* `graph`: it is made, see waitfor.h. */
static void print(struct rt_out *o, struct rt_peek *pk, const struct rt_seen *s, bool graph)
{
	static const char *const states[] = {[G_RUNNABLE] = "runnable",
					     [G_RUNNING] = "running",
					     [G_DETACHED] = "running without a worker",
					     [G_DEAD] = "ended"};
	char text[1024];
	bool waits = s->status == G_WAITING;

	rt_seen_text(s, text, sizeof text);
	rt_out(o, "\n%s: %s%s", text, waits ? "waiting in " : "",
	       waits ? rt_wait_phrase(s->why) : states[s->status]);
	if (waits) {
		rt_print_site(o, " at ", s->wait_site);
		rt_out(o, " for ");
		rt_print_duration(o, rt_now() - s->since);
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

void rt_print_seen(struct rt_out *o, struct rt_peek *pk, const struct rt_seen *s)
{
	print(o, pk, s, false);
}

void rt_print_g(struct rt_out *o, const struct g *gp)
{
	struct rt_peek pk = RT_PEEK;
	struct rt_seen s;

	if (rt_see(gp, &s))
		print(o, &pk, &s, false);
	rt_peek_close(&pk);
}

static void print_groups(struct rt_out *o, struct rt_peek *pk)
{
	for (int i = 0; i < groups.n && i < RT_GROUPS_SHOWN; i++) {
		struct rt_group *gr = rt_groups_at(&groups, i);

		rt_print_goroutine(o, pk, &gr->first);
		rt_group_print_others(o, pk, gr);
	}
	rt_groups_print_rest(o, &groups);
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

static void no_peer_text(struct rt_peek *pk, const struct rt_group *gr, char *buf, size_t size)
{
	const struct rt_seen *s = &gr->first;
	const weft_site *at = s->wait_site;
	char who[64], others[32] = "", about[256] = "";
	bool about_one = gr->nobjects == 1 && rt_describe(pk, s, about, sizeof about);

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
		rt_trace(deadlock, g, 1, cause, text);
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
	for (int i = 0; i < groups.n && no_peer && n < CAUSES; i++) {
		const struct rt_group *gr = rt_groups_at(&groups, i);
		const struct rt_seen *s = &gr->first;
		enum rt_waits_for what = rt_waits_for(s->why);

		if (s->status != G_WAITING || (what != RT_FOR_PEER && what != RT_FOR_NOBODY) ||
		    (gr->n == 1 && is_in(f, nfound, s->id)))
			continue;
		no_peer_text(pk, gr, text, sizeof text);
		print_cause(o, text, "no peer left", s->id, leak);
		n++;
	}
}

/* ---- Reports ----------------------------------------------------------------------------- */

void rt_print_goroutines(struct rt_out *o, uint64_t except)
{
	struct rt_peek pk = RT_PEEK;

	if (rt_wf_make(&pk, INT64_MAX)) {
		rt_groups_collect(&groups, except, RT_BY_NUMBER);
		print_groups(o, &pk);
		rt_wf_done();
	}
	rt_peek_close(&pk);
}

void rt_print_deadlock(struct rt_out *o)
{
	struct rt_peek pk = RT_PEEK;

	if (rt_wf_make(&pk, INT64_MAX)) {
		rt_groups_collect(&groups, 0, RT_BY_NUMBER);
		print_causes(o, &pk, true, false);
		print_groups(o, &pk);
		rt_wf_done();
	}
	rt_peek_close(&pk);
}

static void trace_leaks(void)
{
	for (int i = 0; i < groups.n; i++) {
		const struct rt_group *gr = rt_groups_at(&groups, i);

		rt_trace(leak, gr->first.id, gr->n,
			 gr->first.status == G_WAITING ? gr->first.why : 0);
	}
}

void rt_print_leaks(struct rt_out *o, uint64_t except)
{
	bool may_go_on = rt_timers_first() != INT64_MAX || rt_signals_wanted();
	struct rt_peek pk = RT_PEEK;

	if (rt_wf_make(&pk, INT64_MAX)) {
		rt_groups_collect(&groups, except, RT_BY_NUMBER);
		rt_out(o, "weft: %lu goroutine%s left when the main function returned:\n",
		       (unsigned long)groups.all, groups.all == 1 ? " was" : "s were");
		print_causes(o, &pk, !may_go_on && !groups.may_go_on, true);
		print_groups(o, &pk);
		trace_leaks();
		rt_wf_done();
	}
	rt_peek_close(&pk);
}
