/* SPDX-License-Identifier: MIT */
/* Barriers.
 *
 * b->lock protects the rest.  The last to arrive empties the barrier for the next round before it
 * lets the others go, so none of them can get ahead by one.  They do not come back to it: when all
 * calls have returned, and nobody is to come, it may be freed.
 */
#include "lock.h"
#include "throw.h"
#include "waitq.h"

#include <inttypes.h>

static struct rt_lock *lock_of(weft_barrier *b)
{
	return (struct rt_lock *)&b->lock;
}

static bool commit_unlock(struct g *gp, void *arg)
{
	(void)gp;
	rt_unlock(arg);
	return true;
}

/* With the lock, which it unlocks. */
static void let_go(weft_barrier *b)
{
	struct weft_waiter *w = b->q.head;

	b->arrived = 0;
	b->q = (weft_waitq){0};
	rt_unlock(lock_of(b));
	rt_waitq_ready(w);
}

bool weft_barrier_wait_at(weft_barrier *b, weft_site *site)
{
	struct weft_waiter w = {.g = rt_enter("weft_barrier_wait")->curg};
	bool last;

	if (b->parties <= 0)
		rt_panic(site, "wait at a barrier of %" PRId64 " parties", b->parties);
	rt_release(b);
	rt_lock(lock_of(b));
	last = ++b->arrived == b->parties;
	rt_trace(barrier_arrive, b, w.g->id, b->arrived, b->parties, rt_trace_site(site));
	if (last) {
		let_go(b);
	} else {
		rt_waitq_push(&b->q, &w);
		rt_park(WAIT_barrier_wait, b, site, commit_unlock, lock_of(b));
	}
	rt_acquire(b);
	rt_trace(barrier_pass, b, w.g->id, !last, rt_trace_site(site));
	rt_leave();
	return last;
}
