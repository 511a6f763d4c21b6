/* SPDX-License-Identifier: MIT */
/* What goroutines do: their states, and an event of each transition.
 *
 * The states of a goroutine follow each other without a gap: each begins at the time at which the
 * one before it ends, so they sum to its lifetime whatever the events are.
 *
 * Two events of different threads with (nearly) the same time may come in the wrong order.  An
 * event of a goroutine that is not possible yet is therefore kept (g->early) until the goroutine's
 * next one; only if that does not make it possible it is an anomaly.  tests/traces/early_*.trace
 */
#include "state.h"

#include <ctype.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* How far the clocks of two cpus, and the instants of an event and of its time, may differ. */
enum { SKEW_NS = 1000000 };

/* Stretches that are held back, at most. */
enum { HELD = 16 };

/* Which states an event of a goroutine is possible in, and where it leads. */
#define IN(state) (1u << (state))
typedef void g_handler(struct model *md, struct g *gp, const struct record *r);
static g_handler on_g_start, on_g_park, on_g_unpark, on_g_ready, on_g_yield, on_g_detach,
	on_g_attach, on_g_exit;

static const struct rule {
	unsigned from;
	enum g_name to;
	bool may_be_early; /* another thread emits it than the event before it */
	const char *does;
	g_handler *apply;
} rules[EVENTS] = {
	[EV_g_start] = {IN(G_RUNNABLE), G_RUNNING, true, "starts", on_g_start},
	[EV_g_park] = {IN(G_RUNNING), G_WAITING, false, "parks", on_g_park},
	[EV_g_unpark] = {IN(G_WAITING), G_RUNNING, false, "unparks", on_g_unpark},
	[EV_g_ready] = {IN(G_WAITING), G_RUNNABLE, true, "is made ready", on_g_ready},
	[EV_g_yield] = {IN(G_RUNNING), G_RUNNABLE, false, "yields", on_g_yield},
	[EV_g_detach] = {IN(G_RUNNING), G_DETACHED, false, "is detached", on_g_detach},
	[EV_g_attach] = {IN(G_DETACHED), G_RUNNABLE, true, "attaches", on_g_attach},
	[EV_g_exit] = {IN(G_RUNNING) | IN(G_DETACHED), G_NONE, false, "exits", on_g_exit},
};

static const char *const state_name[] = {"unknown", "running", "detached", "runnable", "waiting"};

static const enum lod_state lod_of[] = {[G_RUNNING] = LOD_running,
					[G_DETACHED] = LOD_detached,
					[G_RUNNABLE] = LOD_runnable,
					[G_WAITING] = LOD_waiting};

static void write_span(struct model *md, struct g *gp, const struct g_span *s, int64_t end)
{
	const struct row_g_interval row = {.id = ++md->spans_g,
					   .g = gp->g,
					   .ts = s->since,
					   .dur = end == NONE ? NONE : end - s->since,
					   .state = lod_of[s->state],
					   .why = s->why,
					   .obj = s->obj,
					   .p = s->p,
					   .thread = s->m ? s->m->number : NONE,
					   .waker = s->waker,
					   .holder = s->holder,
					   .site = s->site,
					   .stack = s->stack,
					   .waker_stack = s->waker_stack};

	db_put_row(md->db, DB_g_interval, &row);
	if (end == NONE)
		end = md->proc->last;
	tally_add(md->tally, &gp->tally, &row, end);
	lod_span(md->lod, &gp->lane, 'g', gp->g, lod_of[s->state], s->since, end);
	if (s->state == G_DETACHED && s->m)
		lod_span(md->lod, &s->m->lane, 'm', s->m->m, LOD_detached, s->since, end);
}

/* Nothing more is held back. */
static void write_held(struct model *md, struct g *gp)
{
	for (int i = 0; i < gp->nheld; i++)
		write_span(md, gp, &gp->held[i].span, gp->held[i].end);
	gp->nheld = 0;
}

static void hold(struct g *gp, const struct g_span *s, int64_t end)
{
	if (!gp->held)
		gp->held = need(HELD * sizeof *gp->held);
	gp->held[gp->nheld++] = (struct held){*s, end};
}

static void write_g(struct model *md, struct g *gp, const struct g_span *s, int64_t end)
{
	if (s->state == G_NONE)
		return;
	if (gp->nheld == HELD)
		write_held(md, gp);
	if (gp->nheld)
		hold(gp, s, end);
	else
		write_span(md, gp, s, end);
}

void g_select_done(struct model *md, struct g *gp, int64_t obj)
{
	if (gp->nheld)
		gp->held[0].span.obj = obj;
	write_held(md, gp);
}

static void flush_g(struct model *md, struct g *gp)
{
	if (gp->before.state != G_NONE)
		write_g(md, gp, &gp->before, gp->now.since);
	gp->before.state = G_NONE;
}

