/* SPDX-License-Identifier: MIT */
/* The scheduler: many goroutines (g) on some threads (m), of which as many as there are workers (p)
 * run goroutines at a time.
 *
 * The waist.  Everything that blocks a goroutine is built on rt_park and rt_ready.  A goroutine
 * that parks switches to another stack first; only there, with its registers saved, does its commit
 * function publish it (mostly: unlock the queue it waits in).  So whoever finds a waiter may make
 * it ready at once, and no wake-up can come too early.  The other stack is that of the goroutine
 * that is next in the worker's own queue, which saves the way over the thread's own stack; it is
 * the thread's own if there is none, or if there is more to look at than that queue.
 *
 * Queues.  Each worker has a slot for the goroutine that was readied last (runnext), so that two
 * that talk to each other take turns on one cpu with warm caches, and a ring, which others steal
 * half of; where its goroutines are quick, but for what its worker will soon have run anyway
 * (look_around).  What does not fit goes to a global queue.  Every 61st time a worker looks at the
 * global queue first, and passes over runnext, so that neither can starve the rest; who a timer
 * wakes goes before all of them, but each eighth turn.
 *
 * One worker.  Until there is a second, or somebody listens for signals, a thread inside the
 * runtime is the only one (rt_alone), and takes locks and goroutines by plain stores: 45 ns an
 * unbuffered round trip, not 65.
 *
 * Waking.  A wake-up through the kernel costs the waker about 11 us and takes 20 to 30, so an idle
 * thread first looks for work for SPIN_NS (of several workers); at most half as many look as work;
 * and who makes a goroutine runnable wakes a thread only if none looks already, and, unless it
 * spawned it, if its own worker has something else to run as well: a lone readied goroutine mostly
 * runs as soon as the readier parks.  If it does not, the monitor (sysmon.c) notices.  Who has
 * looked four times in vain, for what others have is soon run, naps between searches (idle.c).  The
 * protocol against lost work:
 *
 *     submitter: push; full fence; if no thread looks and one is idle, wake it
 *     looker:    spinning -= 1; full fence; look at every ring and the global queue once more
 *     goes idle: nidle += 1; full fence; look at every ring and the global queue once more
 *
 * Either the submitter sees that nobody looks, or that one is idle; or the other sees the push.
 * (The submitter's fence is 10 of 42 ns of an unbuffered round trip, 8 pairs, two workers.  To have
 * all run one when a worker goes idle, by membarrier, stops them for 7 us, and it for 14: work that
 * two workers shared took half as long again.)
 *
 * I/O.  A worker that runs out of goroutines looks for descriptors that have become ready
 * (netpoll.h) before it searches, and one that does not at its every 61st; the keeper (idle.c)
 * sleeps in epoll; and the monitor looks if nobody else has for a while.
 *
 * Threads.  A thread that has nothing to run gives its worker back and sleeps.  One of them, the
 * keeper, sleeps only until the first timer or edge.  A goroutine that blocks or computes in C code
 * for long loses its worker to another thread and is detached until it enters the runtime again
 * (rt_enter, sysmon.c); it is never interrupted.  When the system gives no more threads, a worker
 * that found none stays idle, or if it was taken is kept by the monitor, which tries again.
 *
 * The end.  When every worker is idle, nothing is queued or detached, nobody waits for a descriptor
 * or a signal, and no timer is in a heap, nobody can ever run again: deadlock.  That is decided
 * under rt.lock, in idle.c.  A timer that sends is in a heap only while somebody waits for it
 * (time.c), so others hide no deadlock.
 *
 * Rejected: one global queue (every hand-off would cross cpus); preemption by signal (a C function
 * may hold malloc's lock, and other people's system calls would fail with EINTR); moving stacks
 * (C has pointers into them); a thread for each blocking call (needs wrappers, and cannot help with
 * code that is not ours); to run a child before its parent, who waits in runnext.  With one worker
 * and with two that takes 48 and 79 ns, not 29 and 52, in batches of a thousand; 50 and 82, not 69
 * and 90, a million at once; skynet 419 and 308 ms, not 194 and 199; parked goroutines and the
 * sieve the same.  Parents in a stack make a tree's depth of it (skynet 115 ms, one worker, the
 * sieve 43, not 63), but then goroutines run in the reverse order of their readying, and the first
 * may starve; and a loop that spawns would be interrupted at each turn, and what it had in hand
 * wait where it may be stolen.
 */
