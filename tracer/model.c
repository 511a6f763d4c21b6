/* SPDX-License-Identifier: MIT */
/* Threads, workers and goroutines, and the one place where an event finds its handler.
 *
 * Invariants:
 *   the states of a goroutine follow each other without a gap: each begins at the time at which
 *   the one before it ends, so they sum to its lifetime whatever the events are; and so do those
 *   of a worker;
 *   a worker is RUNNING exactly while a goroutine is G_RUNNING with its number, except after an
 *   anomaly.
 *
 * Two events of different threads with (nearly) the same time may come in the wrong order.  An
 * event of a goroutine that is not possible yet is therefore kept (g->early) until the goroutine's
 * next one; only if that does not make it possible it is an anomaly.  tests/traces/early_*.trace
 */
#include "state.h"
#include "error.h"

#include <ctype.h>
#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* How far the clocks of two cpus, and the instants of an event and of its time, may differ. */
enum { SKEW_NS = 1000000 };

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

/* as in the spans of goroutines that wait in a select */
#define select_name (wait_desc[WAIT_select].name)

static const char *const state_name[] = {"unknown", "running", "detached", "runnable", "waiting"};

void anomaly(struct model *md, const struct g *gp, const struct object *obj, const char *fmt, ...)
{
	char what[512];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(what, sizeof what, fmt, ap);
	va_end(ap);
	md->counts.anomalies++;
	db_put(md->db, anomaly, .ts = md->now, .pid = md->proc ? md->proc->pid : 0,
	       .event = md->id ? md->id : NONE, .what = what, .g = gp ? gp->g : NONE,
	       .obj = obj ? obj->obj : NONE);
}

/* ---- Processes and threads --------------------------------------------------------------- */

static struct proc *proc_of(struct model *md, uint32_t pid)
{
	struct proc *pr = hash_get(&md->procs, pid);

	if (pr)
		return pr;
	pr = need(sizeof *pr);
	*pr = (struct proc){.pid = pid,
			    .ts = NONE,
			    .status = NONE,
			    .workers = NONE};
	hash_put(&md->procs, pid, pr);
	return pr;
}

static struct m *m_of(struct proc *pr, uint32_t tid)
{
	struct m *mp = hash_get(&pr->ms, tid);

	if (mp)
		return mp;
	mp = need(sizeof *mp);
	mp->m = tid;
	hash_put(&pr->ms, tid, mp);
	return mp;
}

static void write_gap(struct model *md, struct proc *pr, struct m *mp)
{
	if (mp->gap_lost)
		db_put(md->db, gap, .ts = mp->gap_ts, .dur = mp->gap_end - mp->gap_ts,
		       .pid = pr->pid, .m = mp->m, .lost = mp->gap_lost);
	mp->gap_lost = 0;
}

static void found_gap(struct model *md, struct proc *pr, struct m *mp, uint32_t lost)
{
	write_gap(md, pr, mp);
	mp->gap_seq = mp->next;
	mp->gap_lost = lost;
	mp->gap_ts = mp->seen ? mp->last : pr->ts;
	mp->gap_end = md->now;
	pr->lost += lost;
	md->counts.lost += lost;
}

/* An event that its thread numbered before the newest one: true if it was missing, false if it is
 * there twice. */
static bool fills_gap(struct model *md, struct proc *pr, struct m *mp, uint32_t seq)
{
	if (!mp->gap_lost || seq - mp->gap_seq >= mp->next - mp->gap_seq)
		return false;
	if (seq != mp->gap_seq && seq != mp->gap_seq + mp->gap_lost - 1)
		return false;
	mp->gap_seq += seq == mp->gap_seq;
	mp->gap_lost--;
	pr->lost--;
	md->counts.lost--;
	return true;
}

/* Compare an event's number with its thread's count; false if the event was there already. */
static bool count_event(struct model *md, struct proc *pr, struct m *mp, uint32_t seq, int64_t ts)
{
	int32_t ahead = (int32_t)(seq - mp->next);

	if (mp->seen && ts <= mp->last && ahead < 0)
		return fills_gap(md, pr, mp, seq);
	if (ahead < 0 || (mp->ended && ts > mp->last)) {
		/* the number of a thread that ended serves another */
		write_gap(md, pr, mp);
		mp->seen = mp->ended = false;
		mp->next = 0;
		ahead = 0;
	}
	if (seq != mp->next)
		found_gap(md, pr, mp, seq - mp->next);
	mp->next = seq + 1;
	mp->last = md->now;
	mp->seen = true;
	return true;
}

