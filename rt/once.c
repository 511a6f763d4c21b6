/* SPDX-License-Identifier: MIT */
/* Onces.
 *
 * The state is one word (see busy.h): 0, nobody called; RUNNING, a goroutine runs the function,
 * and those that wait for it are in q, which BUSY protects; DONE.  The store of DONE is the last
 * touch of the one who ran it: whoever sees it may free the memory.
 *
 * A function that panics or calls weft_exit has run: what follows it is deferred.
 */
#include "busy.h"
#include "panic.h"
#include "throw.h"
#include "waitq.h"

enum { RUNNING = 1, DONE = 2 };

static void begin(weft_once *once, struct g *gp, weft_site *site)
{
	__atomic_store_n(&once->owner, gp->id, __ATOMIC_RELAXED);
	__atomic_store_n(&once->where, site, __ATOMIC_RELAXED);
	rt_trace(once_begin, once, gp->id, rt_trace_site(site));
}

/* Its function has run, or its goroutine leaves it another way. */
static void end(void *arg)
{
	struct g *gp = rt_enter("weft_once_do")->curg;
	weft_once *once = arg;
	struct weft_waiter *w;

	rt_word_take(&once->state);
	w = once->q.head;
	once->q = (weft_waitq){0};
	rt_release(once);
	rt_trace(once_end, once, gp->id);
	rt_word_set(&once->state, DONE);
	rt_waitq_ready(w);
	rt_leave();
}

static bool commit_queued(struct g *gp, void *arg)
{
	weft_once *once = arg;

	(void)gp;
	rt_word_set(&once->state, RUNNING);
	return true;
}

/* Another may run it; wait until it has.  False if it has by now. */
static bool wait_for(weft_once *once, weft_site *site)
{
	struct weft_waiter w = {.g = rt_curg()};
	uint32_t state;

	if (__atomic_load_n(&once->owner, __ATOMIC_RELAXED) == w.g->id)
		rt_fatal(site, "weft_once_do called from the function that it runs");
	state = rt_word_take(&once->state);
	if (state == DONE) {
		rt_word_set(&once->state, DONE);
		return false;
	}
	rt_waitq_push(&once->q, &w);
	rt_park(WAIT_once_do, once, site, commit_queued, once);
	return true;
}

static void pass(weft_once *once, bool parked, weft_site *site)
{
	rt_acquire(once);
	rt_trace(once_pass, once, rt_curg()->id, parked, rt_trace_site(site));
}

void weft_once_do_at(weft_once *once, void (*fn)(void *arg), void *arg, weft_site *site)
{
	rt_enter("weft_once_do");
	if (__atomic_load_n(&once->state, __ATOMIC_ACQUIRE) == DONE) {
		pass(once, false, site);
	} else if (rt_word_swap(&once->state, 0, RUNNING)) {
		begin(once, rt_curg(), site);
		rt_leave();
		rt_call_deferring(fn, arg, end, once);
		return;
	} else {
		pass(once, wait_for(once, site), site);
	}
	rt_leave();
}