#define _GNU_SOURCE
#include "thread.h"

#include "fault.h"
#include "local.h"
#include "panic.h"
#include "procs.h"
#include "runq.h"
#include "throw.h"
#include "waitfor.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

struct rt rt;

__thread struct m *rt_thread_m;
static struct m nobody = {.inside = 1};
__thread struct m *rt_quick_m = &nobody;

#if !defined(__x86_64__)
__attribute__((noinline)) struct m *rt_self(void)
{
	__asm__ volatile(""); // see sched.h
	return rt_thread_m;
}

__attribute__((noinline)) struct m *rt_quick_self(void)
{
	__asm__ volatile("");
	return rt_quick_m;
}
#endif

uint32_t rt_choose(uint32_t n)
{
	struct p *pp = rt_self()->p;

	pp->rng = pp->rng * 6364136223846793005u + 1442695040888963407u;
	return (uint32_t)((pp->rng >> 32) * n >> 32);
}

/* ---- Park, ready, and what else a goroutine does ---------------------------------------- */

/* What the worker can run next without looking further than its own queue; NULL if it must.  Who
 * waits mostly holds a lock until it is off its stack, so nothing here may take long: new stacks,
 * say. */
static struct g *next_at_hand(struct m *mp)
{
	struct p *pp = mp->p;
	struct g *gp;

	if (!pp || (pp->tick + 1) % FAIR == 0 || rt_timers_next(&pp->timers) != INT64_MAX ||
	    __atomic_load_n(&rt.detour, __ATOMIC_RELAXED))
		return NULL;
	gp = rt_runq_take_next(pp);
	if (!gp && !(gp = rt_runq_pop(pp)))
		return NULL;
	/* To another thread (rt_pin_hand_over), or the worker has no stack left. */
	if (__builtin_expect(gp->pinned || (!gp->ctx.sp && !pp->dead.stacks.head), 0)) {
		rt_runq_put_next(pp, gp);
		return NULL;
	}
	__atomic_store_n(&pp->tick, pp->tick + 1, __ATOMIC_RELAXED);
	return gp;
}

void rt_unpark(struct g *gp)
{
	rt_set_status(gp, G_RUNNING);
	rt_trace(g_unpark, gp->id);
}

/* A goroutine that was to run next, but the wait of the one before it refused.  A commit, since
 * thieves look at runnext: not before the goroutine is off its stack again. */
static bool commit_put_back(struct g *gp, void *arg)
{
	(void)arg;
	rt_runq_put_next(rt_self()->p, gp);
	return true;
}

/* The wait of `left` was refused, which goes on before gp does; the thread when gp may.  Not
 * inline: around a switch each register is saved. */
__attribute__((noinline)) static struct m *refused(struct g *gp, struct g *left)
{
	struct m *mp = rt_self();

	for (;;) {
		rt_unpark(left);
		mp->left = gp; // it has not started yet
		mp->commit = commit_put_back;
		rt_context_switch(&gp->ctx, &left->ctx);
		mp = rt_self();
		left = mp->left;
		mp->left = NULL;
		if (!left || mp->commit(left, mp->commit_arg))
			return mp;
	}
}

__attribute__((noinline)) static void start_slow(struct m *mp, struct g *gp)
{
	if (rt_chaos(2))
		mp->budget = (int32_t)rt_choose(64);
	rt_trace(g_start, gp->id, mp->p->id);
}

