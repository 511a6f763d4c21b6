/* SPDX-License-Identifier: MIT */
/* The scheduler: many goroutines (g) on some threads (m), of which as many as there are workers (p)
 * run goroutines at a time.
 *
 * The waist.  Everything that blocks a goroutine is built on rt_park and rt_ready.  A goroutine
 * that parks switches to another stack first; only there, with its registers saved, does its commit
 * function publish it (mostly: unlock the queue it waits in).  So whoever finds a waiter may make it
 * ready at once, and no wake-up can come too early.  The other stack is that of the goroutine that
 * is next in the worker's own queue, which saves the way over the thread's own stack; it is the
 * thread's own if there is none, or if there is more to look at than that queue.
 *
 * Queues.  Each worker has a slot for the goroutine that was readied last (runnext), so that two
 * that talk to each other take turns on one cpu with warm caches, and a ring of 256, which others
 * steal half of.  What does not fit goes to a global queue.  Every 61st time a worker looks at the
 * global queue first, and passes over runnext, so that neither can starve the rest.
 *
 * Waking.  A wake-up through the kernel costs the waker about 11 us and takes 20 to 30, so an idle
 * thread first looks for work for SPIN_NS; at most half as many look as work; and who makes a
 * goroutine runnable wakes a thread only if none looks already, and if its own worker has something
 * else to run as well: a lone readied goroutine mostly runs as soon as the readier parks.  If it
 * does not, the monitor (sysmon.c) notices.  The protocol against lost work:
 *
 *     submitter: push; full fence; if no thread looks and one is idle, wake it
 *     last looker: spinning -= 1; full fence; look at every queue once more
 *
 * Either the submitter sees that nobody looks, or the looker sees the push.
 *
 * I/O.  A worker that runs out of goroutines looks for descriptors that have become ready
 * (netpoll.h) before it searches, and one that does not at its every 61st; the keeper below sleeps
 * in epoll; and the monitor looks if nobody else has for a while.
 *
 * Threads.  A thread that has nothing to run gives its worker back and sleeps.  One of them, the
 * keeper, sleeps only until the first timer or edge.  A goroutine that blocks or computes in C code for
 * long loses its worker to another thread and is detached until it enters the runtime again
 * (rt_enter, sysmon.c); it is never interrupted.  When the system gives no more threads, a worker
 * that found none stays idle, or if it was taken is kept by the monitor, which tries again.
 *
 * The end.  When every worker is idle, nothing is detached and no timer is in a heap, nobody can
 * ever run again: deadlock.  That is decided under rt.lock, in sleep_until_given.  A timer that
 * sends is in a heap only while somebody waits for it (time.c), so others hide no deadlock.
 *
 * Rejected: one global queue (every hand-off would cross cpus); preemption by signal (a C function
 * may hold malloc's lock, and other people's system calls would fail with EINTR); moving stacks
 * (C has pointers into them); a thread for each blocking call (needs wrappers, and cannot help with
 * code that is not ours).
 */
#define _GNU_SOURCE
#include "describe.h"
#include "dump.h"
#include "env.h"
#include "fault.h"
#include "netpoll.h"
#include "local.h"
#include "panic.h"
#include "procs.h"
#include "runq.h"
#include "schedtrace.h"
#include "signals.h"
#include "throw.h"
#include "waitfor.h"
#include "watch.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <time.h>
#include <unistd.h>

enum { SPIN_NS = 30000, NEXT_STEAL_NS = 15000, FAIR = 61 };
enum { THREAD_RETRY_NS = 100 * 1000 * 1000 };

struct rt rt;

__thread struct m *rt_thread_m;

#if !defined(__x86_64__)
__attribute__((noinline)) struct m *rt_self(void)
{
	__asm__ volatile(""); // see sched.h
	return rt_thread_m;
}
#endif

uint32_t rt_choose(uint32_t n)
{
	struct p *pp = rt_self()->p;

	pp->rng = pp->rng * 6364136223846793005u + 1442695040888963407u;
	return (uint32_t)((pp->rng >> 32) * n >> 32);
}

/* ---- Workers and threads ---------------------------------------------------------------- */

static void acquire(struct m *mp, struct p *pp)
{
	rt_acquire(pp);
	mp->p = pp;
	__atomic_store_n(&mp->wanted, WANTED_NO, __ATOMIC_RELAXED);
	rt_trace_p_start(pp->id);
	__atomic_store_n(&pp->m, mp, __ATOMIC_RELEASE); // pairs with the monitor's look
}

static void release(struct m *mp)
{
	struct p *pp = mp->p;

	__atomic_store_n(&pp->m, NULL, __ATOMIC_RELAXED);
	mp->p = NULL;
	__atomic_store_n(&mp->wanted, WANTED_NO, __ATOMIC_RELAXED);
	rt_release(pp);
}

static void *thread_main(void *arg);