struct g_span span(enum g_name state, int64_t why)
{
	return (struct g_span){.state = state,
			       .why = why,
			       .obj = NONE,
			       .p = NONE,
			       .waker = NONE,
			       .holder = NONE,
			       .site = NONE,
			       .stack = NONE,
			       .waker_stack = NONE};
}

/* The life of a goroutine that was not seen being made begins with its first known state. */
static void first_state(struct model *md, struct g *gp)
{
	if (gp->now.state == G_NONE)
		gp->ts = md->now;
}

/* The object is told that somebody waits for it, and that it is over. */
static void begin_wait(struct model *md, struct g_span *s, enum lod_state as)
{
	s->waits_as = as;
	lod_change(md->lod, s->obj, as, md->now, 1);
}

static void end_wait(struct model *md, struct g_span *s)
{
	if (s->waits_as)
		lod_change(md->lod, s->obj, s->waits_as, md->now, -1);
	s->waits_as = LOD_none;
}

/* End what the goroutine did until now, and begin `next`. */
void g_to(struct model *md, struct g *gp, struct g_span next)
{
	first_state(md, gp);
	flush_g(md, gp);
	end_wait(md, &gp->now);
	if (gp->now.state == G_WAITING && gp->now.obj == NONE && gp->now.why == WAIT_select) {
		g_select_done(md, gp, NONE);
		hold(gp, &gp->now, md->now);
	} else {
		write_g(md, gp, &gp->now, md->now);
	}
	gp->now = next;
	gp->now.since = md->now;
}

/* The goroutine no longer runs: its worker, if it has one, looks for another. */
static void g_leaves_p(struct model *md, struct g *gp)
{
	struct p *pp = p_running(md, gp);

	if (pp)
		p_to(md, pp, P_SEARCHING, pp->now.m, NONE);
}

static struct g *g_new(struct model *md, uint64_t n)
{
	struct g *gp = need(sizeof *gp);

	*gp = (struct g){.g = number_g(md, n),
			 .ts = md->now,
			 .now = span(G_NONE, NONE),
			 .parent = NONE,
			 .site = NONE,
			 .stack = NONE,
			 .spawn_stack = NONE,
			 .task = NONE,
			 .task_now = NONE,
			 .lock_since = NONE,
			 .lock_holder = NONE};
	hash_put(&md->proc->gs, n, gp);
	return gp;
}

struct g *g_of(struct model *md, uint64_t n)
{
	struct g *gp = hash_get(&md->proc->gs, n);

	if (gp)
		return gp;
	if (!n || n >= MAX_GOROUTINES) {
		anomaly(md, NULL, NULL, "goroutine number %" PRIu64 " is out of range", n);
		return NULL;
	}
	if (bits_has(&md->proc->ended, n)) {
		anomaly(md, NULL, NULL, "goroutine %" PRId64 " has ended and goes on",
			number_g(md, n));
		return NULL;
	}
	gp = g_new(md, n);
	gp->excused = md->proc->lost > 0;
	return gp;
}

static void write_goroutine(struct model *md, struct g *gp, int64_t end)
{
	char hex[24];
	const char *func = gp->func;
	struct row_goroutine row;

	if (!func) {
		snprintf(hex, sizeof hex, "0x%" PRIx64, (uint64_t)gp->fn);
		func = gp->made ? hex : "unknown";
	}
	if (!gp->made && !gp->excused)
		anomaly(md, gp, NULL, "goroutine %" PRId64 " was not seen being made", gp->g);
	md->counts.goroutines++;
	row = (struct row_goroutine){.g = gp->g,
				     .pid = md->proc->pid,
				     .name = gp->name ? gp->name : func,
				     .func = func,
				     .fn = gp->fn,
				     .parent = gp->parent,
				     .site = gp->site,
				     .stack = gp->stack,
				     .spawn_stack = gp->spawn_stack,
				     .task = gp->task,
				     .ts = gp->ts,
				     .dur = end == NONE ? NONE : end - gp->ts};
	tally_end_g(md->tally, &gp->tally, &row);
	db_put_row(md->db, DB_goroutine, &row);
}

void free_g(struct g *gp)
{
	tally_free_g(&gp->tally);
	free(gp->early);
	free(gp->held);
	free(gp->name);
	free(gp->func);
	free(gp);
}

/* The function spawned, from the text between weft_go's parentheses. */
static char *func_name(const char *what)
{
	char *name;
	size_t n;

	what += strspn(what, "& \t\n");
	n = strlen(what);
	while (n && isspace((unsigned char)what[n - 1]))
		n--;
	if (!n)
		return NULL;
	name = need(n + 1);
	return memcpy(name, what, n);
}