/* The first thing on gp's stack after a switch to it. */
static void arrive(struct g *gp)
{
	struct m *mp = rt_self();
	struct g *left = mp->left;

	if (left) {
		mp->left = NULL;
		if (!mp->commit(left, mp->commit_arg))
			mp = refused(gp, left);
	}
	if (mp->curg == gp) // unparked
		return;
	mp->curg = gp;
	mp->budget = BUDGET;
	rt_set_status(gp, G_RUNNING);
	if (__builtin_expect(rt.slow, 0))
		start_slow(mp, gp);
}

/* Whether this runs on the stack of the thread's signal handlers. */
static inline bool on_signal_stack(const struct m *mp)
{
	return (size_t)((char *)__builtin_frame_address(0) - mp->signal_stack) < RT_SIGNAL_STACK;
}

/* Another goroutine's handlers would run on this stack meanwhile. */
__attribute__((noinline, cold)) static _Noreturn void refuse_wait(const struct g *gp)
{
	char what[256] = "a function of weft that gives way";

	if (gp->status == G_WAITING)
		snprintf(what, sizeof what, "%s at %s:%u", rt_wait_phrase(gp->why),
			 gp->wait_site ? gp->wait_site->file : "?",
			 gp->wait_site ? gp->wait_site->line : 0);
	rt_refuse_handler(what, "on the alternate stack");
}

/* Off to another stack, which runs the commit.  noinline: one place to switch at, see rt_switch. */
__attribute__((noinline)) static void leave_stack(struct m *mp, struct g *gp,
						  bool (*commit)(struct g *, void *), void *arg)
{
	struct g *to = gp->pinned ? NULL : next_at_hand(mp); // its thread runs no other

	if (to && !to->ctx.sp)
		rt_g_settle(mp->p, to);
	if (__builtin_expect(on_signal_stack(mp), 0))
		refuse_wait(gp);
	mp->left = gp;
	mp->commit = commit;
	mp->commit_arg = arg;
	rt_context_switch(&gp->ctx, to ? &to->ctx : &mp->ctx);
	arrive(gp);
}

/* C++ counts its exceptions by thread; they are the goroutine's, and go with it.  Whoever leaves
 * leaves the thread without any, so that another does not get them. */
__attribute__((noinline)) static void leave_cxx(struct m *mp, struct g *gp,
						bool (*commit)(struct g *, void *), void *arg)
{
	struct rt_exceptions *of_thread = __cxa_get_globals(), own = *of_thread;

	*of_thread = (struct rt_exceptions){0};
	leave_stack(mp, gp, commit, arg);
	if (own.handled || own.uncaught)
		*__cxa_get_globals() = own;
}

static inline void leave(struct m *mp, struct g *gp, bool (*commit)(struct g *, void *), void *arg)
{
	if (__builtin_expect(__cxa_get_globals != NULL, 0))
		leave_cxx(mp, gp, commit, arg);
	else
		leave_stack(mp, gp, commit, arg);
}

__attribute__((noinline)) static void leave_traced(struct m *mp, struct g *gp,
						   bool (*commit)(struct g *, void *), void *arg,
						   weft_site *site)
{
	rt_trace(g_park, gp->id, gp->why, gp->obj, rt_trace_site(site), rt_trace_stack());
	leave(mp, gp, commit, arg);
}

void rt_park(enum wait why, const void *obj, weft_site *site, bool (*commit)(struct g *, void *),
	     void *arg)
{
	struct m *mp = rt_self();
	struct g *gp = mp->curg;

	gp->why = why;
	gp->obj = obj;
	gp->wait_site = site;
	gp->since = rt_coarse_now();
	rt_set_status(gp, G_WAITING);
	if (rt_trace_on())
		leave_traced(mp, gp, commit, arg, site);
	else
		leave(mp, gp, commit, arg);
}

/* Put gp into runnext, or at the ring's tail. */
static void put(struct p *pp, struct g *gp, bool next)
{
	if (next && !rt_chaos(4))
		rt_runq_put_next(pp, gp);
	else
		rt_runq_put(pp, gp);
}

