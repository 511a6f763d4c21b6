/* SPDX-License-Identifier: MIT */
/* Weighted semaphores.
 *
 * s->lock protects the rest.  Who releases hands on what the first waiters want, as far as it goes:
 * a waiter is never passed by a later one, so who wants much gets its turn too.  Every operation
 * takes the lock, and a woken goroutine has what it wants and does not come back to it; so whoever
 * acquires or releases last may free the memory.
 *
 * A waiter whose context is cancelled comes back to leave the queue, and serves those behind it.
 */
#include "cancel.h"
#include "throw.h"

#include <inttypes.h>

/* The first field is what the queue has. */
struct sem_waiter {
	struct weft_waiter w;
	int64_t n;    /* how many it wants */
	int64_t held; /* set by the waker: held then, by all */
};

/* With a context.  The first field again. */
struct ctx_waiter {
	struct sem_waiter sw;
	weft_semaphore *s;
	struct rt_cancel cancel;
};

static struct rt_lock *lock_of(weft_semaphore *s)
{
	return (struct rt_lock *)&s->lock;
}

/* With the lock: take n if nobody waits before. */
static bool take(weft_semaphore *s, int64_t n)
{
	if (s->q.head || n > s->size - s->held)
		return false;
	s->held += n;
	return true;
}

static void check(const weft_semaphore *s, int64_t n, weft_site *site)
{
	if (n < 0 || n > s->size)
		rt_panic(site, "acquire of %" PRId64 " from a semaphore of %" PRId64, n, s->size);
}

static bool commit_unlock(struct g *gp, void *arg)
{
	(void)gp;
	rt_unlock(arg);
	return true;
}

void weft_semaphore_acquire_at(weft_semaphore *s, int64_t n, weft_site *site)
{
	struct sem_waiter sw = {.n = n};
	bool parked;

	sw.w.g = rt_enter("weft_semaphore_acquire")->curg;
	check(s, n, site);
	rt_lock(lock_of(s));
	parked = !take(s, n);
	if (parked) {
		rt_waitq_push(&s->q, &sw.w);
		rt_park(WAIT_semaphore_acquire, s, site, commit_unlock, lock_of(s));
	} else {
		sw.held = s->held;
		rt_unlock(lock_of(s));
	}
	rt_acquire(s);
	rt_trace(semaphore_acquire, s, sw.w.g->id, n, sw.held, s->size, parked,
		 rt_trace_site(site));
	rt_leave();
}

bool weft_semaphore_try_acquire_at(weft_semaphore *s, int64_t n, weft_site *site)
{
	struct m *mp = rt_enter("weft_semaphore_try_acquire");
	int64_t held;
	bool taken;

	check(s, n, site);
	rt_lock(lock_of(s));
	taken = take(s, n);
	held = s->held;
	rt_unlock(lock_of(s));
	if (taken) {
		rt_acquire(s);
		rt_trace(semaphore_acquire, s, mp->curg->id, n, held, s->size, 0,
			 rt_trace_site(site));
	} else {
		rt_polled(mp);
	}
	rt_leave();
	return taken;
}

/* With the lock: take the first waiters that have enough out of the queue. */
static struct weft_waiter *serve(weft_semaphore *s, uint32_t *woken)
{
	weft_waitq served = {0};
	struct weft_waiter *w;

	*woken = 0;
	while ((w = s->q.head)) {
		struct sem_waiter *sw = (struct sem_waiter *)w;

		if (sw->n > s->size - s->held)
			break;
		rt_waitq_remove(&s->q, w);
		if (!rt_waiter_win(w)) // it is cancelled
			continue;
		s->held += sw->n;
		sw->held = s->held;
		rt_waitq_push(&served, w);
		++*woken;
	}
	return served.head;
}

void weft_semaphore_release_at(weft_semaphore *s, int64_t n, weft_site *site)
{
	struct g *gp = rt_enter_unlock("weft_semaphore_release")->curg;
	struct weft_waiter *w;
	uint32_t woken;
	int64_t held;

	rt_lock(lock_of(s));
	held = s->held;
	if (n < 0 || n > held) {
		rt_unlock(lock_of(s));
		rt_panic(site,
			 "release of %" PRId64 " to a semaphore of which %" PRId64 " are held", n,
			 held);
	}
	rt_release(s);
	s->held -= n;
	w = serve(s, &woken);
	rt_trace(semaphore_release, s, gp->id, n, s->held, woken, rt_trace_site(site));
	rt_unlock(lock_of(s));
	rt_waitq_ready(w);
	rt_leave();
}

/* ---- With a context --------------------------------------------------------------------- */

static bool commit_unlock_both(struct g *gp, void *arg)
{
	struct ctx_waiter *cw = arg;
	weft_chan *done = cw->cancel.done; // *cw lasts only until this is unlocked

	(void)gp;
	rt_unlock(lock_of(cw->s));
	rt_spin_unlock(&done->lock);
	return true;
}

/* Wait for some, or until the context is cancelled: then false. */
static bool wait_with_ctx(struct ctx_waiter *cw, bool *parked, weft_site *site)
{
	weft_semaphore *s = cw->s;
	struct sem_waiter *sw = &cw->sw;

	if (!rt_cancel_begin(&cw->cancel, sw->w.g, site))
		return false;
	rt_lock(lock_of(s));
	*parked = !take(s, sw->n);
	if (*parked) {
		sw->w.select = &cw->cancel.select;
		rt_waitq_push(&s->q, &sw->w);
		rt_park(WAIT_semaphore_acquire, s, site, commit_unlock_both, cw);
		return !rt_cancel_end(&cw->cancel);
	}
	sw->held = s->held;
	rt_unlock(lock_of(s));
	rt_cancel_undo(&cw->cancel);
	return true;
}

/* Leave the queue, for those behind to be served; how many are. */
static uint32_t give_up(weft_semaphore *s, struct sem_waiter *sw)
{
	struct weft_waiter *w;
	uint32_t woken;

	rt_lock(lock_of(s));
	rt_waitq_remove(&s->q, &sw->w);
	w = serve(s, &woken);
	rt_unlock(lock_of(s));
	rt_waitq_ready(w);
	return woken;
}

static int acquire_ctx(struct ctx_waiter *cw, weft_ctx *ctx, weft_site *site)
{
	struct sem_waiter *sw = &cw->sw;
	weft_semaphore *s = cw->s;
	uint32_t woken = 0;
	bool parked = false;
	int err;

	if (wait_with_ctx(cw, &parked, site)) {
		rt_acquire(s);
		rt_trace(semaphore_acquire, s, sw->w.g->id, sw->n, sw->held, s->size, parked,
			 rt_trace_site(site));
		return 0;
	}
	if (parked)
		woken = give_up(s, sw);
	err = weft_ctx_err(ctx);
	rt_trace(semaphore_cancel, s, sw->w.g->id, sw->n, err, woken, rt_trace_site(site));
	return -err;
}

int weft_semaphore_acquire_ctx_at(weft_semaphore *s, int64_t n, weft_ctx *ctx, weft_site *site)
{
	struct ctx_waiter cw = {.sw.n = n, .s = s, .cancel.done = weft_ctx_done_at(ctx, site)};
	int err;

	if (!cw.cancel.done) {
		weft_semaphore_acquire_at(s, n, site);
		return 0;
	}
	cw.sw.w.g = rt_enter("weft_semaphore_acquire_ctx")->curg;
	check(s, n, site);
	err = acquire_ctx(&cw, ctx, site);
	rt_leave();
	return err;
}