void on_g_create(struct model *md, const struct record *r)
{
	uint64_t n = r->g_create.g;
	struct g *gp = hash_get(&md->proc->gs, n), *parent;
	const struct site *site;

	if (gp && gp->made) {
		anomaly(md, gp, NULL, "goroutine %" PRId64 " is made twice", gp->g);
		return;
	}
	if (!gp)
		gp = g_of(md, n);
	if (!gp)
		return;
	gp->made = true;
	gp->fn = (int64_t)r->g_create.fn;
	gp->stack = (int64_t)r->g_create.stack;
	gp->spawn_stack = number_stack(md, r->g_create.spawn_stack);
	gp->parent = number_peer(md, r->g_create.parent);
	gp->site = number_site(md, r->g_create.site);
	gp->name = *r->g_create.name ? need_text(r->g_create.name) : NULL;
	site = gp->site == NONE ? NULL : md->proc->sites[r->g_create.site];
	gp->func = site ? func_name(site->what) : NULL;
	if (!gp->func && n == 1)
		gp->func = need_text("main");
	parent = hash_get(&md->proc->gs, r->g_create.parent);
	if (parent)
		gp->task = gp->task_now = parent->task_now;
	if (gp->now.state == G_NONE)
		g_to(md, gp, span(G_RUNNABLE, WHY_create));
}

void on_g_name(struct model *md, const struct record *r)
{
	struct g *gp = g_of(md, r->g_name.g);

	if (!gp)
		return;
	free(gp->name);
	gp->name = *r->g_name.name ? need_text(r->g_name.name) : NULL;
}

static void on_g_start(struct model *md, struct g *gp, const struct record *r)
{
	struct p *pp = p_of(md, r->g_start.p);
	struct m *mp = m_of(md, md->proc, r->m);
	struct g_span next;

	g_leaves_p(md, gp);
	if (pp) {
		m_takes_p(md, mp, pp);
		p_drops_g(md, pp, "starts another");
		p_to(md, pp, P_RUNNING, mp, gp->g);
	}
	next = span(G_RUNNING, NONE);
	next.p = pp ? pp->p : NONE;
	next.m = mp;
	g_to(md, gp, next);
}

static void on_g_park(struct model *md, struct g *gp, const struct record *r)
{
	uint64_t why = r->g_park.why;
	struct object *o = object_waited_for(md, r->g_park.obj, why, r->g_park.site);
	struct g_span ran = gp->now;
	struct p *pp = p_running(md, gp);
	struct p_span p_ran;

	if (pp) {
		p_ran = pp->now;
		flush_p(md, pp);
		pp->before = p_ran;
		pp->now = (struct p_span){P_SEARCHING, md->now, NONE, p_ran.m};
	}
	g_select_done(md, gp, NONE);
	if ((why == WAIT_mutex_lock || why == WAIT_rwmutex_lock || why == WAIT_rwmutex_rlock) &&
	    gp->lock_since == NONE) {
		gp->lock_since = md->now;
		gp->lock_holder = o ? o->owner : NONE;
	}
	first_state(md, gp);
	flush_g(md, gp);
	end_wait(md, &ran);
	if (ran.state == G_RUNNING)
		gp->before = ran;
	else
		write_g(md, gp, &ran, md->now);
	gp->now = span(G_WAITING, why && why < WAITS ? (int64_t)why : WHY_unknown);
	gp->now.since = md->now;
	gp->now.obj = o ? o->obj : NONE;
	gp->now.holder = o ? o->owner : NONE;
	gp->now.site = number_site(md, r->g_park.site);
	gp->now.stack = number_stack(md, r->g_park.stack);
	if (o)
		begin_wait(md, &gp->now, why == WAIT_chan_send   ? LOD_senders
					 : why == WAIT_chan_recv ? LOD_receivers
								 : LOD_waiters);
}

/* It ran on: the wait is taken back, from the goroutine and from the worker. */
static void on_g_unpark(struct model *md, struct g *gp, const struct record *r)
{
	struct p *pp = NULL;

	gp->lock_since = NONE;
	if (gp->before.state != G_NONE && gp->before.p != NONE)
		pp = md->proc->ps[gp->before.p - md->proc->k * MAX_WORKERS];
	if (!pp || pp->before.state != P_RUNNING || pp->before.g != gp->g) {
		g_leaves_p(md, gp);
		g_to(md, gp, span(G_RUNNING, NONE));
		gp->now.m = m_of(md, md->proc, r->m);
		return;
	}
	if (gp->now.waits_as)
		lod_take_back(md->lod, gp->now.obj, gp->now.waits_as, gp->now.since, md->now);
	gp->now = gp->before;
	gp->before.state = G_NONE;
	pp->now = pp->before;
	pp->before.state = P_STOPPED;
}

