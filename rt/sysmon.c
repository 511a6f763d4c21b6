/* SPDX-License-Identifier: MIT */
/* The monitor: a thread that runs no goroutines.  It takes workers back from threads that hold them
 * for long, lets an idle worker look for goroutines that wait for a busy one, keeps the time for
 * reports, and passes on signals.
 *
 * Taking a worker back moves no stack and needs no signal.  A thread in the runtime has inside = 1;
 * it may lose its worker only while inside is 0, that is in users' code.
 *
 *     thread, entering:  inside = 1; compiler barrier; if (wanted) ...
 *     monitor:           wanted = ASKED; membarrier; if (!inside) wanted = TAKING, then TAKEN
 *
 * The membarrier makes every other thread of the process execute a full fence, so either the thread
 * sees ASKED when it enters, or the monitor sees inside = 1 and leaves the worker where it is. Both
 * leave ASKED by compare-and-swap: the thread to NO, and yields; the monitor to TAKING, and owns
 * the worker.  TAKING lasts while g_detach is emitted, so that it precedes the thread's g_attach.
 * wanted is back at NO whenever a thread gains or gives up a worker, so an ASKED for an earlier
 * worker is dropped: m->p is checked after inside was seen at 0, when it cannot change.
 */
#define _GNU_SOURCE
#include "blocked.h"
#include "dump.h"
#include "fence.h"
#include "runq.h"
#include "sample.h"
#include "sched.h"
#include "schedtrace.h"
#include "signals.h"
#include "throw.h"
#include "watch.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

/* The monitor looks every SLOW_NS; while a worker is idle and another busy every FAST_NS at first,
 * and less often, down to HALF_NS, the longer nobody was found to wait. */
enum {
	SLICE_NS = 10 * 1000 * 1000,
	SLOW_NS = SLICE_NS,
	HALF_NS = 1000 * 1000,
	FAST_NS = 200 * 1000,
	TRIM_NS = 3 * 1000 * 1000 /* while stacks are given back: a third of its time at most */
};

/* What the monitor last saw of each worker. */
static struct {
	uint32_t tick;
	int64_t since; /* when that tick was first seen */
} seen[WORKERS_MAX];

/* Said when a worker would be taken back for the first time. */
static void say_no_barrier(void)
{
	static bool said;

	if (!said)
		dprintf(STDERR_FILENO, "weft: this system has no membarrier: a goroutine that "
				       "blocks in C code or computes for long keeps its worker\n");
	said = true;
}

static bool queued(struct p *pp)
{
	return __atomic_load_n(&pp->runnext, __ATOMIC_RELAXED) ||
	       __atomic_load_n(&pp->head, __ATOMIC_RELAXED) !=
		       __atomic_load_n(&pp->tail, __ATOMIC_RELAXED);
}

/* Somebody has to wait because this worker is held. */
static bool needed(struct p *pp, int64_t now)
{
	return queued(pp) || __atomic_load_n(&rt.nglobq, __ATOMIC_RELAXED) ||
	       rt_timers_want_more(rt_timers_next(&pp->timers), now);
}

/* Workers that were taken and found no thread, which are not idle; linked by next. */
static struct p *orphans;

static void orphan_push(struct p *pp)
{
	pp->next = orphans;
	orphans = pp;
}

/* After a thread could not be started, or was one too many: a thread may have come back since, or
 * the system have one. What an idle worker without a thread was to look for may be in any queue;
 * and while it was not in the list of idle ones a deadlock may have gone unseen. */
static void retry_threads(void)
{
	while (orphans) {
		struct p *pp = orphans;

		orphans = pp->next;
		if (!rt_thread_start(pp, false)) {
			orphan_push(pp);
			return;
		}
	}
	if (rt_runq_any() || __atomic_load_n(&rt.nidle, __ATOMIC_RELAXED) ==
				     __atomic_load_n(&rt.nactive, __ATOMIC_RELAXED))
		rt_wake_worker();
}

