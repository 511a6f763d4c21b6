/* SPDX-License-Identifier: MIT */
/* What workers do: the model's P and the threads that have them.
 *
 * The states of a worker follow each other without a gap, from its process's first event on.  A
 * worker is P_RUNNING exactly while its goroutine is G_RUNNING on it.
 */
#include "state.h"
#include "error.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

static void write_p(struct model *md, struct p *pp, const struct p_span *s, int64_t end)
{
	static const enum lod_state states[] = {LOD_stopped, LOD_searching, LOD_running};

	if (end == s->since && s->state != P_RUNNING) /* what it ran counts, however short it was */
		return;
	db_put(md->db, p_interval, .id = ++md->spans_p, .p = pp->p, .ts = s->since,
	       .dur = end == NONE ? NONE : end - s->since, .state = states[s->state], .g = s->g,
	       .thread = s->m ? s->m->number : NONE);
	if (end == NONE)
		end = md->proc->last;
	lod_span(md->lod, &pp->lane, 'p', pp->p, states[s->state], s->since, end);
	if (s->m)
		lod_span(md->lod, &s->m->lane, 'm', s->m->m, states[s->state], s->since, end);
}

void flush_p(struct model *md, struct p *pp)
{
	if (pp->before.state == P_RUNNING)
		write_p(md, pp, &pp->before, pp->now.since);
	pp->before.state = P_STOPPED;
}

void p_to(struct model *md, struct p *pp, enum p_name state, struct m *mp, int64_t g)
{
	flush_p(md, pp);
	if (pp->now.state == state && pp->now.m == mp && pp->now.g == g)
		return;
	write_p(md, pp, &pp->now, md->now);
	pp->now = (struct p_span){.state = state, .since = md->now, .g = g, .m = mp};
}

struct p *p_of(struct model *md, uint64_t n)
{
	struct proc *pr = md->proc;

	if (n >= MAX_WORKERS) {
		anomaly(md, NULL, NULL, "worker number %" PRIu64 " is out of range", n);
		return NULL;
	}
	if (n >= pr->nps) {
		pr->ps = realloc(pr->ps, (n + 1) * sizeof *pr->ps);
		if (!pr->ps)
			die("no memory");
		memset(pr->ps + pr->nps, 0, (n + 1 - pr->nps) * sizeof *pr->ps);
		pr->nps = n + 1;
	}
	if (!pr->ps[n]) {
		pr->ps[n] = need(sizeof **pr->ps);
		pr->ps[n]->p = (int64_t)n + pr->k * MAX_WORKERS;
		pr->ps[n]->now.since = pr->ts;
		pr->ps[n]->now.g = NONE;
	}
	return pr->ps[n];
}

/* The worker that a goroutine runs on, or NULL. */
struct p *p_running(const struct model *md, const struct g *gp)
{
	struct p *pp;

	if (gp->now.state != G_RUNNING || gp->now.p == NONE)
		return NULL;
	pp = md->proc->ps[gp->now.p - md->proc->k * MAX_WORKERS];
	return pp->now.g == gp->g ? pp : NULL;
}

/* The worker does something else, so what it ran must have stopped, unseen: it waits for something
 * unknown until its next event says more. */
void p_drops_g(struct model *md, struct p *pp, const char *what)
{
	struct g *gp;

	if (pp->now.state != P_RUNNING)
		return;
	gp = hash_get(&md->proc->gs, (uint64_t)(pp->now.g - md->proc->k * MAX_GOROUTINES));
	if (!gp || p_running(md, gp) != pp)
		return;
	if (md->proc->stops) { /* at its next call each goroutine is left as it is */
		g_to(md, gp, span(G_RUNNABLE, WHY_stop));
		return;
	}
	anomaly(md, gp, NULL, "worker %" PRId64 " %s while goroutine %" PRId64 " runs on it", pp->p,
		what, gp->g);
	g_to(md, gp, span(G_WAITING, WHY_unknown));
}