static void on_g_ready(struct model *md, struct g *gp, const struct record *r)
{
	int64_t by = number_g(md, r->g_ready.by), stack = number_stack(md, r->g_ready.stack);

	g_leaves_p(md, gp);
	if (gp->now.state == G_WAITING) {
		gp->now.waker = by;
		gp->now.waker_stack = stack;
	}
	g_to(md, gp, span(G_RUNNABLE, WHY_ready));
	gp->now.waker = by;
	gp->now.waker_stack = stack;
}

static void on_g_yield(struct model *md, struct g *gp, const struct record *r)
{
	(void)r;
	g_leaves_p(md, gp);
	g_to(md, gp, span(G_RUNNABLE, WHY_yield));
}

/* Told by the monitor's thread, so the thread concerned is a field of its own. */
static void on_g_detach(struct model *md, struct g *gp, const struct record *r)
{
	struct m *mp = m_of(md, md->proc, (uint32_t)r->g_detach.thread);
	struct p *pp = p_of(md, r->g_detach.p);

	if (pp && mp->p == pp && p_running(md, gp) == pp) {
		p_to(md, pp, P_STOPPED, NULL, NONE);
		mp->p = NULL;
	} else {
		anomaly(md, gp, NULL,
			"goroutine %" PRId64 " loses worker %" PRIu64
			", on which it does not run on thread %" PRIu64,
			gp->g, r->g_detach.p, r->g_detach.thread);
		g_leaves_p(md, gp);
	}
	g_to(md, gp, span(G_DETACHED, NONE));
	gp->now.m = mp;
}

static void on_g_attach(struct model *md, struct g *gp, const struct record *r)
{
	(void)r;
	g_leaves_p(md, gp);
	g_to(md, gp, span(G_RUNNABLE, WHY_attach));
}

static void on_g_exit(struct model *md, struct g *gp, const struct record *r)
{
	g_leaves_p(md, gp);
	while (gp->regions)
		region_close(md, gp, md->now);
	panics_end(md, gp, true);
	g_to(md, gp, span(G_NONE, NONE));
	g_select_done(md, gp, NONE);
	write_goroutine(md, gp, md->now);
	lod_lane_end(md->lod, &gp->lane);
	bits_add(&md->proc->ended, r->g_exit.g);
	hash_remove(&md->proc->gs, r->g_exit.g);
	free_g(gp);
}

static bool possible(const struct g *gp, enum event kind)
{
	return gp->now.state == G_NONE || rules[kind].from & IN(gp->now.state);
}

/* Apply the event that was kept; an anomaly if it is still not possible. */
static void g_apply_early(struct model *md, struct g *gp)
{
	struct record *r = gp->early;

	gp->early = NULL;
	if (!possible(gp, r->kind))
		anomaly(md, gp, NULL, "goroutine %" PRId64 " %s while %s", gp->g,
			rules[r->kind].does, state_name[gp->now.state]);
	rules[r->kind].apply(md, gp, r);
	free(r);
}

/* An event of a goroutine's state: see the table of rules, and the file's comment on time. */
void g_event(struct model *md, struct g *gp, const struct record *r)
{
	const struct rule *rule = &rules[r->kind];
	bool may_keep = rule->may_be_early;

	if (!gp)
		return;
	if (gp->early) {
		bool explains = possible(gp, r->kind) && r->kind != EV_g_exit &&
				rules[gp->early->kind].from & IN(rule->to) &&
				md->now - gp->early->ts <= SKEW_NS;

		may_keep = false;
		if (!explains)
			g_apply_early(md, gp);
	}
	if (!possible(gp, r->kind)) {
		if (may_keep) {
			gp->early = need(sizeof *r);
			*gp->early = *r;
			gp->early->ts = md->now;
			return;
		}
		anomaly(md, gp, NULL, "goroutine %" PRId64 " %s while %s", gp->g, rule->does,
			state_name[gp->now.state]);
	}
	rule->apply(md, gp, r); /* g_exit frees gp, and makes no early event possible */
	if (r->kind != EV_g_exit && gp->early)
		g_apply_early(md, gp);
}

/* What was kept in case that another event would make it possible. */
void finish_early(struct model *md, struct proc *pr)
{
	for (struct hash_slot *s = NULL; (s = hash_next(&pr->gs, s));)
		if (((struct g *)s->value)->early)
			g_apply_early(md, s->value);
}

void finish_goroutines(struct model *md, struct proc *pr)
{
	for (struct hash_slot *s = NULL; (s = hash_next(&pr->gs, s));) {
		struct g *gp = s->value;

		while (gp->regions)
			region_close(md, gp, NONE);
		panics_end(md, gp, false);
		g_select_done(md, gp, NONE);
		flush_g(md, gp);
		write_g(md, gp, &gp->now, NONE);
		write_goroutine(md, gp, NONE);
	}
}