static void enqueue(struct p *pp, struct g *gp, bool next)
{
	put(pp, gp, next);
	if (rt_runq_len(pp) + (__atomic_load_n(&pp->runnext, __ATOMIC_RELAXED) != NULL) >= 2)
		rt_pushed();
}

void rt_ready_by(struct p *pp, struct g *gp, uint64_t by, bool next)
{
	rt_set_status(gp, G_RUNNABLE);
	rt_trace(g_ready, gp->id, by, by ? rt_trace_stack() : 0);
	enqueue(pp, gp, next);
}

__attribute__((noinline)) static void ready_slow(struct g *gp)
{
	enqueue(rt_self()->p, gp, true);
}

/* Where nothing is, as mostly. */
static inline void ready_next(struct p *pp, struct g *gp)
{
	if (!rt_runq_fill_next(pp, gp))
		ready_slow(gp);
	else if (rt_runq_len(pp) > 0)
		rt_pushed();
}

/* Recorded, or in chaos. */
__attribute__((noinline)) static void ready_watched(struct g *gp)
{
	struct m *mp = rt_self();

	rt_trace(g_ready, gp->id, mp->curg->id, rt_trace_stack());
	if (rt.chaos)
		ready_slow(gp);
	else
		ready_next(mp->p, gp);
}

void rt_ready(struct g *gp)
{
	rt_set_status(gp, G_RUNNABLE);
	if (__builtin_expect(rt.slow, 0))
		ready_watched(gp);
	else
		ready_next(rt_self()->p, gp);
}

void rt_ready_timed(struct g *gp)
{
	rt_ready_by(rt_self()->p, gp, 0, false);
}

static void put_outside(struct g *gp)
{
	rt_lock(&rt.lock);
	rt_globq_put(gp, gp, 1);
	rt_unlock(&rt.lock);
	rt_pushed_globally();
}

void rt_ready_outside(struct g *gp)
{
	rt_set_status(gp, G_RUNNABLE);
	rt_trace(g_ready, gp->id, 0, 0);
	put_outside(gp);
}

/* No fence: what was runnable is as much as before, so a thread that went idle meanwhile saw it. */
static bool commit_yield(struct g *gp, void *arg)
{
	struct p *pp = rt_self()->p;

	(void)arg;
	rt_set_status(gp, G_RUNNABLE);
	rt_runq_put(pp, gp);
	if (rt_runq_len(pp) > 1 && __atomic_load_n(&rt.nidle, __ATOMIC_RELAXED))
		rt_pushed();
	return true;
}

void rt_yield_to(struct g *gp)
{
	struct m *mp = rt_self();

	rt_ready(gp);
	rt_trace(g_yield, mp->curg->id);
	leave(mp, mp->curg, commit_yield, NULL);
}

void weft_yield(void)
{
	struct m *mp = rt_quick_self();

	if (!rt_enter_quick(mp, false)) {
		mp = rt_enter_unlock("weft_yield");
		rt_trace(g_yield, mp->curg->id);
	}
	leave(mp, mp->curg, commit_yield, NULL);
	rt_leave();
}

static bool commit_exit(struct g *gp, void *arg)
{
	struct p *pp = rt_self()->p;

	(void)arg;
	rt_ended_add(pp, gp);
	__atomic_store_n(&pp->exits, pp->exits + 1, __ATOMIC_RELAXED);
	rt_g_free(&pp->dead, gp);
	return true;
}

void rt_g_gone(void)
{
	struct m *mp = rt_self();
	struct g *gp = mp->curg;

	rt_context_end(&gp->ctx);
	leave(mp, gp, commit_exit, NULL);
	__builtin_unreachable();
}

void rt_g_end(void)
{
	struct m *mp = rt_enter("");
	struct g *gp = mp->curg;

	if (gp->nreads)
		rt_wf_readers_left(gp);
	if (gp->pinned)
		rt_pin_end(mp, gp);
	rt_trace(g_exit, gp->id);
	rt_g_gone();
}