/* For the trace: the system call that a thread is in, as an event's field. */
static const char *call_of(uint32_t tid)
{
	struct rt_blocked b;

	switch (rt_blocked(tid, &b)) {
	case RT_BLOCKED_NOT:
		return "none";
	case RT_BLOCKED_IN_CALL:
		return b.call < 0 ? "none" : rt_trace_call_name(b.call);
	default:
		return "unknown";
	}
}

/* The worker is ours: its goroutine goes on without, in this system call. */
static void take(struct m *mp, struct p *pp, const char *call)
{
	struct g *gp = mp->curg;

	__atomic_fetch_add(&rt.detached, 1, __ATOMIC_RELAXED);
	__atomic_store_n(&gp->status, G_DETACHED, __ATOMIC_RELAXED);
	rt_trace(g_detach, gp->id, pp->id, mp->tid, call);
	__atomic_store_n(&pp->m, NULL, __ATOMIC_RELAXED);
	__atomic_store_n(&mp->wanted, WANTED_TAKEN, __ATOMIC_RELEASE); // pairs with enter_wanted
	if (!rt_thread_start(pp, false))
		orphan_push(pp);
}

static void ask(struct p *pp)
{
	struct m *mp = __atomic_load_n(&pp->m, __ATOMIC_ACQUIRE);
	uint32_t wanted = WANTED_NO;
	const char *call = "";

	if (!mp)
		return;
	__atomic_compare_exchange_n(&mp->wanted, &wanted, WANTED_ASKED, false, __ATOMIC_SEQ_CST,
				    __ATOMIC_RELAXED);
	rt_fence_ask();
	if (__atomic_load_n(&mp->inside, __ATOMIC_ACQUIRE) ||
	    __atomic_load_n(&rt.stopping, __ATOMIC_RELAXED)) // nobody needs it any more
		return;
	if (rt_trace_on())
		call = call_of(mp->tid);
	wanted = WANTED_ASKED;
	if (__atomic_load_n(&mp->p, __ATOMIC_RELAXED) != pp ||
	    !__atomic_compare_exchange_n(&mp->wanted, &wanted, WANTED_TAKING, false,
					 __ATOMIC_ACQ_REL, __ATOMIC_RELAXED))
		return;
	take(mp, pp, call);
}

/* A worker that is taken is likely to find a thread within the bound. */
static bool spare_thread(void)
{
	bool idle;

	if (__atomic_load_n(&rt.threads, __ATOMIC_RELAXED) < rt_threads_most() &&
	    __atomic_load_n(&rt.thread_retry, __ATOMIC_RELAXED) <= rt_coarse_now())
		return true;
	rt_lock(&rt.lock);
	idle = rt.idle_threads != NULL;
	rt_unlock(&rt.lock);
	return idle;
}

/* Look at each worker once; true if an idle worker was set to work.  Timers of removed workers need
 * any worker that is left. */
static bool look(int64_t now)
{
	bool late = rt_detour(DETOUR_PROCS) && rt_timers_first() <= now;
	bool woke = false;

	for (uint32_t i = 0; i < rt_nworkers(); i++) {
		struct p *pp = &rt.workers[i];
		uint32_t tick = __atomic_load_n(&pp->tick, __ATOMIC_RELAXED);

		if (tick != seen[i].tick || !__atomic_load_n(&pp->m, __ATOMIC_RELAXED)) {
			seen[i].tick = tick;
			seen[i].since = now;
			continue;
		}
		if (!late && !needed(pp, now))
			continue;
		if (__atomic_load_n(&rt.nidle, __ATOMIC_RELAXED))
			woke |= rt_wake_worker();
		else if (now - seen[i].since >= SLICE_NS && !rt_fence_can_ask())
			say_no_barrier();
		else if (now - seen[i].since >= SLICE_NS && spare_thread())
			ask(pp);
	}
	/* A keeper that runs a goroutine leaves the timers of idle workers unkept. */
	if (__atomic_load_n(&rt.nidle, __ATOMIC_RELAXED) &&
	    rt_timers_want_more(rt_timers_first(), now))
		woke |= rt_wake_worker();
	return woke;
}