/* ---- Workers ----------------------------------------------------------------------------- */

static void write_p(struct model *md, const struct p *pp, const struct p_span *s, int64_t end)
{
	static const char *const names[] = {"stopped", "searching", "running"};

	if (end == s->since)
		return;
	db_put(md->db, p_state, .id = ++md->spans_p, .p = pp->p, .ts = s->since,
	       .dur = end == NONE ? NONE : end - s->since, .state = names[s->state],
	       .g = s->g, .m = s->m ? s->m->m : NONE);
}

static void flush_p(struct model *md, struct p *pp)
{
	if (pp->before.state == P_RUNNING)
		write_p(md, pp, &pp->before, pp->now.since);
	pp->before.state = P_STOPPED;
}

static void p_to(struct model *md, struct p *pp, enum p_name state, struct m *mp, int64_t g)
{
	flush_p(md, pp);
	if (pp->now.state == state && pp->now.m == mp && pp->now.g == g)
		return;
	write_p(md, pp, &pp->now, md->now);
	pp->now = (struct p_span){.state = state, .since = md->now, .g = g, .m = mp};
}

static struct p *p_of(struct model *md, uint64_t n)
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
static struct p *p_running(const struct model *md, const struct g *gp)
{
	struct p *pp;

	if (gp->now.state != G_RUNNING || gp->now.p == NONE)
		return NULL;
	pp = md->proc->ps[gp->now.p - md->proc->k * MAX_WORKERS];
	return pp->now.g == gp->g ? pp : NULL;
}

/* ---- The states of goroutines ------------------------------------------------------------ */

static void write_span(struct model *md, const struct g *gp, const struct g_span *s, int64_t id,
		       int64_t end)
{
	db_put(md->db, g_state, .id = id, .g = gp->g, .ts = s->since,
	       .dur = end == NONE ? NONE : end - s->since, .state = state_name[s->state],
	       .why = s->why, .obj = s->obj, .p = s->p, .m = s->m, .waker = s->waker,
	       .holder = s->holder, .site = s->site);
}

static void write_g(struct model *md, const struct g *gp, const struct g_span *s, int64_t end)
{
	if (s->state != G_NONE)
		write_span(md, gp, s, ++md->spans_g, end);
}

void g_select_done(struct model *md, struct g *gp, int64_t obj)
{
	if (gp->select.state == G_NONE)
		return;
	gp->select.obj = obj;
	write_span(md, gp, &gp->select, gp->select_id, gp->select_end);
	gp->select.state = G_NONE;
}

static void flush_g(struct model *md, struct g *gp)
{
	if (gp->before.state != G_NONE)
		write_g(md, gp, &gp->before, gp->now.since);
	gp->before.state = G_NONE;
}

static struct g_span span(enum g_name state, const char *why)
{
	return (struct g_span){.state = state,
			       .why = why,
			       .obj = NONE,
			       .p = NONE,
			       .m = NONE,
			       .waker = NONE,
			       .holder = NONE,
			       .site = NONE};
}

/* The life of a goroutine that was not seen being made begins with its first known state. */
static void first_state(struct model *md, struct g *gp)
{
	if (gp->now.state == G_NONE)
		gp->ts = md->now;
}