static void g_main(void *arg)
{
	struct g *gp = arg;

	rt_context_arrived(&gp->ctx);
	arrive(gp);
	rt_leave();
	gp->fn(gp->arg);
	if (gp->nlocals)
		rt_locals_end(gp);
	rt_g_end();
}

void weft_exit(void)
{
	struct m *mp = rt_enter("weft_exit");

	if (mp->curg->id == 1)
		__atomic_store_n(&rt.main_exited, true, __ATOMIC_RELAXED);
	rt_leave();
	rt_panic_exit(mp->curg);
}

/* For the thread sanitizer, whose own words for where a goroutine was spawned are of no use. */
static void name_context(struct g *gp)
{
	char name[128];

	snprintf(name, sizeof name, "goroutine %lu (%s) of %s:%u", gp->id, rt_g_label(gp),
		 gp->site ? basename(gp->site->file) : "?", gp->site ? gp->site->line : 0);
	rt_context_name(&gp->ctx, name);
}

static void set_name(struct g *gp, const char *name)
{
	gp->stack->named = true;
	snprintf(gp->stack->name, sizeof gp->stack->name, "%s", name);
}

static size_t size_of_stack(const weft_go_opts *opts)
{
	return opts && opts->stack ? rt_stack_round(opts->stack) : rt_stack_default;
}

/* gp gets its stack, so that it can be switched to. */
static inline void settle(struct rt_dead *own, struct g *gp, size_t size)
{
	struct spare *sp = own && size == rt_stack_default ? rt_spare_pop(&own->stacks) : NULL;
	const char *why;
	struct g_stack *st = sp ? (struct g_stack *)sp : rt_g_stack_new(own, size, RT_STACKS, &why);

	if (!st)
		rt_fatal(gp->site, "no stack for goroutine %lu: %s", gp->id, why);
	rt_context_make(&gp->ctx, WEFT_ASAN || WEFT_TSAN != 0 ? st->lo : NULL, rt_stack_top(st),
			g_main, gp);
	__atomic_store_n(&gp->stack, st, __ATOMIC_RELEASE); // pairs with rt_on_stack, elsewhere
}

void rt_g_settle(struct p *pp, struct g *gp)
{
	settle(&pp->dead, gp, rt_stack_default);
}

/* Who spawns while there is one worker is inside, or weft_run before there are threads. */
static uint64_t next_id(void)
{
	if (!rt_alone())
		return __atomic_add_fetch(&rt.last_id, 1, __ATOMIC_RELAXED);
	__atomic_store_n(&rt.last_id, rt.last_id + 1, __ATOMIC_RELAXED);
	return rt.last_id;
}

struct g *rt_g_make(struct rt_dead *own, void (*fn)(void *), void *arg, const weft_go_opts *opts,
		    weft_site *site, uint64_t parent, uint64_t task)
{
	struct spare *sp = own ? rt_spare_pop(&own->gs) : NULL;
	const char *why;
	struct g *gp = sp ? rt_g_of(sp) : rt_g_new(own, &why);

	if (!gp)
		rt_fatal(site, "no record for goroutine %lu: %s", rt.last_id + 1, why);
	gp->fn = fn;
	gp->arg = arg;
	gp->site = site;
	gp->parent = parent;
	gp->task = task;
	__atomic_store_n(&gp->id, next_id(), __ATOMIC_RELAXED);
	/* Others get their stack when they run.  The thread sanitizer wants to know who made it. */
	if (WEFT_TSAN || opts)
		settle(own, gp, size_of_stack(opts));
	if (opts && opts->name)
		set_name(gp, opts->name);
	if (WEFT_TSAN)
		name_context(gp);
	rt_trace(g_create, gp->id, gp->parent, (const void *)fn, rt_trace_site(site),
		 size_of_stack(opts), gp->stack ? gp->stack->name : "", rt_trace_stack());
	return gp;
}