/* Look for edges if since the last look nobody has: a worker that runs one goroutine for long does
 * not, nor does the keeper while it runs one.  True if a goroutine was made ready. */
static bool look_for_edges(void)
{
	static uint32_t seen_polls;
	uint32_t polls = __atomic_load_n(&rt.polls, __ATOMIC_RELAXED);
	bool idle = __atomic_load_n(&rt.nidle, __ATOMIC_RELAXED);
	bool ready = false;

	if (polls == seen_polls && rt_polled_for() &&
	    !(idle && __atomic_load_n(&rt.keeper, __ATOMIC_RELAXED)))
		ready = rt_poll_for_others();
	seen_polls = __atomic_load_n(&rt.polls, __ATOMIC_RELAXED);
	return ready;
}

/* Chaos: take a worker from whoever has it, at any time.  The next pause. */
static int64_t make_chaos(void)
{
	static uint64_t rng;

	rng = rng * 6364136223846793005u + rt.chaos;
	if (rt_fence_can_ask() && spare_thread())
		ask(&rt.workers[(rng >> 32) % rt_nworkers()]);
	return (int64_t)(rng >> 44); // up to 1 ms
}

static void *sysmon(void *arg)
{
	int64_t pause = FAST_NS;

	(void)arg;
	rt_dump_by_me();
	rt_trace(m_start, 1);
	while (!__atomic_load_n(&rt.stopping, __ATOMIC_ACQUIRE)) {
		uint32_t nidle = __atomic_load_n(&rt.nidle, __ATOMIC_RELAXED);
		int64_t now = rt_now(), next;
		bool found = look_for_edges();

		__atomic_store_n(&rt.coarse, now, __ATOMIC_RELAXED);
		rt_signals_deliver();
		rt_trace_stack_look();
		rt_sample_flush();
		rt_trace_flush(now);
		if (__builtin_expect(__atomic_load_n(&rt.thread_retry, __ATOMIC_RELAXED) != 0, 0) ||
		    __atomic_exchange_n(&rt.threads_short, false, __ATOMIC_RELAXED))
			retry_threads();
		if (look(now) || found || pause == SLOW_NS)
			pause = FAST_NS;
		else if (pause < HALF_NS)
			pause *= 2;
		if (nidle == 0 || nidle == __atomic_load_n(&rt.nactive, __ATOMIC_RELAXED))
			pause = SLOW_NS;
		if (rt.chaos)
			pause = make_chaos();
		rt_watch_start(now);
		if (rt_g_trim(now, rt.chaos) && pause > TRIM_NS)
			pause = TRIM_NS;
		next = rt_schedtrace(now);
		rt_note_sleep(&rt.monitor, next < now + pause ? next : now + pause);
	}
	rt_sample_flush();
	rt_trace(m_stop, rt_trace_count() + 1);
	__atomic_fetch_sub(&rt.leaving, 1, __ATOMIC_RELEASE); // pairs with weft_run
	return NULL;
}

void rt_sysmon_start(void)
{
	pthread_attr_t attr;
	pthread_t thread;
	int err;

	__atomic_fetch_add(&rt.leaving, 1, __ATOMIC_RELAXED);
	pthread_attr_init(&attr);
	pthread_attr_setdetachstate(&attr, PTHREAD_CREATE_DETACHED);
	err = pthread_create(&thread, &attr, sysmon, NULL);
	pthread_attr_destroy(&attr);
	if (err)
		rt_fatal(NULL,
			 "cannot start a thread: %s (see ulimit -u and the cgroup's pids.max)",
			 strerror(err));
}
