/* SPDX-License-Identifier: MIT */
/* Goroutines that are pinned to their thread.
 *
 * gp->pinned == mp and mp->pinned == gp hold from weft_pin to the last weft_unpin, and both are
 * changed by the goroutine, in the runtime, on that thread.  So the thread knows without a lock
 * that it may run no other, and whoever takes the goroutine from a queue, after which it has what
 * the goroutine did before, sees whose it is.  A pinned goroutine that leaves its stack goes to its
 * thread's own, where the thread gives its worker up and sleeps; whoever takes the goroutine from a
 * queue hands its own worker over to that thread.
 */
#include "netpoll.h"
#include "procs.h"
#include "runq.h"
#include "thread.h"
#include "throw.h"

void weft_pin_at(weft_site *site)
{
	struct m *mp = rt_enter("weft_pin");
	struct g *gp = mp->curg;

	if (!gp->stack->pins++)
		__atomic_fetch_add(&rt.pinned, 1, __ATOMIC_RELAXED);
	gp->pinned = mp;
	mp->pinned = gp;
	rt_trace(g_pin, gp->id, gp->stack->pins, rt_trace_site(site));
	rt_leave();
}

void weft_unpin_at(weft_site *site)
{
	struct m *mp = rt_enter_unlock("weft_unpin");
	struct g *gp = mp->curg;

	if (!gp->stack->pins)
		rt_panic(site, "weft_unpin of a goroutine that is not pinned");
	rt_trace(g_unpin, gp->id, gp->stack->pins - 1, rt_trace_site(site));
	if (gp->stack->pins == 1)
		rt_pin_end(mp, gp);
	else
		gp->stack->pins--;
	rt_leave();
}

void rt_pin_end(struct m *mp, struct g *gp)
{
	__atomic_fetch_sub(&rt.pinned, 1, __ATOMIC_RELAXED);
	gp->stack->pins = 0;
	gp->pinned = NULL;
	mp->pinned = NULL;
}

/* That thread waits, or is about to; nobody else gives it a worker, for gp was in one queue and is
 * in none now. */
void rt_pin_hand_over(struct m *mp, struct g *gp)
{
	struct m *to = gp->pinned;
	struct p *pp = mp->p;

	rt_trace(p_stop, pp->id);
	rt_worker_release(mp);
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
	if (gp) {
		rt_trace(p_give, mp->p->id, 1);
		rt_globq_put(gp, gp, 1);
	}
	rt_runq_flush(mp->p);
	rt_worker_give_up(mp);
	first = rt_timers_first();
	rt_die_if_deadlocked(first);
	rt_keeper_hurry(first);
	unkept = !rt.keeper && (first != INT64_MAX || rt.polling);
	rt_unlock(&rt.lock);
	__atomic_thread_fence(__ATOMIC_SEQ_CST); // with a waker that found no idle worker
	if (unkept || rt_runq_any())
		rt_wake_worker(); // who finds nothing becomes the keeper
}

/* The thread is meanwhile not in the list of idle ones and never the keeper: it is woken by
 * rt_pin_hand_over alone. */
struct g *rt_pin_next(struct m *mp)
{
	struct p *pp = NULL;
	struct g *gp;

	if (__atomic_load_n(&rt.stopping, __ATOMIC_ACQUIRE))
		rt_thread_leave(mp);
	if (mp->p) {
		gp = rt_nearest(mp);
		if (gp == mp->pinned && !rt_detour(DETOUR_PROCS))
			return gp;
		if (gp && gp->pinned && gp != mp->pinned)
			rt_pin_hand_over(mp, gp);
		else
			give_worker_up(mp, gp);
	}
	while (!pp) {
		rt_note_sleep(&mp->note, INT64_MAX);
		if (__atomic_load_n(&rt.stopping, __ATOMIC_ACQUIRE))
			rt_thread_leave(mp);
		rt_lock(&rt.lock);
		pp = mp->given;
		mp->given = NULL;
		rt_unlock(&rt.lock);
	}
	rt_worker_acquire(mp, pp);
	return mp->pinned;
}