uint64_t weft_go_at(void (*fn)(void *arg), void *arg, const weft_go_opts *opts, weft_site *site)
{
	struct m *mp = rt_enter("weft_go");
	struct g *gp;
	uint64_t id;

	if (!fn)
		rt_panic(site, "weft_go of a NULL function");
	if (opts && opts->stack > RT_STACK_MAX)
		rt_panic(site, "weft_go with a stack of %zu bytes; at most %zu", opts->stack,
			 RT_STACK_MAX);
	gp = rt_g_make(&mp->p->dead, fn, arg, opts, site, mp->curg->id, mp->curg->task);
	id = gp->id;
	put(mp->p, gp, true);
	/* Unlike a readied goroutine a new one is likely to have work of its own. */
	rt_pushed();
	rt_leave();
	return id;
}

void rt_go(void (*fn)(void *arg), void *arg, weft_site *site, uint64_t parent, uint64_t task)
{
	struct p *pp = rt_self()->p;

	put(pp, rt_g_make(&pp->dead, fn, arg, NULL, site, parent, task), false);
	rt_pushed();
}

void weft_name_goroutine(const char *name)
{
	struct g *gp = rt_enter("weft_name_goroutine")->curg;

	if (!name)
		rt_panic(NULL, "weft_name_goroutine with a NULL name");
	set_name(gp, name);
	rt_trace(g_name, gp->id, gp->stack->name);
	rt_leave();
}

void rt_go_outside(void (*fn)(void *arg), void *arg, weft_site *site, uint64_t parent,
		   uint64_t task)
{
	put_outside(rt_g_make(NULL, fn, arg, NULL, site, parent, task));
}

uint64_t weft_id(void)
{
	struct m *mp = rt_self();

	return mp && mp->curg ? mp->curg->id : 0;
}

size_t weft_count(void)
{
	uint64_t n = 0;

	for (uint32_t i = 0; i < rt_nworkers(); i++)
		n += __atomic_load_n(&rt.workers[i].exits, __ATOMIC_RELAXED);
	return __atomic_load_n(&rt.last_id, __ATOMIC_RELAXED) - n;
}

/* ---- Entering the runtime; a thread whose worker was taken ------------------------------ */

/* The goroutine has lost its worker, and is off its stack: it queues for another. */
static bool commit_attach(struct g *gp, void *arg)
{
	(void)arg;
	rt_lock(&rt.lock);
	rt_globq_put(gp, gp, 1);
	__atomic_fetch_sub(&rt.detached, 1, __ATOMIC_RELAXED);
	rt_unlock(&rt.lock);
	rt_pushed_globally();
	return true;
}

static bool commit_stay(struct g *gp, void *arg)
{
	(void)arg;
	rt_set_status(gp, G_RUNNABLE);
	return true;
}

/* The main goroutine has returned: the others stay where they are, off their stacks, and their
 * threads leave.  In the trace they are runnable. */
static bool ended(struct m *mp)
{
	return __atomic_load_n(&rt.stopping, __ATOMIC_ACQUIRE) && mp->curg->id != 1;
}

static struct m *attach(struct m *mp)
{
	struct g *gp = mp->curg;
	struct p *pp;

	__atomic_store_n(&mp->p, NULL, __ATOMIC_RELAXED); // the monitor may be looking
	rt_set_status(gp, G_RUNNABLE);
	rt_trace(g_attach, gp->id);
	if (ended(mp))
		leave(mp, gp, commit_stay, NULL);
	rt_lock(&rt.lock);
	pp = rt_worker_pop();
	if (pp)
		__atomic_fetch_sub(&rt.detached, 1, __ATOMIC_RELAXED);
	rt_unlock(&rt.lock);
	if (!pp) {
		__atomic_store_n(&mp->wanted, WANTED_NO, __ATOMIC_RELAXED);
		leave(mp, gp, commit_attach, NULL);
		return rt_self();
	}
	rt_worker_acquire(mp, pp);
	rt_set_status(gp, G_RUNNING);
	rt_trace(p_take, pp->id, 1); // it was on the way to the global queue
	rt_trace(g_start, gp->id, pp->id);
	if (ended(mp)) { // since the first look; the request was lost when wanted was reset
		rt_trace(g_yield, gp->id);
		leave(mp, gp, commit_stay, NULL);
	}
	return mp;
}

