/* SPDX-License-Identifier: MIT */
/* Threads, and the workers that they have: between sched.c, thread.c, idle.c, pin.c and run.c. */
#ifndef RT_THREAD_H
#define RT_THREAD_H

#include "sched.h"

enum { FAIR = 61 }; /* every so many goroutines a worker looks at the global queue first */

/* thread.c.  The thread gets the worker, which nobody has; gives it away; gives it up, to be idle,
 * under rt.lock. */
void rt_worker_acquire(struct m *mp, struct p *pp);
void rt_worker_release(struct m *mp);
void rt_worker_give_up(struct m *mp);
/* It looks for work from now on, counted in rt.spinning; it no longer does, and has to look at
 * every queue once more. */
void rt_start_spinning(struct m *mp);
void rt_stop_spinning(struct m *mp);
/* What the thread can run without a look at the queues of other workers, or NULL. */
struct g *rt_nearest(struct m *mp);

/* After a push to the global queue, or to this worker's: see "Waking" in sched.c.  Whose worker is
 * the only one wakes none. */
static inline void rt_pushed_globally(void)
{
	__atomic_thread_fence(__ATOMIC_SEQ_CST);
	rt_wake_worker();
}

static inline void rt_pushed(void)
{
	if (!rt_alone())
		rt_pushed_globally();
}

/* idle.c.  Nothing to run: give the worker back, make sure that nothing came in between, sleep. */
void rt_idle(struct m *mp);
/* The program ends, and with it the thread. */
_Noreturn void rt_thread_leave(struct m *mp);
/* Under rt.lock: wake the keeper; wake it if `first`, the first timer, is due before it would wake;
 * report a deadlock if there is one. */
void rt_keeper_wake(void);
void rt_keeper_hurry(int64_t first);
void rt_die_if_deadlocked(int64_t first);
/* Look for edges, without waiting, from a worker. */
void rt_poll_here(struct p *pp);

/* gather.c.  By a worker that has nothing to run: true if timers that are soon due are now to wait
 * for each other. */
bool rt_timers_gather(struct p *pp, int64_t now);

/* pin.c.  gp, which was taken from a queue, runs only on its own thread: that one gets the worker
 * for it. */
void rt_pin_hand_over(struct m *mp, struct g *gp);
/* The goroutine that is pinned to the thread has left its stack.  Returns it when it is to go on. */
struct g *rt_pin_next(struct m *mp);

/* sched.c. */
static inline void rt_set_status(struct g *gp, enum g_status status)
{
	__atomic_store_n(&gp->status, status, __ATOMIC_RELAXED);
}
/* As rt_ready, by goroutine `by`, or 0; into runnext if `next`, else behind the others. */
void rt_ready_by(struct p *pp, struct g *gp, uint64_t by, bool next);
/* The commit of a wait refused: its goroutine goes on. */
void rt_unpark(struct g *gp);
/* A goroutine that has none gets its stack. */
void rt_g_settle(struct p *pp, struct g *gp);
/* A new goroutine, runnable, in no queue; its record and stack from the cache if that has any. */
struct g *rt_g_make(struct rt_dead *own, void (*fn)(void *), void *arg, const weft_go_opts *opts,
		    weft_site *site, uint64_t parent, uint64_t task);
/* The running goroutine, whose end is in the trace, leaves its stack for ever. */
_Noreturn void rt_g_gone(void);
/* In a forked child. */
void rt_forked(void);
_Noreturn void rt_refuse_forked(void);

#endif