/* NULL, or what is in the way of another thread. */
static const char *thread_new(struct p *pp, bool spinning)
{
	struct m *mp =
		mmap(NULL, sizeof *mp, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	pthread_attr_t attr;
	int err;

	if (mp == MAP_FAILED)
		return "no memory can be mapped";
	mp->inside = 1;
	mp->given = pp;
	mp->spinning = spinning;
	__atomic_fetch_add(&rt.threads, 1, __ATOMIC_RELAXED);
	__atomic_fetch_add(&rt.leaving, 1, __ATOMIC_RELAXED);
	pthread_attr_init(&attr);
	pthread_attr_setdetachstate(&attr, PTHREAD_CREATE_DETACHED);
	err = pthread_create(&mp->thread, &attr, thread_main, mp);
	pthread_attr_destroy(&attr);
	if (!err)
		return NULL;
	__atomic_fetch_sub(&rt.threads, 1, __ATOMIC_RELAXED);
	__atomic_fetch_sub(&rt.leaving, 1, __ATOMIC_RELAXED);
	munmap(mp, sizeof *mp);
	return strerror(err);
}

/* Without the first thread nothing runs.  Later the program goes on with those that it has, says so
 * once, and tries again from time to time. */
static void thread_failed(const char *why)
{
	uint32_t n = __atomic_load_n(&rt.threads, __ATOMIC_RELAXED);
	static const char how[] = "see ulimit -u and the cgroup's pids.max";

	if (!n)
		rt_fatal(NULL, "cannot start a thread: %s (%s)", why, how);
	if (!__atomic_exchange_n(&rt.thread_retry, rt_now() + THREAD_RETRY_NS, __ATOMIC_RELAXED))
		dprintf(STDERR_FILENO,
			"weft: cannot start a thread: %s (%s); goes on with %u\n", why, how, n);
}

/* Find a thread for a worker that nobody has; false if there is none. */
static bool start(struct p *pp, bool spinning)
{
	const char *why;
	struct m *mp;

	rt_lock(&rt.lock);
	mp = rt.idle_threads;
	if (mp) {
		rt.idle_threads = mp->next;
		mp->given = pp;
		mp->spinning = spinning;
	}
	rt_unlock(&rt.lock);
	if (mp) {
		rt_note_wake(&mp->note);
		return true;
	}
	if (__atomic_load_n(&rt.thread_retry, __ATOMIC_RELAXED) > rt_coarse_now())
		return false;
	why = thread_new(pp, spinning);
	if (why)
		thread_failed(why);
	return !why;
}

bool rt_hand_over(struct p *pp)
{
	return start(pp, false);
}

bool rt_wake_worker(void)
{
	uint32_t none = 0;
	struct p *pp;

	if (!__atomic_load_n(&rt.nidle, __ATOMIC_RELAXED) ||
	    __atomic_load_n(&rt.spinning, __ATOMIC_RELAXED) ||
	    !__atomic_compare_exchange_n(&rt.spinning, &none, 1, false, __ATOMIC_SEQ_CST,
					 __ATOMIC_RELAXED))
		return false;
	rt_lock(&rt.lock);
	pp = rt_worker_pop();
	rt_unlock(&rt.lock);
	if (pp && start(pp, true))
		return true;
	/* A submitter may have relied on the looker that we announced. */
	__atomic_fetch_sub(&rt.spinning, 1, __ATOMIC_SEQ_CST);
	if (pp) { // without a thread for it; the monitor tries again
		rt_lock(&rt.lock);
		rt_worker_push(pp);
		rt_unlock(&rt.lock);
		return false;
	}
	__atomic_thread_fence(__ATOMIC_SEQ_CST);
	return rt_runq_any() && rt_wake_worker();
}

/* After a push to this worker's queues: see "Waking" above. */
static void pushed(void)
{
	__atomic_thread_fence(__ATOMIC_SEQ_CST);
	rt_wake_worker();
}

static void stop_spinning(struct m *mp)
{
	mp->spinning = false;
	__atomic_fetch_sub(&rt.spinning, 1, __ATOMIC_SEQ_CST);
	__atomic_thread_fence(__ATOMIC_SEQ_CST);
}

/* The worker's thread runs a goroutine from here on: what it left to others needs another looker.
 */
static struct g *found(struct m *mp, struct g *gp)
{
	if (mp->spinning) {
		stop_spinning(mp);
		if (rt_runq_any())
			rt_wake_worker();
	}
	return gp;
}

int64_t rt_timers_first(void)
{
	int64_t first = INT64_MAX;

	for (uint32_t i = 0; i < rt_nworkers(); i++) {
		int64_t next = rt_timers_next(&rt.workers[i].timers);

		if (next < first)
			first = next;
	}
	return first;
}

/* ---- Park, ready, and what else a goroutine does ---------------------------------------- */

static void set_status(struct g *gp, enum g_status status)
{
	__atomic_store_n(&gp->status, status, __ATOMIC_RELAXED);
}

static struct g *local(struct p *pp)
{
	struct g *gp = rt_chaos(4) ? rt_runq_pop(pp) : NULL;

	if (!gp)
		gp = rt_runq_take_next(pp);
	return gp ? gp : rt_runq_pop(pp);
}

/* What the worker can run next without looking further than its own queue; NULL if it must. */
static struct g *next_at_hand(struct m *mp)
{
	struct p *pp = mp->p;
	struct g *gp;

	if (!pp || (pp->tick + 1) % FAIR == 0 || rt_timers_next(&pp->timers) != INT64_MAX ||
	    __atomic_load_n(&rt.detour, __ATOMIC_RELAXED))
		return NULL;
	gp = local(pp);
	if (!gp)
		return NULL;
	if (__builtin_expect(gp->pinned != NULL, 0)) { // to another thread: hand_to_pinned
		rt_runq_put_next(pp, gp);
		return NULL;
	}
	__atomic_store_n(&pp->tick, pp->tick + 1, __ATOMIC_RELAXED);
	return gp;
}

/* The commit of a wait refused: its goroutine goes on. */
static void unpark(struct g *gp)
{
	set_status(gp, G_RUNNING);
	rt_trace_g_unpark(gp->id);
}

/* A goroutine that was to run next, but the wait of the one before it refused.  A commit, since
 * thieves look at runnext: not before the goroutine is off its stack again. */
static bool commit_put_back(struct g *gp, void *arg)
{
	(void)arg;
	rt_runq_put_next(rt_self()->p, gp);
	return true;
}

/* The first thing on gp's stack after a switch to it. */
static void arrive(struct g *gp)
{
	struct m *mp = rt_self();
	struct g *left;

	while ((left = mp->left)) {
		mp->left = NULL;
		if (mp->commit(left, mp->commit_arg))
			break;
		unpark(left);
		mp->left = gp; // it has not started yet
		mp->commit = commit_put_back;
		rt_context_switch(&gp->ctx, &left->ctx);
		mp = rt_self();
	}
	if (mp->curg == gp) // unparked
		return;
	mp->curg = gp;
	mp->budget = rt_chaos(2) ? (int32_t)rt_choose(64) : BUDGET;
	set_status(gp, G_RUNNING);
	rt_trace_g_start(gp->id, mp->p->id);
}

/* Whether this runs on the stack of the thread's signal handlers. */
static inline bool on_signal_stack(const struct m *mp)
{
	return (size_t)((char *)__builtin_frame_address(0) - mp->signal_stack) < RT_SIGNAL_STACK;
}

/* Another goroutine's handlers would run on this stack meanwhile. */
static _Noreturn void refuse_wait(const struct g *gp)
{
	char what[256] = "a function of weft that gives way";

	if (gp->status == G_WAITING)
		snprintf(what, sizeof what, "%s at %s:%u", rt_wait_phrase(gp->why),
			 gp->wait_site ? gp->wait_site->file : "?",
			 gp->wait_site ? gp->wait_site->line : 0);
	rt_refuse_handler(what, "on the alternate stack");
}

/* Off to another stack, which runs the commit.  noinline: one place to switch at, see rt_switch. */
__attribute__((noinline)) static void
leave_stack(struct m *mp, struct g *gp, bool (*commit)(struct g *, void *), void *arg)
{
	struct g *to = gp->pinned ? NULL : next_at_hand(mp); // its thread runs no other

	if (__builtin_expect(on_signal_stack(mp), 0))
		refuse_wait(gp);
	mp->left = gp;
	mp->commit = commit;
	mp->commit_arg = arg;
	rt_context_switch(&gp->ctx, to ? &to->ctx : &mp->ctx);
	arrive(gp);
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
	set_status(gp, G_WAITING);
	rt_trace_g_park(gp->id, why, obj, rt_trace_site(site));
	leave_stack(mp, gp, commit, arg);
}

/* Put gp into runnext, or at the ring's tail. */
static void enqueue(struct p *pp, struct g *gp, bool next)
{
	if (next && !rt_chaos(4))
		rt_runq_put_next(pp, gp);
	else
		rt_runq_put(pp, gp);
	if (rt_runq_len(pp) + (__atomic_load_n(&pp->runnext, __ATOMIC_RELAXED) != NULL) >= 2)
		pushed();
}

static void ready_by(struct p *pp, struct g *gp, uint64_t by, bool next)
{
	set_status(gp, G_RUNNABLE);
	rt_trace_g_ready(gp->id, by);
	enqueue(pp, gp, next);
}

void rt_ready(struct g *gp)
{
	struct m *mp = rt_self();

	ready_by(mp->p, gp, mp->curg->id, true);
}

void rt_ready_timed(struct g *gp)
{
	ready_by(rt_self()->p, gp, 0, false);
}

static void put_outside(struct g *gp)
{
	rt_lock(&rt.lock);
	rt_globq_put(gp, gp, 1);
	rt_unlock(&rt.lock);
	pushed();
}

void rt_ready_outside(struct g *gp)
{
	set_status(gp, G_RUNNABLE);
	rt_trace_g_ready(gp->id, 0);
	put_outside(gp);
}

static bool commit_yield(struct g *gp, void *arg)
{
	(void)arg;
	set_status(gp, G_RUNNABLE);
	enqueue(rt_self()->p, gp, false);
	return true;
}

void rt_yield_to(struct g *gp)
{
	struct m *mp = rt_self();

	rt_ready(gp);
	rt_trace_g_yield(mp->curg->id);
	leave_stack(mp, mp->curg, commit_yield, NULL);
}

void weft_yield(void)
{
	struct m *mp = rt_enter("weft_yield");

	rt_trace_g_yield(mp->curg->id);
	leave_stack(mp, mp->curg, commit_yield, NULL);
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

void rt_g_end(void)
{
	struct m *mp = rt_enter("");
	struct g *gp = mp->curg;

	if (gp->nreads)
		rt_wf_readers_left(gp);
	if (gp->pinned)
		rt_pin_end(mp, gp);
	rt_trace_g_exit(gp->id);
	rt_context_end(&gp->ctx);
	leave_stack(mp, gp, commit_exit, NULL);
	__builtin_unreachable();
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

static struct g *g_make(struct g_list *cache, void (*fn)(void *), void *arg,
			const weft_go_opts *opts, weft_site *site, uint64_t parent, uint64_t task)
{
	size_t size = opts && opts->stack ? rt_stack_round(opts->stack) : rt_stack_default;
	const char *why;
	struct g *gp = rt_g_new(cache, size, &why);

	if (!gp)
		rt_fatal(site, "no stack for goroutine %lu: %s", rt.last_id + 1, why);
	gp->id = __atomic_add_fetch(&rt.last_id, 1, __ATOMIC_RELAXED);
	gp->fn = fn;
	gp->arg = arg;
	gp->site = site;
	gp->why = WAIT_none;
	gp->nreads = 0;
	gp->parent = parent;
	gp->task = task;
	gp->name[0] = 0;
	if (opts && opts->name)
		snprintf(gp->name, sizeof gp->name, "%s", opts->name);
	rt_context_make(&gp->ctx, gp->lo, gp->size, g_main, gp);
	if (WEFT_TSAN)
		name_context(gp);
	set_status(gp, G_RUNNABLE);
	rt_trace_g_create(gp->id, gp->parent, (const void *)fn, rt_trace_site(site), size,
			  gp->name);
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
	gp = g_make(&mp->p->dead, fn, arg, opts, site, mp->curg->id, mp->curg->task);
	id = gp->id;
	enqueue(mp->p, gp, true);
	/* Unlike a readied goroutine a new one is likely to have work of its own. */
	pushed();
	rt_leave();
	return id;
}

void rt_go(void (*fn)(void *arg), void *arg, weft_site *site, uint64_t parent, uint64_t task)
{
	struct p *pp = rt_self()->p;

	enqueue(pp, g_make(&pp->dead, fn, arg, NULL, site, parent, task), false);
	pushed();
}

void weft_name_goroutine(const char *name)
{
	struct g *gp = rt_enter("weft_name_goroutine")->curg;

	if (!name)
		rt_panic(NULL, "weft_name_goroutine with a NULL name");
	snprintf(gp->name, sizeof gp->name, "%s", name);
	rt_trace_g_name(gp->id, gp->name);
	rt_leave();
}

void rt_go_outside(void (*fn)(void *arg), void *arg, weft_site *site, uint64_t parent,
		   uint64_t task)
{
	put_outside(g_make(NULL, fn, arg, NULL, site, parent, task));
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
	pushed();
	return true;
}

static bool commit_stay(struct g *gp, void *arg)
{
	(void)arg;
	set_status(gp, G_RUNNABLE);
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

	mp->p = NULL;
	set_status(gp, G_RUNNABLE);
	rt_trace_g_attach(gp->id);
	if (ended(mp))
		leave_stack(mp, gp, commit_stay, NULL);
	rt_lock(&rt.lock);
	pp = rt_worker_pop();
	if (pp)
		__atomic_fetch_sub(&rt.detached, 1, __ATOMIC_RELAXED);
	rt_unlock(&rt.lock);
	if (!pp) {
		__atomic_store_n(&mp->wanted, WANTED_NO, __ATOMIC_RELAXED);
		leave_stack(mp, gp, commit_attach, NULL);
		return rt_self();
	}
	acquire(mp, pp);
	set_status(gp, G_RUNNING);
	rt_trace_g_start(gp->id, pp->id);
	if (ended(mp)) { // since the first look; the request was lost when wanted was reset
		rt_trace_g_yield(gp->id);
		leave_stack(mp, gp, commit_stay, NULL);
	}
	return mp;
}

/* To the global queue: in the worker's own the goroutine might be the next again. */
static bool commit_preempted(struct g *gp, void *arg)
{
	(void)arg;
	set_status(gp, G_RUNNABLE);
	put_outside(gp);
	return true;
}

/* A forked child has one thread, no workers and no monitor, and its memory is a moment of its
 * parent's, locks included: nothing can be started in it.  What the goroutine next calls finds this
 * where it would find the monitor's wish. */
static void forked(void)
{
	struct m *mp = rt_self();

	if (mp)
		__atomic_store_n(&mp->wanted, WANTED_FORKED, __ATOMIC_RELAXED);
}

bool rt_is_forked(void)
{
	return rt.pid && getpid() != rt.pid;
}

static _Noreturn void refuse_forked(void)
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
			refuse_forked();
		if (wanted != WANTED_TAKING &&
		    __atomic_compare_exchange_n(&mp->wanted, &wanted, WANTED_NO, false,
						__ATOMIC_ACQ_REL, __ATOMIC_RELAXED))
			break;
		rt_cpu_relax();
	}
	rt_trace_g_yield(mp->curg->id);
	leave_stack(mp, mp->curg, ended(mp) ? commit_stay : commit_preempted, NULL);
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
	rt_trace_g_yield(mp->curg->id);
	leave_stack(mp, mp->curg, commit, NULL);
	return rt_self();
}

struct m *rt_enter_slow(struct m *mp)
{
	if (__atomic_load_n(&mp->wanted, __ATOMIC_RELAXED))
		return enter_wanted(mp);
	return enter_spent(mp);
}

/* Handlers of exit, of a program that ends with a fatal error, are inside, and may call what does not
 * wait. */
void rt_enter_odd(const char *what)
{
	const struct m *mp = rt_self();

	if (rt_is_forked())
		refuse_forked();
	if (mp && mp->curg && (!*what || rt_detour(DETOUR_END)))
		return;
	if (mp)
		rt_refuse_handler(what, "which interrupted the runtime");
	if (gettid() == getpid() && rt.nworkers && !__atomic_load_n(&rt.stopping, __ATOMIC_RELAXED))
		rt_refuse_handler(what, "which interrupted weft_run"); // where that thread waits
	rt_fatal(NULL, "%s was called outside a goroutine; start with weft_run", what);
}

/* ---- The loop of a thread --------------------------------------------------------------- */

static _Noreturn void leave(struct m *mp)
{
	if (mp->p) {
		rt_trace_p_stop(mp->p->id);
		release(mp);
	}
	rt_trace_m_stop(rt_trace_count() + 1);
	__atomic_fetch_sub(&rt.leaving, 1, __ATOMIC_RELEASE); // pairs with weft_run
	for (;;)
		pause();
}

/* Everything waits, and nothing is left that could wake anybody.  Under rt.lock, by a thread that
 * has just given its worker back.  A queue with something in it belongs to a worker that is not
 * idle, and a timer that is about to fire is still in its heap or fired by one that is not. */
static bool deadlocked(int64_t first)
{
	return rt.nidle == rt.nactive && !rt.globq && first == INT64_MAX &&
	       !__atomic_load_n(&rt.detached, __ATOMIC_RELAXED) &&
	       !__atomic_load_n(&rt.outside, __ATOMIC_RELAXED) && !rt_signals_awaited() &&
	       !__atomic_load_n(&rt.stopping, __ATOMIC_RELAXED);
}

/* Under rt.lock. */
static void keeper_wake(void)
{
	if (!rt.keeper_polls) {
		rt_note_wake(&rt.keeper->note);
	} else if (!rt.keeper_called) {
		__atomic_store_n(&rt.keeper_called, true, __ATOMIC_RELAXED);
		rt_netpoll_wake();
	}
}

/* Under rt.lock, by the keeper, which is none any more. */
static void keeper_end(struct m *mp)
{
	__atomic_store_n(&rt.keeper, NULL, __ATOMIC_RELAXED);
	/* Under rt.lock nobody else wakes a keeper: drop a wake-up that came late. */
	__atomic_store_n(&mp->note.set, 0, __ATOMIC_RELAXED);
	if (rt.keeper_called)
		rt_netpoll_woken();
	__atomic_store_n(&rt.keeper_called, false, __ATOMIC_RELAXED);
}

void rt_sched_poll(void)
{
	rt_lock(&rt.lock);
	__atomic_store_n(&rt.polling, true, __ATOMIC_RELEASE); // pairs with rt_polled_for
	if (rt.keeper)
		keeper_wake();
	rt_unlock(&rt.lock);
}

bool rt_polled_for(void)
{
	return __atomic_load_n(&rt.outside, __ATOMIC_RELAXED) &&
	       __atomic_load_n(&rt.polling, __ATOMIC_ACQUIRE);
}

static struct g *poll_edges(int64_t until)
{
	__atomic_fetch_add(&rt.polls, 1, __ATOMIC_RELAXED);
	return rt_netpoll(until);
}

/* The keeper: until an edge has made somebody ready, it is called, or the time has come. */
static struct g *keep_polling(int64_t until)
{
	struct g *gp;

	do
		gp = poll_edges(until);
	while (!gp && !__atomic_load_n(&rt.keeper_called, __ATOMIC_RELAXED) &&
	       (until == INT64_MAX || rt_now() < until));
	return gp;
}

/* Under rt.lock, by who has no worker: make ready, for any.  True if there was one. */
static bool ready_globally(struct g *first)
{
	struct g *last = NULL;
	uint32_t n = 0;

	for (struct g *gp = first; gp; gp = gp->next) {
		set_status(gp, G_RUNNABLE);
		rt_trace_g_ready(gp->id, 0);
		last = gp;
		n++;
	}
	if (n)
		rt_globq_put(first, last, n);
	return n;
}

static void ready_all(struct p *pp, struct g *gp)
{
	struct g *next;

	for (; gp; gp = next) {
		next = gp->next;
		ready_by(pp, gp, 0, false);
	}
}

/* Look for edges, without waiting, from a worker. */
static void poll_here(struct p *pp)
{
	if (rt_polled_for())
		ready_all(pp, poll_edges(0));
}

bool rt_poll_for_others(void)
{
	struct g *gp = poll_edges(0);
	bool any;

	rt_lock(&rt.lock);
	any = ready_globally(gp);
	rt_unlock(&rt.lock);
	if (any)
		pushed();
	return any;
}

void rt_check_deadlock(void)
{
	bool dead;

	rt_lock(&rt.lock);
	dead = deadlocked(rt_timers_first());
	rt_unlock(&rt.lock);
	if (dead)
		rt_deadlock(__atomic_load_n(&rt.main_exited, __ATOMIC_RELAXED));
}

/* Sleep until another thread gives this one a worker, or as the keeper until a timer is due or an
 * edge has come. */
static void sleep_until_given(struct m *mp)
{
	bool keep = true;

	while (!mp->p) {
		int64_t first, until = INT64_MAX;
		struct g *ready = NULL;
		bool polls = false;
		struct p *pp;

		rt_lock(&rt.lock);
		if (__atomic_load_n(&rt.stopping, __ATOMIC_ACQUIRE)) {
			rt_unlock(&rt.lock);
			leave(mp);
		}
		first = rt_timers_first();
		if (deadlocked(first)) {
			rt_unlock(&rt.lock);
			rt_deadlock(__atomic_load_n(&rt.main_exited, __ATOMIC_RELAXED));
		}
		if ((first != INT64_MAX || rt.polling) && !rt.keeper && keep) {
			__atomic_store_n(&rt.keeper, mp, __ATOMIC_RELAXED);
			rt.keeper_until = until = first;
			rt.keeper_polls = polls = rt.polling;
		} else {
			if (rt.keeper && first < rt.keeper_until) {
				rt.keeper_until = first;
				keeper_wake();
			}
			mp->next = rt.idle_threads;
			rt.idle_threads = mp;
		}
		rt_unlock(&rt.lock);

		if (polls)
			ready = keep_polling(until);
		else
			rt_note_sleep(&mp->note, until);

		rt_lock(&rt.lock);
		if (rt.keeper == mp) {
			keeper_end(mp);
			pp = rt_worker_pop();
			if (pp) {
				__atomic_fetch_add(&rt.spinning, 1, __ATOMIC_SEQ_CST);
				mp->spinning = true;
			} else {
				ready_globally(ready);
			}
		} else {
			pp = mp->given; // or the program ends
			mp->given = NULL;
		}
		rt_unlock(&rt.lock);
		if (__atomic_load_n(&rt.stopping, __ATOMIC_ACQUIRE))
			leave(mp);
		if (pp) {
			acquire(mp, pp);
			ready_all(pp, ready);
		}
		keep = false; // nobody is idle: each worker sees to its own timers
	}
}

/* Nothing to run: give the worker back, make sure that nothing came in between, sleep. */
static void idle(struct m *mp)
{
	if (mp->p) {
		rt_lock(&rt.lock);
		if (rt.globq) {
			rt_unlock(&rt.lock);
			return;
		}
		rt_trace_p_stop(mp->p->id);
		rt_worker_push(mp->p);
		release(mp);
		rt_unlock(&rt.lock);
	}
	if (mp->spinning) {
		stop_spinning(mp);
		if (rt_runq_any()) {
			struct p *pp;

			rt_lock(&rt.lock);
			pp = rt_worker_pop();
			rt_unlock(&rt.lock);
			if (pp) {
				acquire(mp, pp);
				mp->spinning = true;
				__atomic_fetch_add(&rt.spinning, 1, __ATOMIC_SEQ_CST);
				return;
			}
		}
	} else {
		__atomic_thread_fence(__ATOMIC_SEQ_CST); // with a waker that found no idle worker
		if (rt_runq_any())
			rt_wake_worker();
	}
	sleep_until_given(mp);
}

static void fire_timers(struct p *pp, struct rt_timers *ts)
{
	struct g *gp, *next;
	int64_t now;

	if (rt_timers_next(ts) == INT64_MAX)
		return;
	now = rt_now();
	__atomic_store_n(&rt.coarse, now, __ATOMIC_RELAXED);
	for (gp = rt_timers_due(ts, now); gp; gp = next) {
		next = gp->next;
		ready_by(pp, gp, 0, false);
	}
}

/* One look at every other worker, from a random one on; ticks has n elements, or is NULL. */
static struct g *look_around(struct p *pp, const uint32_t *ticks, uint32_t n)
{
	uint32_t from = rt_choose(n);

	for (uint32_t i = 0; i < n; i++) {
		struct p *victim = &rt.workers[(from + i) % n];
		uint32_t tick = __atomic_load_n(&victim->tick, __ATOMIC_RELAXED);
		struct g *gp;

		fire_timers(pp, &victim->timers);
		if (victim == pp)
			continue;
		gp = rt_runq_steal(pp, victim,
				    (ticks && ticks[victim->id] == tick) || rt_chaos(4));
		if (gp)
			return gp;
	}
	return local(pp);
}

/* Look for work elsewhere, for a while. */
static struct g *search(struct m *mp)
{
	struct p *pp = mp->p;
	uint32_t ticks[WORKERS_MAX]; // as they were at first
	uint32_t n = rt_nworkers();
	int64_t began;
	struct g *gp;

	if (!mp->spinning) {
		uint32_t busy = __atomic_load_n(&rt.nactive, __ATOMIC_RELAXED) -
				__atomic_load_n(&rt.nidle, __ATOMIC_RELAXED);

		if (2 * __atomic_load_n(&rt.spinning, __ATOMIC_RELAXED) >= busy)
			return NULL;
		mp->spinning = true;
		__atomic_fetch_add(&rt.spinning, 1, __ATOMIC_SEQ_CST);
	}
	for (uint32_t i = 0; i < n; i++)
		ticks[i] = __atomic_load_n(&rt.workers[i].tick, __ATOMIC_RELAXED);
	began = rt_now();
	for (;;) {
		int64_t ns = rt_now() - began;

		gp = look_around(pp, ns > NEXT_STEAL_NS ? ticks : NULL, n);
		if (!gp)
			gp = rt_globq_get(pp, RUNQ / 2);
		if (!gp && n > 1) {
			poll_here(pp);
			gp = local(pp);
		}
		if (gp || n == 1 || ns > SPIN_NS ||
		    __atomic_load_n(&rt.stopping, __ATOMIC_RELAXED))
			return gp;
		for (int i = 0; i < 20; i++)
			rt_cpu_relax();
	}
}

/* The number of workers has changed (procs.c).  True if the thread has had to give its own up. */
static bool settle(struct m *mp)
{
	bool gone = false;

	if (rt_workers_surplus()) {
		rt_lock(&rt.lock);
		gone = rt_workers_surplus();
		if (gone) {
			rt_trace_p_stop(mp->p->id);
			rt_worker_push(mp->p);
			release(mp);
		}
		rt_unlock(&rt.lock);
	} else if (rt_workers_orphans()) {
		for (uint32_t i = 0; i < rt_nworkers(); i++)
			fire_timers(mp->p, &rt.workers[i].timers);
	} else {
		rt_workers_settle();
	}
	return gone;
}

/* Be late, now and then, and take the other way between goroutines for a while. */
static void make_chaos(void)
{
	if (rt_chaos(32))
		for (uint32_t i = rt_choose(5000); i > 0; i--)
			rt_cpu_relax();
	if (rt_chaos(16))
		__atomic_fetch_xor(&rt.detour, DETOUR_CHAOS, __ATOMIC_RELAXED);
}

/* What the thread can run without a look at the queues of other workers, or NULL. */
static struct g *nearest(struct m *mp)
{
	struct p *pp = mp->p;
	struct g *gp = NULL;

	__atomic_store_n(&pp->tick, pp->tick + 1, __ATOMIC_RELAXED);
	fire_timers(pp, &pp->timers);
	if (rt.chaos)
		make_chaos();
	if (pp->tick % FAIR == 0 || rt_chaos(8)) {
		poll_here(pp);
		gp = rt_globq_get(pp, 1);
		if (!gp)
			gp = rt_runq_pop(pp);
	}
	if (!gp)
		gp = local(pp);
	if (!gp)
		gp = rt_globq_get(pp, RUNQ / 2);
	if (!gp) {
		poll_here(pp);
		gp = local(pp);
	}
	return gp;
}

/* The next goroutine to run on this thread, or to hand over to the one that it is pinned to. */
static struct g *next(struct m *mp)
{
	for (;;) {
		struct p *pp = mp->p;
		struct g *gp = NULL;

		if (__atomic_load_n(&rt.stopping, __ATOMIC_ACQUIRE))
			leave(mp);
		if (rt_detour(DETOUR_PROCS) && pp && settle(mp))
			pp = NULL;
		if (pp) {
			gp = nearest(mp);
			if (!gp) {
				rt_trace_p_idle(pp->id);
				gp = search(mp);
			}
			if (gp)
				return found(mp, gp);
		}
		idle(mp);
	}
}

/* ---- A thread that a goroutine is pinned to --------------------------------------------- */

/* gp, which was taken from a queue, runs only on its own thread: that one gets the worker for it.
 * It waits, or is about to; nobody else gives it one, for gp was in one queue and is in none now. */
static void hand_to_pinned(struct m *mp, struct g *gp)
{
	struct m *to = gp->pinned;
	struct p *pp = mp->p;

	rt_trace_p_stop(pp->id);
	release(mp);
	rt_lock(&rt.lock);
	to->given = pp;
	rt_unlock(&rt.lock);
	rt_note_wake(&to->note);
}

/* The thread waits without a worker: others see to what was queued on it, to gp, which was taken
 * from there or is NULL, to the first timer and to edges. */
static void give_worker_up(struct m *mp, struct g *gp)
{
	int64_t first;
	bool unkept;

	rt_lock(&rt.lock);
	if (gp)
		rt_globq_put(gp, gp, 1);
	rt_runq_flush(mp->p);
	rt_trace_p_stop(mp->p->id);
	rt_worker_push(mp->p);
	release(mp);
	first = rt_timers_first();
	if (deadlocked(first)) {
		rt_unlock(&rt.lock);
		rt_deadlock(__atomic_load_n(&rt.main_exited, __ATOMIC_RELAXED));
	}
	if (rt.keeper && first < rt.keeper_until) {
		rt.keeper_until = first;
		keeper_wake();
	}
	unkept = !rt.keeper && (first != INT64_MAX || rt.polling);
	rt_unlock(&rt.lock);
	__atomic_thread_fence(__ATOMIC_SEQ_CST); // with a waker that found no idle worker
	if (unkept || rt_runq_any())
		rt_wake_worker(); // who finds nothing becomes the keeper
}

/* The thread's goroutine has left its stack.  Returns when it is to go on.  The thread is meanwhile
 * not in the list of idle ones and never the keeper: it is woken by hand_to_pinned alone. */
static struct g *next_pinned(struct m *mp)
{
	struct p *pp = NULL;
	struct g *gp;

	if (__atomic_load_n(&rt.stopping, __ATOMIC_ACQUIRE))
		leave(mp);
	if (mp->p) {
		gp = nearest(mp);
		if (gp == mp->pinned && !rt_detour(DETOUR_PROCS))
			return gp;
		if (gp && gp->pinned && gp != mp->pinned)
			hand_to_pinned(mp, gp);
		else
			give_worker_up(mp, gp);
	}
	while (!pp) {
		rt_note_sleep(&mp->note, INT64_MAX);
		if (__atomic_load_n(&rt.stopping, __ATOMIC_ACQUIRE))
			leave(mp);
		rt_lock(&rt.lock);
		pp = mp->given;
		mp->given = NULL;
		rt_unlock(&rt.lock);
	}
	acquire(mp, pp);
	return mp->pinned;
}

/* Until a goroutine leaves its stack for this one: gp, or one that ran after it. */
static void run(struct m *mp, struct g *gp)
{
	for (;;) {
		rt_context_switch(&mp->ctx, &gp->ctx);
		gp = mp->left;
		mp->left = NULL;
		if (mp->commit(gp, mp->commit_arg))
			break;
		unpark(gp);
	}
	mp->curg = NULL;
}

static void *thread_main(void *arg)
{
	struct m *mp = arg;
	struct p *pp;

	rt_thread_m = mp;
	mp->tid = (uint32_t)gettid();
	rt_signal_stack();
	rt_context_here(&mp->ctx);
	rt_trace_m_start(0);
	rt_lock(&rt.lock);
	pp = mp->given;
	mp->given = NULL;
	mp->all = rt.all;
	__atomic_store_n(&rt.all, mp, __ATOMIC_RELEASE); // pairs with weft_run's look at the end
	rt_unlock(&rt.lock);
	acquire(mp, pp);
	for (;;) {
		struct g *gp = mp->pinned ? next_pinned(mp) : next(mp);

		if (gp->pinned == mp || !gp->pinned)
			run(mp, gp);
		else
			hand_to_pinned(mp, gp);
	}
	return NULL;
}

/* ---- The run ---------------------------------------------------------------------------- */

static struct {
	int (*fn)(void *arg);
	void *arg;
} main_of;

static void main_main(void *arg)
{
	(void)arg;
	rt.status = main_of.fn(main_of.arg);
	rt_locals_end(rt_curg());
	if (rt_watch_leaks() && !rt.status)
		rt.status = 3;
	rt_enter("");
	while (__atomic_load_n(&rt.stopping, __ATOMIC_ACQUIRE))
		pause(); // another thread is ending the program, with its own status
	rt_trace_run_stop(rt.status);
	rt_trace_g_exit(1);
	rt_release(&rt.done);
	__atomic_store_n(&rt.stopping, true, __ATOMIC_RELEASE);
	__atomic_fetch_or(&rt.detour, DETOUR_END, __ATOMIC_RELAXED);
	for (struct m *mp = __atomic_load_n(&rt.all, __ATOMIC_ACQUIRE); mp; mp = mp->all) {
		uint32_t no = WANTED_NO; // so that they stop where they next enter the runtime

		/* Not ASKED: the monitor may have asked for the worker before, and seen inside at 0,
		 * and would take this for its own. */
		__atomic_compare_exchange_n(&mp->wanted, &no, WANTED_TO_END, false,
					    __ATOMIC_RELEASE, __ATOMIC_RELAXED);
	}
	rt_note_wake(&rt.done);
	leave_stack(rt_self(), rt_curg(), commit_exit, NULL);
}

static void init(void)
{
	uint32_t n = (uint32_t)rt_env_number(
		"WEFT_PROCS", 1, WORKERS_MAX,
		rt_env_cpus() < WORKERS_MAX ? rt_env_cpus() : WORKERS_MAX, false);

	rt_stack_default = rt_stack_round(
		(size_t)rt_env_number("WEFT_STACK", RT_STACK_MIN, RT_STACK_MAX, 64 << 10, true));
	rt.threads_max = (uint32_t)rt_env_number("WEFT_MAXTHREADS", n, 1 << 20, 10000, false);
	rt.pid = getpid();
	pthread_atfork(NULL, NULL, forked);
	rt_env_debug_check();
	rt_schedtrace_init();
	rt.chaos = (uint64_t)rt_env_debug("chaos", 0, INT64_MAX, 0);
	rt_watch_init();
	rt_workers_init(n);
	rt.coarse = rt_now();
	rt_catch_faults();
	rt_dump_start();
	rt_trace_run_start(WEFT_VERSION, n, rt_stack_default);
}

/* Let idle threads say goodbye in the trace; those in users' code are not waited for. */
static void say_goodbye(void)
{
	int64_t deadline = rt_now() + 50 * WEFT_MS;

	rt_lock(&rt.lock);
	for (struct m *mp = rt.all; mp; mp = mp->all) // idle ones, and pinned ones that wait
		rt_note_wake(&mp->note);
	if (rt.keeper)
		keeper_wake();
	rt_unlock(&rt.lock);
	rt_note_wake(&rt.monitor);
	rt_watch_stop();
	while (rt_now() < deadline) {
		uint32_t busy = 0;

		for (struct m *mp = __atomic_load_n(&rt.all, __ATOMIC_ACQUIRE); mp; mp = mp->all)
			busy += !__atomic_load_n(&mp->inside, __ATOMIC_RELAXED);
		if (__atomic_load_n(&rt.leaving, __ATOMIC_ACQUIRE) <= busy)
			return;
		nanosleep(&(struct timespec){0, 50000}, NULL);
	}
}

/* Meanwhile most signals come to this thread. */
static void wait_for_end(void)
{
#if WEFT_TSAN // it keeps signals back until a thread blocks in a call that it knows
	while (!__atomic_load_n(&rt.done.set, __ATOMIC_ACQUIRE))
		usleep(1000);
#endif
	rt_note_sleep(&rt.done, INT64_MAX);
}

int weft_run_at(int (*fn)(void *arg), void *arg, weft_site *site)
{
	const weft_go_opts opts = {NULL, rt_stack_default < (1 << 20) ? 1 << 20 : 0};
	struct p *pp;

	if (rt_is_forked())
		refuse_forked();
	if (rt.nworkers)
		rt_fatal(site, "weft_run was called a second time");
	if (!fn)
		rt_fatal(site, "weft_run of a NULL function");
	main_of.fn = fn;
	main_of.arg = arg;
	init();
	pp = &rt.workers[0];
	pp->runnext = g_make(&pp->dead, main_main, NULL, &opts, site, 0, 0);
	rt_sysmon_start();
	start(pp, false);
	wait_for_end();
	rt_acquire(&rt.done);
	if (rt_trace_on())
		say_goodbye();
	return rt.status;
}
