/* SPDX-License-Identifier: MIT */
/* Threads that have nothing to run, and the keeper among them, which sleeps only until the first
 * timer or edge.  Here it is found out that everything waits: deadlock. */
#include "thread.h"

#include "netpoll.h"
#include "procs.h"
#include "runq.h"
#include "signals.h"
#include "throw.h"

#include <time.h>
#include <unistd.h>

/* After so many searches in vain, sleep before each. */
enum { VAIN_MOST = 4, NAP_NS = 50000 };

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

void rt_thread_leave(struct m *mp)
{
	if (mp->p) {
		rt_trace(p_stop, mp->p->id);
		rt_worker_release(mp);
	}
	rt_trace(m_stop, rt_trace_count() + 1);
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

void rt_keeper_wake(void)
{
	if (!rt.keeper_polls) {
		rt_note_wake(&rt.keeper->note);
	} else if (!rt.keeper_called) {
		__atomic_store_n(&rt.keeper_called, true, __ATOMIC_RELAXED);
		rt_netpoll_wake();
	}
}

void rt_keeper_hurry(int64_t first)
{
	if (!rt.keeper || first >= rt.keeper_until)
		return;
	rt.keeper_until = first;
	rt_keeper_wake();
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
		rt_keeper_wake();
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
		rt_set_status(gp, G_RUNNABLE);
		rt_trace(g_ready, gp->id, 0, 0);
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
		rt_ready_by(pp, gp, 0, false);
	}
}

void rt_poll_here(struct p *pp)
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
		rt_pushed_globally();
	return any;
}

void rt_die_if_deadlocked(int64_t first)
{
	if (!deadlocked(first))
		return;
	rt_unlock(&rt.lock);
	rt_deadlock(__atomic_load_n(&rt.main_exited, __ATOMIC_RELAXED));
}

void rt_check_deadlock(void)
{
	rt_lock(&rt.lock);
	rt_die_if_deadlocked(rt_timers_first());
	rt_unlock(&rt.lock);
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
			rt_thread_leave(mp);
		}
		first = rt_timers_first();
		rt_die_if_deadlocked(first);
		if ((first != INT64_MAX || rt.polling) && !rt.keeper && keep) {
			__atomic_store_n(&rt.keeper, mp, __ATOMIC_RELAXED);
			rt.keeper_until = until = first;
			rt.keeper_polls = polls = rt.polling;
		} else {
			rt_keeper_hurry(first);
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
				rt_start_spinning(mp);
			} else {
				ready_globally(ready);
			}
		} else {
			pp = mp->given; // or the program ends
			mp->given = NULL;
		}
		rt_unlock(&rt.lock);
		if (__atomic_load_n(&rt.stopping, __ATOMIC_ACQUIRE))
			rt_thread_leave(mp);
		if (pp) {
			rt_worker_acquire(mp, pp);
			ready_all(pp, ready);
		}
		keep = false; // nobody is idle: each worker sees to its own timers
	}
}

/* After some searches that left to others what they had, which is quick: to look on would take a
 * cpu that somebody else may want.  The thread counts as one that looks, so nobody wakes it; if a
 * goroutine computes after all, those behind it wait for 0.1 to 0.2 ms, and so may an edge or who
 * comes from outside.  Its worker is idle meanwhile, for who comes back from a system call. */
static void nap(void)
{
	static const struct timespec t = {.tv_nsec = NAP_NS};

	if (rt_timers_first() - rt_now() > 4 * NAP_NS)
		nanosleep(&t, NULL);
}

void rt_idle(struct m *mp)
{
	if (mp->p) {
		rt_lock(&rt.lock);
		if (rt.globq) {
			rt_unlock(&rt.lock);
			return;
		}
		rt_worker_give_up(mp);
		rt_unlock(&rt.lock);
	}
	if (mp->spinning) {
		if (mp->in_vain >= VAIN_MOST && rt_runq_any())
			nap();
		rt_stop_spinning(mp);
		if (rt_runq_any()) {
			struct p *pp;

			rt_lock(&rt.lock);
			pp = rt_worker_pop();
			rt_unlock(&rt.lock);
			if (pp) {
				rt_worker_acquire(mp, pp);
				rt_start_spinning(mp);
				mp->in_vain++;
				return;
			}
		}
	} else {
		__atomic_thread_fence(__ATOMIC_SEQ_CST); // with a waker that found no idle worker
		if (rt_runq_any())
			rt_wake_worker();
	}
	mp->in_vain = 0;
	sleep_until_given(mp);
}
