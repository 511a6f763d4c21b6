/* SPDX-License-Identifier: MIT */
/* Condition variables.
 *
 * A goroutine queues itself with the mutex still locked, so signals that come after it unlocked
 * find it, in order of queueing.  From then on it does not touch the cond, unless its context is
 * cancelled: who takes it out of the queue tells it in its own waiter, which says whether it is
 * parked yet.  So the cond may be freed as soon as nobody is in its queue.
 */
#include "cancel.h"
#include "throw.h"

enum { AWAKE, PARKED, SIGNALLED };

/* The first field is what the queue has. */
struct cond_waiter {
	struct weft_waiter w;
	uint32_t state;
	struct rt_cancel cancel; /* if its wait can be cancelled */
};

static struct rt_lock *lock_of(weft_cond *c)
{
	return (struct rt_lock *)&c->lock;
}

static struct cond_waiter *of(struct weft_waiter *w)
{
	return (struct cond_waiter *)w;
}

/* ---- Locks ------------------------------------------------------------------------------ */

static void mutex_lock(void *mu, weft_site *site)
{
	weft_mutex_lock_at(mu, site);
}

static void mutex_unlock(void *mu, weft_site *site)
{
	weft_mutex_unlock_at(mu, site);
}

static void rwmutex_lock(void *rw, weft_site *site)
{
	weft_rwmutex_lock_at(rw, site);
}

static void rwmutex_unlock(void *rw, weft_site *site)
{
	weft_rwmutex_unlock_at(rw, site);
}

static void rwmutex_rlock(void *rw, weft_site *site)
{
	weft_rwmutex_rlock_at(rw, site);
}

static void rwmutex_runlock(void *rw, weft_site *site)
{
	weft_rwmutex_runlock_at(rw, site);
}

weft_locker weft_mutex_locker(weft_mutex *mu)
{
	return (weft_locker){mutex_lock, mutex_unlock, mu};
}

weft_locker weft_rwmutex_locker(weft_rwmutex *rw)
{
	return (weft_locker){rwmutex_lock, rwmutex_unlock, rw};
}

weft_locker weft_rwmutex_rlocker(weft_rwmutex *rw)
{
	return (weft_locker){rwmutex_rlock, rwmutex_runlock, rw};
}

/* ---- Waiting ---------------------------------------------------------------------------- */

static void push(weft_cond *c, struct cond_waiter *cw)
{
	rt_lock(lock_of(c));
	rt_waitq_push(&c->q, &cw->w);
	rt_unlock(lock_of(c));
}

static bool park(struct cond_waiter *cw)
{
	uint32_t awake = AWAKE;

	return __atomic_compare_exchange_n(&cw->state, &awake, PARKED, false, __ATOMIC_ACQ_REL,
					   __ATOMIC_ACQUIRE);
}

static bool commit_parked(struct g *gp, void *arg)
{
	(void)gp;
	return park(arg);
}

static bool commit_parked_unlock(struct g *gp, void *arg)
{
	struct cond_waiter *cw = arg;
	weft_chan *done = cw->cancel.done; // once parked, *cw lasts only until this is unlocked
	bool parked = park(cw);

	(void)gp;
	rt_spin_unlock(&done->lock);
	return parked;
}

/* Until it is signalled; true if its context was cancelled first. */
static bool wait_in(weft_cond *c, struct cond_waiter *cw, weft_site *site)
{
	if (cw->w.select && rt_cancel_begin(&cw->cancel, cw->w.g, site)) {
		rt_park(WAIT_cond_wait, c, site, commit_parked_unlock, cw);
		return rt_cancel_end(&cw->cancel);
	}
	if (cw->w.select && rt_waiter_win(&cw->w)) // nobody will signal to it any more
		return true;
	rt_park(WAIT_cond_wait, c, site, commit_parked, cw);
	return false;
}

static void give_up(weft_cond *c, struct cond_waiter *cw)
{
	rt_lock(lock_of(c));
	rt_waitq_remove(&c->q, &cw->w);
	rt_unlock(lock_of(c));
}

/* done: the context's channel, or NULL. */
static int wait(weft_cond *c, const weft_locker *l, weft_ctx *ctx, weft_chan *done, weft_site *site)
{
	struct cond_waiter cw = {.cancel.done = done};
	int err = 0;

	cw.w.g = rt_enter("weft_cond_wait")->curg;
	if (done)
		cw.w.select = &cw.cancel.select;
	push(c, &cw);
	rt_leave();
	l->unlock(l->arg, site);
	rt_enter("weft_cond_wait");
	if (wait_in(c, &cw, site)) {
		give_up(c, &cw);
		err = weft_ctx_err(ctx);
		rt_trace(cond_cancel, c, cw.w.g->id, l->arg, err, rt_trace_site(site));
	} else {
		rt_acquire(&cw);
		rt_trace(cond_wait, c, cw.w.g->id, l->arg, rt_trace_site(site));
	}
	rt_leave();
	l->lock(l->arg, site);
	return -err;
}

void weft_cond_wait_at(weft_cond *c, weft_mutex *mu, weft_site *site)
{
	const weft_locker l = weft_mutex_locker(mu);

	wait(c, &l, NULL, NULL, site);
}

int weft_cond_wait_locker_at(weft_cond *c, weft_locker l, weft_ctx *ctx, weft_site *site)
{
	return wait(c, &l, ctx, weft_ctx_done_at(ctx, site), site);
}

/* ---- Signalling ------------------------------------------------------------------------- */

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
	rt_trace(cond_signal, c, gp->id, w ? w->g->id : 0, rt_trace_site(site));
	wake(w);
	rt_leave();
}

void weft_cond_broadcast_at(weft_cond *c, weft_site *site)
{
	struct g *gp = rt_enter("weft_cond_broadcast")->curg;
	weft_waitq all = {0};
	struct weft_waiter *w;
	uint32_t n = 0;

	rt_lock(lock_of(c));
	for (; (w = rt_waitq_pop(&c->q)); n++)
		rt_waitq_push(&all, w);
	rt_unlock(lock_of(c));
	rt_trace(cond_broadcast, c, gp->id, n, rt_trace_site(site));
	wake(all.head);
	rt_leave();
}