/* End what the goroutine did until now, and begin `next`. */
static void g_to(struct model *md, struct g *gp, struct g_span next)
{
	first_state(md, gp);
	flush_g(md, gp);
	if (gp->now.state == G_WAITING && gp->now.obj == NONE && gp->now.why == select_name) {
		g_select_done(md, gp, NONE);
		gp->select = gp->now;
		gp->select_id = ++md->spans_g;
		gp->select_end = md->now;
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

/* The worker does something else, so what it ran must have stopped, unseen: it waits for something
 * unknown until its next event says more. */
static void p_drops_g(struct model *md, struct p *pp, const char *what)
{
	struct g *gp;

	if (pp->now.state != P_RUNNING)
		return;
	gp = hash_get(&md->proc->gs, (uint64_t)(pp->now.g - md->proc->k * MAX_GOROUTINES));
	if (!gp || p_running(md, gp) != pp)
		return;
	if (md->proc->stops) { /* at its next call each goroutine is left as it is */
		g_to(md, gp, span(G_RUNNABLE, "stop"));
		return;
	}
	anomaly(md, gp, NULL, "worker %" PRId64 " %s while goroutine %" PRId64 " runs on it", pp->p,
		what, gp->g);
	g_to(md, gp, span(G_WAITING, NULL));
}

/* The thread takes the worker. */
static void m_takes_p(struct model *md, struct m *mp, struct p *pp)
{
	struct m *other = pp->now.state == P_STOPPED ? NULL : pp->now.m;

	if (mp->p == pp)
		return;
	if (other && other != mp) {
		anomaly(md, NULL, NULL,
			"thread %" PRIu32 " takes worker %" PRId64 ", which thread %" PRIu32
			" has",
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

static struct g *g_new(struct model *md, uint64_t n)
{
	struct g *gp = need(sizeof *gp);

	*gp = (struct g){.g = number_g(md, n),
			 .ts = md->now,
			 .now = span(G_NONE, NULL),
			 .parent = NONE,
			 .site = NONE,
			 .stack = NONE,
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
		anomaly(md, NULL, NULL, "goroutine %" PRIu64 " has ended and goes on", n);
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

	if (!func) {
		snprintf(hex, sizeof hex, "0x%" PRIx64, (uint64_t)gp->fn);
		func = gp->made ? hex : "unknown";
	}
	if (!gp->made && !gp->excused)
		anomaly(md, gp, NULL, "goroutine %" PRId64 " was not seen being made", gp->g);
	md->counts.goroutines++;
	db_put(md->db, goroutine, .g = gp->g, .pid = md->proc->pid,
	       .name = gp->name ? gp->name : func, .func = func, .fn = gp->fn, .parent = gp->parent,
	       .site = gp->site, .stack = gp->stack, .task = gp->task, .ts = gp->ts,
	       .dur = end == NONE ? NONE : end - gp->ts);
}

static void free_g(struct g *gp)
{
	free(gp->early);
	free(gp->name);
	free(gp->func);
	free(gp);
}

/* ---- Handlers: goroutines ---------------------------------------------------------------- */

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

static void on_g_create(struct model *md, const struct record *r)
{
	uint64_t n = r->g_create.g;
	struct g *gp = hash_get(&md->proc->gs, n), *parent;
	const struct site *site;

	if (gp && gp->made) {
		anomaly(md, gp, NULL, "goroutine %" PRIu64 " is made twice", n);
		return;
	}
	if (!gp)
		gp = g_of(md, n);
	if (!gp)
		return;
	gp->made = true;
	gp->fn = (int64_t)r->g_create.fn;
	gp->stack = (int64_t)r->g_create.stack;
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
		g_to(md, gp, span(G_RUNNABLE, "create"));
}

static void on_g_start(struct model *md, struct g *gp, const struct record *r)
{
	struct p *pp = p_of(md, r->g_start.p);
	struct m *mp = m_of(md->proc, r->m);
	struct g_span next;

	g_leaves_p(md, gp);
	if (pp) {
		m_takes_p(md, mp, pp);
		p_drops_g(md, pp, "starts another");
		p_to(md, pp, P_RUNNING, mp, gp->g);
	}
	next = span(G_RUNNING, NULL);
	next.p = pp ? pp->p : NONE;
	next.m = mp->m;
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
	if (why == WAIT_mutex_lock && gp->lock_since == NONE) {
		gp->lock_since = md->now;
		gp->lock_holder = o ? o->owner : NONE;
	}
	first_state(md, gp);
	flush_g(md, gp);
	if (ran.state == G_RUNNING)
		gp->before = ran;
	else
		write_g(md, gp, &ran, md->now);
	gp->now = span(G_WAITING, why < WAITS ? wait_desc[why].name : "unknown");
	gp->now.since = md->now;
	gp->now.obj = o ? o->obj : NONE;
	gp->now.holder = o ? o->owner : NONE;
	gp->now.site = number_site(md, r->g_park.site);
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
		g_to(md, gp, span(G_RUNNING, NULL));
		gp->now.m = r->m;
		return;
	}
	gp->now = gp->before;
	gp->before.state = G_NONE;
	pp->now = pp->before;
	pp->before.state = P_STOPPED;
}

static void on_g_ready(struct model *md, struct g *gp, const struct record *r)
{
	int64_t by = number_g(md, r->g_ready.by);

	g_leaves_p(md, gp);
	if (gp->now.state == G_WAITING)
		gp->now.waker = by;
	g_to(md, gp, span(G_RUNNABLE, "ready"));
	gp->now.waker = by;
}

static void on_g_yield(struct model *md, struct g *gp, const struct record *r)
{
	(void)r;
	g_leaves_p(md, gp);
	g_to(md, gp, span(G_RUNNABLE, "yield"));
}

/* Told by the monitor's thread, so the thread concerned is a field of its own. */
static void on_g_detach(struct model *md, struct g *gp, const struct record *r)
{
	struct m *mp = m_of(md->proc, (uint32_t)r->g_detach.thread);
	struct p *pp = p_of(md, r->g_detach.p);

	if (pp && mp->p == pp && p_running(md, gp) == pp) {
		p_to(md, pp, P_STOPPED, NULL, NONE);
		mp->p = NULL;
	} else {
		anomaly(md, gp, NULL, "goroutine %" PRId64 " loses worker %" PRIu64
				      ", on which it does not run on thread %" PRIu64,
			gp->g, r->g_detach.p, r->g_detach.thread);
		g_leaves_p(md, gp);
	}
	g_to(md, gp, span(G_DETACHED, NULL));
	gp->now.m = mp->m;
}

static void on_g_attach(struct model *md, struct g *gp, const struct record *r)
{
	(void)r;
	g_leaves_p(md, gp);
	g_to(md, gp, span(G_RUNNABLE, "attach"));
}

static void on_g_exit(struct model *md, struct g *gp, const struct record *r)
{
	g_leaves_p(md, gp);
	while (gp->regions)
		region_close(md, gp, md->now);
	g_to(md, gp, span(G_NONE, NULL));
	g_select_done(md, gp, NONE);
	write_goroutine(md, gp, md->now);
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
static void g_event(struct model *md, struct g *gp, const struct record *r)
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

/* ---- Handlers: the run, threads, workers ------------------------------------------------- */

static void set_once(char **to, const char *text)
{
	if (!*to)
		*to = need_text(text);
}

static void on_run_start(struct model *md, const struct record *r)
{
	struct proc *pr = md->proc;

	pr->workers = (int64_t)r->run_start.workers;
	if (pr == md->first)
		set_once(&md->version, r->run_start.version);
	for (uint64_t p = 0; p < r->run_start.workers && p < MAX_WORKERS; p++)
		p_of(md, p);
}

static void on_m_stop(struct model *md, const struct record *r)
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

static void on_p_start(struct model *md, const struct record *r)
{
	struct p *pp = p_of(md, r->p_start.p);

	if (!pp)
		return;
	if (md->m->p == pp)
		anomaly(md, NULL, NULL, "thread %" PRIu32 " takes worker %" PRId64 " twice",
			md->m->m, pp->p);
	m_takes_p(md, md->m, pp);
}

static void on_p_stop(struct model *md, const struct record *r)
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

static void on_p_steal(struct model *md, const struct record *r)
{
	const struct p *pp = p_of(md, r->p_steal.p), *victim = p_of(md, r->p_steal.victim);

	if (pp && victim)
		db_put(md->db, p_steal, .ts = md->now, .p = pp->p, .victim = victim->p,
		       .n = (int64_t)r->p_steal.n);
}

/* The only list of events in the tracer that is not made from events.def: a new row there is a
 * compile error here. */
static void handle(struct model *md, const struct record *r)
{
	switch (r->kind) {
	case EV_run_start:
		return on_run_start(md, r);
	case EV_run_stop:
		md->proc->status = r->run_stop.status;
		md->proc->stops = true;
		return;
	case EV_run_fatal:
		md->proc->stops = true;
		return set_once(&md->fatal, r->run_fatal.message);
	case EV_site_def:
		return on_site_def(md, r);
	case EV_obj_name:
		return on_obj_name(md, r);
	case EV_m_start:
		return;
	case EV_m_stop:
		return on_m_stop(md, r);
	case EV_p_start:
		return on_p_start(md, r);
	case EV_p_stop:
		return on_p_stop(md, r);
	case EV_p_idle:
		return; /* the worker searches already, since its goroutine left it */
	case EV_p_steal:
		return on_p_steal(md, r);
	case EV_g_create:
		return on_g_create(md, r);
	case EV_g_start:
	case EV_g_park:
	case EV_g_unpark:
	case EV_g_ready:
	case EV_g_yield:
	case EV_g_detach:
	case EV_g_attach:
	case EV_g_exit:
		return g_event(md, g_of(md, r->a[0].u), r);
	case EV_chan_make:
		return on_chan_make(md, r);
	case EV_chan_free:
		return on_chan_free(md, r);
	case EV_chan_send:
		return on_chan_send(md, r);
	case EV_chan_recv:
		return on_chan_recv(md, r);
	case EV_chan_close:
		return on_chan_close(md, r);
	case EV_select_done:
		return on_select_done(md, r);
	case EV_mutex_lock:
		return on_mutex_lock(md, r);
	case EV_mutex_unlock:
		return on_mutex_unlock(md, r);
	case EV_waitgroup_add:
		return on_waitgroup_add(md, r);
	case EV_waitgroup_wait:
		return on_waitgroup_wait(md, r);
	case EV_task_begin:
		return on_task_begin(md, r);
	case EV_task_end:
		return on_task_end(md, r);
	case EV_region_begin:
		return on_region_begin(md, r);
	case EV_region_end:
		return on_region_end(md, r);
	case EV_user_log:
		return on_user_log(md, r);
	}
}

/* ---- Facts ------------------------------------------------------------------------------- */

/* What a field's number counts, so that it is told apart from another process's. */
static int64_t field_value(struct model *md, enum event kind, int i, union value v)
{
	const struct field_desc *f = &event_desc[kind].field[i];
	int64_t k = md->proc->k;

	if (f->type == FIELD_str)
		return db_string(md->db, v.str);
	if (!k || !v.u)
		return f->type == FIELD_u32 && k && (!strcmp(f->name, "p") ||
						     !strcmp(f->name, "victim"))
			       ? k * MAX_WORKERS
			       : v.i;
	if (!strcmp(f->name, "site"))
		return v.i + k * MAX_SITES;
	if (!strcmp(f->name, "p") || !strcmp(f->name, "victim"))
		return v.i + k * MAX_WORKERS;
	if (!strcmp(f->name, "g") || !strcmp(f->name, "by") || !strcmp(f->name, "parent") ||
	    !strcmp(f->name, "peer") || !strcmp(f->name, "next") || !strcmp(f->name, "task"))
		return v.i + k * MAX_GOROUTINES;
	return v.i;
}

static void write_event(struct model *md, const struct record *r)
{
	const struct event_desc *d = &event_desc[r->kind];
	struct row_event row = {.id = md->id,
				.ts = md->now,
				.pid = r->pid,
				.m = r->m,
				.seq = r->seq,
				.p = md->m->p ? md->m->p->p : NONE,
				.kind = r->kind};

	for (int i = 0; i < MAX_FIELDS; i++)
		row.a[i] = i < d->nfields ? field_value(md, r->kind, i, r->a[i]) : NONE;
	db_put_row(md->db, DB_event, &row);
}

void model_event(struct model *md, const struct record *r)
{
	struct proc *pr = proc_of(md, r->pid);
	struct m *mp = m_of(pr, r->m);
	int64_t ts;

	if (md->origin == NONE)
		md->origin = r->ts;
	ts = r->ts - md->origin;
	md->now = ts > md->now ? ts : md->now;
	if (pr->ts == NONE) {
		pr->ts = md->now;
		pr->k = md->nprocs++;
	}
	if (!md->first)
		md->first = pr;
	if (!count_event(md, pr, mp, r->seq, ts))
		return;
	pr->last = md->now;
	md->proc = pr;
	md->m = mp;
	md->id = ++md->counts.events;
	if (r->kind == EV_p_stop || r->kind == EV_g_park) {
		write_event(md, r); /* while the thread still has its worker */
		handle(md, r);
	} else {
		handle(md, r);
		write_event(md, r);
	}
}

/* ---- The beginning and the end ----------------------------------------------------------- */

struct model *model_new(struct db *db)
{
	struct model *md = need(sizeof *md);

	md->db = db;
	md->origin = NONE;
	return md;
}

int64_t model_origin(const struct model *md)
{
	return md->origin;
}

void model_process_name(struct model *md, uint32_t pid, const char *name)
{
	set_once(&proc_of(md, pid)->name, name);
}

void model_discarded(struct model *md, uint32_t pid, int64_t ts, int64_t n)
{
	struct proc *pr = proc_of(md, pid);

	pr->discarded += n;
	pr->discarded_ts = md->origin == NONE ? 0 : ts - md->origin;
}

void model_complaint(struct model *md, const char *what)
{
	md->id = 0;
	anomaly(md, NULL, NULL, "%s", what);
}

/* What was kept in case that another event would make it possible. */
static void finish_early(struct model *md, struct proc *pr)
{
	for (struct hash_slot *s = NULL; (s = hash_next(&pr->gs, s));)
		if (((struct g *)s->value)->early)
			g_apply_early(md, s->value);
}

static void finish_goroutines(struct model *md, struct proc *pr)
{
	for (struct hash_slot *s = NULL; (s = hash_next(&pr->gs, s));) {
		struct g *gp = s->value;

		while (gp->regions)
			region_close(md, gp, NONE);
		g_select_done(md, gp, NONE);
		flush_g(md, gp);
		write_g(md, gp, &gp->now, NONE);
		write_goroutine(md, gp, NONE);
	}
}

static void finish_workers(struct model *md, struct proc *pr)
{
	for (size_t i = 0; i < pr->nps; i++) {
		if (!pr->ps[i])
			continue;
		flush_p(md, pr->ps[i]);
		write_p(md, pr->ps[i], &pr->ps[i]->now, NONE);
	}
}

/* What the tracer discarded, and no thread's count shows: at the end of a thread's events. */
static void finish_gaps(struct model *md, struct proc *pr)
{
	int64_t more = pr->discarded - pr->lost;

	for (struct hash_slot *s = NULL; (s = hash_next(&pr->ms, s));)
		write_gap(md, pr, s->value);
	if (more <= 0)
		return;
	md->counts.lost += more;
	db_put(md->db, gap, .ts = pr->discarded_ts, .dur = 0, .pid = pr->pid, .lost = more);
}

static void free_values(struct hash *h)
{
	for (struct hash_slot *s = NULL; (s = hash_next(h, s));)
		free(s->value);
	hash_free(h);
}

static void free_proc(struct proc *pr)
{
	for (struct hash_slot *s = NULL; (s = hash_next(&pr->gs, s));)
		free_g(s->value);
	hash_free(&pr->gs);
	free_values(&pr->ms);
	free_values(&pr->ended);
	free_values(&pr->tasks_seen);
	hash_free(&pr->objects);
	hash_free(&pr->labels);
	hash_free(&pr->tasks);
	for (size_t i = 0; i < pr->nps; i++)
		free(pr->ps[i]);
	for (size_t i = 0; i < pr->nsites; i++) {
		if (!pr->sites[i])
			continue;
		free(pr->sites[i]->func);
		free(pr->sites[i]->file);
		free(pr->sites[i]->what);
		free(pr->sites[i]);
	}
	free(pr->ps);
	free(pr->sites);
	free(pr->name);
	free(pr);
}

static void finish_proc(struct model *md, struct proc *pr)
{
	md->proc = pr;
	md->id = 0;
	finish_early(md, pr);
	finish_workers(md, pr);
	finish_goroutines(md, pr);
	object_end_all(md, pr);
	task_end_all(md, pr);
	finish_gaps(md, pr);
	db_put(md->db, process, .pid = pr->pid, .seq = pr->k, .name = pr->name ? pr->name : "",
	       .ts = pr->ts, .dur = pr->last - pr->ts, .status = pr->status);
}

void model_finish(struct model *md, struct row_run *run, struct model_counts *counts)
{
	for (struct hash_slot *s = NULL; (s = hash_next(&md->procs, s));) {
		struct proc *pr = s->value;

		if (pr->ts != NONE)
			finish_proc(md, pr);
		else
			hash_free(&pr->gs);
	}
	md->counts.dur = md->now;
	run->id = 1;
	run->program_version = md->version;
	run->dur = md->now;
	run->workers = md->first ? md->first->workers : NONE;
	run->fatal = md->fatal;
	run->events = md->counts.events;
	run->goroutines = md->counts.goroutines;
	run->lost = md->counts.lost;
	db_put_row(md->db, DB_run, run);
	*counts = md->counts;
	for (struct hash_slot *s = NULL; (s = hash_next(&md->procs, s));)
		free_proc(s->value);
	hash_free(&md->procs);
	free(md->version);
	free(md->fatal);
	free(md);
}