/* To the global queue: in the worker's own the goroutine might be the next again. */
static bool commit_preempted(struct g *gp, void *arg)
{
	(void)arg;
	rt_set_status(gp, G_RUNNABLE);
	rt_trace(p_give, rt_self()->p->id, 1);
	put_outside(gp);
	return true;
}

/* A forked child has one thread, no workers and no monitor, and its memory is a moment of its
 * parent's, locks included: nothing can be started in it.  What the goroutine next calls finds this
 * where it would find the monitor's wish. */
void rt_forked(void)
{
	struct m *mp = rt_self();

	if (mp)
		__atomic_store_n(&mp->wanted, WANTED_FORKED, __ATOMIC_RELAXED);
}

bool rt_is_forked(void)
{
	return rt.pid && getpid() != rt.pid;
}

void rt_refuse_forked(void)
{
	rt_fatal(NULL, "weft was called in a forked child: only exec and _exit may follow fork");
}

/* The monitor wants this thread's worker (sysmon.c says how), or the program ends.  Nothing stands
 * against giving way here, so a goroutine that polls without ever waiting starves nobody either. */
static struct m *enter_wanted(struct m *mp)
{
	uint32_t wanted;

	for (;;) {
		wanted = __atomic_load_n(&mp->wanted, __ATOMIC_ACQUIRE);
		if (wanted == WANTED_TAKEN) // acquire: rt.detached has been counted
			return attach(mp);
		if (wanted == WANTED_NO)
			return mp;
		if (wanted == WANTED_FORKED)
			rt_refuse_forked();
		if (wanted != WANTED_TAKING &&
		    __atomic_compare_exchange_n(&mp->wanted, &wanted, WANTED_NO, false,
						__ATOMIC_ACQ_REL, __ATOMIC_RELAXED))
			break;
		rt_cpu_relax();
	}
	rt_trace(g_yield, mp->curg->id);
	leave(mp, mp->curg, ended(mp) ? commit_stay : commit_preempted, NULL);
	return rt_self();
}

/* The budget is spent.  Others of this worker go first, or those of none. */
static struct m *enter_spent(struct m *mp)
{
	bool (*commit)(struct g *, void *) = commit_yield;
	struct p *pp = mp->p;

	mp->budget = BUDGET;
	if (!rt_runq_len(pp) && !__atomic_load_n(&pp->runnext, __ATOMIC_RELAXED) &&
	    !rt_timers_are_due(&pp->timers)) {
		if (!__atomic_load_n(&rt.nglobq, __ATOMIC_RELAXED))
			return mp;
		commit = commit_preempted;
	}
	rt_trace(g_yield, mp->curg->id);
	leave(mp, mp->curg, commit, NULL);
	return rt_self();
}

struct m *rt_enter_slow(struct m *mp)
{
	if (__atomic_load_n(&mp->wanted, __ATOMIC_RELAXED))
		return enter_wanted(mp);
	return enter_spent(mp);
}

/* Handlers of exit, of a program that ends with a fatal error, are inside, and may call what does
 * not wait. */
void rt_enter_odd(const char *what)
{
	const struct m *mp = rt_self();

	if (rt_is_forked())
		rt_refuse_forked();
	if (mp && mp->curg && (!*what || rt_detour(DETOUR_END)))
		return;
	if (mp)
		rt_refuse_handler(what, "which interrupted the runtime");
	if (gettid() == getpid() && rt.nworkers && !__atomic_load_n(&rt.stopping, __ATOMIC_RELAXED))
		rt_refuse_handler(what, "which interrupted weft_run"); // where that thread waits
	rt_fatal(NULL, "%s was called outside a goroutine; start with weft_run", what);
}