/* The thread takes the worker. */
void m_takes_p(struct model *md, struct m *mp, struct p *pp)
{
	struct m *other = pp->now.state == P_STOPPED ? NULL : pp->now.m;

	if (mp->p == pp)
		return;
	if (other && other != mp) {
		anomaly(md, NULL, NULL,
			"thread %" PRIu32 " takes worker %" PRId64 ", which thread %" PRIu32 " has",
			mp->m, pp->p, other->m);
		p_drops_g(md, pp, "goes to another thread");
		other->p = NULL;
	}
	if (mp->p) {
		anomaly(md, NULL, NULL,
			"thread %" PRIu32 " takes worker %" PRId64 " and has worker %" PRId64,
			mp->m, pp->p, mp->p->p);
		p_drops_g(md, mp->p, "loses its thread");
		p_to(md, mp->p, P_STOPPED, NULL, NONE);
	}
	mp->p = pp;
	p_to(md, pp, P_SEARCHING, mp, NONE);
}

void on_m_stop(struct model *md, const struct record *r)
{
	struct m *mp = md->m;

	mp->ended = true;
	if (r->m_stop.events != r->seq + 1u)
		anomaly(md, NULL, NULL,
			"thread %" PRIu32 " says that it emitted %" PRIu64
			" events, and numbered %" PRIu64,
			mp->m, r->m_stop.events, (uint64_t)r->seq + 1);
	if (mp->p) {
		anomaly(md, NULL, NULL, "thread %" PRIu32 " ends and has worker %" PRId64, mp->m,
			mp->p->p);
		p_drops_g(md, mp->p, "loses its thread");
		p_to(md, mp->p, P_STOPPED, NULL, NONE);
		mp->p = NULL;
	}
}

void on_p_start(struct model *md, const struct record *r)
{
	struct p *pp = p_of(md, r->p_start.p);

	if (!pp)
		return;
	if (md->m->p == pp)
		anomaly(md, NULL, NULL, "thread %" PRIu32 " takes worker %" PRId64 " twice",
			md->m->m, pp->p);
	m_takes_p(md, md->m, pp);
}

void on_p_stop(struct model *md, const struct record *r)
{
	struct p *pp = p_of(md, r->p_stop.p);

	if (!pp)
		return;
	if (md->m->p != pp) {
		if (!md->proc->lost) /* else its p_start may be what is missing */
			anomaly(md, NULL, NULL,
				"thread %" PRIu32 " gives up worker %" PRId64
				", which it does not have",
				md->m->m, pp->p);
		return;
	}
	p_drops_g(md, pp, "stops");
	p_to(md, pp, P_STOPPED, NULL, NONE);
	md->m->p = NULL;
}

void on_p_steal(struct model *md, const struct record *r)
{
	const struct p *pp = p_of(md, r->p_steal.p), *victim = p_of(md, r->p_steal.victim);

	if (pp && victim)
		db_put(md->db, p_steal, .ts = md->now, .p = pp->p, .victim = victim->p,
		       .n = (int64_t)r->p_steal.n);
}

void on_p_lost(struct model *md, const struct record *r)
{
	const struct p *pp = p_of(md, r->g_detach.p);
	const char *call = r->g_detach.syscall;

	if (pp)
		db_put(md->db, detach, .id = md->id, .ts = md->now,
		       .g = number_g(md, r->g_detach.g), .p = pp->p,
		       .m = (int64_t)r->g_detach.thread,
		       .syscall = *call && strcmp(call, "unknown") ? call : NULL);
}

/* Told by the monitor, of a moment ago. */
void on_cpu_sample(struct model *md, const struct record *r)
{
	int64_t late = (int64_t)r->cpu_sample.late, p = r->cpu_sample.worker;
	const struct p *pp = p < 0 ? NULL : p_of(md, (uint64_t)p);

	db_put(md->db, cpu_sample, .id = md->id,
	       .ts = late < 0 || late > md->now ? 0 : md->now - late,
	       .g = number_peer(md, r->cpu_sample.g), .p = pp ? pp->p : NONE,
	       .m = (int64_t)r->cpu_sample.thread, .ns = (int64_t)r->cpu_sample.ns,
	       .stack = number_stack(md, r->cpu_sample.stack));
}

void finish_workers(struct model *md, struct proc *pr)
{
	for (size_t i = 0; i < pr->nps; i++) {
		if (!pr->ps[i])
			continue;
		md->workers++;
		flush_p(md, pr->ps[i]);
		write_p(md, pr->ps[i], &pr->ps[i]->now, NONE);
	}
}
