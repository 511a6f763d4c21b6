/* SPDX-License-Identifier: MIT */
/* Condition variables.
 *
 * A goroutine queues itself with the mutex still locked, so signals that come after it unlocked
 * find it, in order of queueing.  From then on it does not touch the cond: who takes it out of the
 * queue tells it in its own waiter, which says whether it is parked yet.  So the cond may be freed
 * as soon as nobody is in its queue.
 */
#include "lock.h"
#include "throw.h"
#include "waitq.h"

enum { AWAKE, PARKED, SIGNALLED };

/* The first field is what the queue has. */
struct cond_waiter {
	struct weft_waiter w;
	uint32_t state;
};

static struct rt_lock *lock_of(weft_cond *c)
{
	return (struct rt_lock *)&c->lock;
}

static struct cond_waiter *of(struct weft_waiter *w)
{
	return (struct cond_waiter *)w;
}

static bool commit_parked(struct g *gp, void *arg)
{
	struct cond_waiter *cw = arg;
	uint32_t awake = AWAKE;

	(void)gp;
	return __atomic_compare_exchange_n(&cw->state, &awake, PARKED, false, __ATOMIC_ACQ_REL,
					   __ATOMIC_ACQUIRE);
}

void weft_cond_wait_at(weft_cond *c, weft_mutex *mu, weft_site *site)
{
	struct cond_waiter cw = {.w.g = NULL};

	cw.w.g = rt_enter("weft_cond_wait")->curg;
	rt_lock(lock_of(c));
	rt_waitq_push(&c->q, &cw.w);
	rt_unlock(lock_of(c));
	rt_leave();
	weft_mutex_unlock_at(mu, site);
	rt_enter("weft_cond_wait");
	rt_park(WAIT_cond_wait, c, site, commit_parked, &cw);
	rt_acquire(&cw);
	rt_trace_cond_wait(c, cw.w.g->id, mu, rt_trace_site(site));
	rt_leave();
	weft_mutex_lock_at(mu, site);
}

/* Tell those in the list, who are in no queue any more.  One that is not parked yet may return at
 * once, and its waiter is gone. */
static void wake(struct weft_waiter *w)
{
	while (w) {
		struct weft_waiter *next = w->next;
		struct g *gp = w->g;

		rt_release(w);
		if (__atomic_exchange_n(&of(w)->state, SIGNALLED, __ATOMIC_ACQ_REL) == PARKED)
			rt_ready(gp);
		w = next;
	}
}

void weft_cond_signal_at(weft_cond *c, weft_site *site)
{
	struct g *gp = rt_enter("weft_cond_signal")->curg;
	struct weft_waiter *w;

	rt_lock(lock_of(c));
	w = rt_waitq_pop(&c->q);
	rt_unlock(lock_of(c));
	rt_trace_cond_signal(c, gp->id, w ? w->g->id : 0, rt_trace_site(site));
	wake(w);
	rt_leave();
}

void weft_cond_broadcast_at(weft_cond *c, weft_site *site)
{
	struct g *gp = rt_enter("weft_cond_broadcast")->curg;
	struct weft_waiter *all;
	uint32_t n = 0;

	rt_lock(lock_of(c));
	all = c->q.head;
	c->q = (weft_waitq){0};
	rt_unlock(lock_of(c));
	for (struct weft_waiter *w = all; w; w = w->next)
		n++;
	rt_trace_cond_broadcast(c, gp->id, n, rt_trace_site(site));
	wake(all);
	rt_leave();
}
