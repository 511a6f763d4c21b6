/* SPDX-License-Identifier: MIT */
/* Groups.
 *
 * g->lock protects what is below it.  A child is counted from before it is spawned until it has
 * nothing more to do with the group; its last touch is the unlock after it has counted itself out,
 * and who waits looks at the count under the lock.  So when wait returns the memory may be freed.
 *
 * Who is to run when there is room is counted by who makes the room, in order of waiting.
 *
 * A child ends in a deferred function, so however it ends: by return, a panic, which was trapped
 * and is kept for who waits, or weft_exit.
 */
#include "chan.h"
#include "lock.h"
#include "panic.h"
#include "throw.h"
#include "waitq.h"

#include <stdlib.h>

struct child {
	weft_group *g;
	int (*fn)(weft_ctx *ctx, void *arg);
	void *arg;
	weft_site *site;

	/* How it ended. */
	int err;
	bool panicked;
	weft_caught caught;
};

static struct rt_lock *lock_of(weft_group *g)
{
	return (struct rt_lock *)&g->lock;
}

static bool commit_unlock(struct g *gp, void *arg)
{
	(void)gp;
	rt_unlock(arg);
	return true;
}

/* With the lock: the context is made when it is needed. */
static void need_ctx(weft_group *g, weft_site *site)
{
	if (g->ctx)
		return;
	g->ctx = rt_ctx_child(g->parent ? g->parent : weft_ctx_background(), site);
	g->where = site;
}

weft_ctx *weft_group_ctx_at(weft_group *g, weft_site *site)
{
	weft_ctx *ctx;

	rt_enter("weft_group_ctx");
	rt_lock(lock_of(g));
	need_ctx(g, site);
	ctx = g->ctx;
	rt_unlock(lock_of(g));
	rt_leave();
	return ctx;
}

/* ---- Children --------------------------------------------------------------------------- */

/* The first that fails says what the group's error is, and cancels the others.  Until it is counted
 * out the group lives. */
static void fail(weft_group *g, struct child *c)
{
	bool first;

	rt_lock(lock_of(g));
	first = !g->err && !g->panic;
	if (c->panicked && !g->panic) {
		g->panic = malloc(sizeof *g->panic);
		if (!g->panic)
			rt_fatal(c->site, "no memory for the panic of a group: %s",
				 c->caught.message);
		*g->panic = c->caught;
	} else if (!g->err && !c->panicked) {
		g->err = c->err;
	}
	rt_unlock(lock_of(g));
	rt_leave();
	if (first)
		weft_ctx_cancel_at(g->ctx, c->err, c->site);
	rt_enter_unlock("weft_group");
}

/* With the lock: who may go on now that a child has ended. */
static struct weft_waiter *next_of(weft_group *g)
{
	struct weft_waiter *w = rt_waitq_pop(&g->room);

	if (w) // in this one's place
		g->running++;
	else if (!g->running)
		w = rt_waitq_pop(&g->end);
	return w;
}

static void child_end(void *arg)
{
	struct child *c = arg;
	struct g *gp = rt_enter_unlock("weft_group")->curg;
	weft_group *g = c->g;
	struct weft_waiter *w;

	if (c->err || c->panicked)
		fail(g, c);
	rt_release(g);
	rt_lock(lock_of(g));
	g->running--;
	rt_trace(group_done, g, gp->id, c->err, c->panicked, g->running, rt_trace_site(c->site));
	w = next_of(g);
	rt_unlock(lock_of(g));
	if (w)
		rt_ready(w->g);
	rt_leave();
}

static void call(void *arg)
{
	struct child *c = arg;

	c->err = c->fn(c->g->ctx, c->arg);
}

static void child_try(void *arg)
{
	struct child *c = arg;

	c->panicked = !weft_try_at(call, c, &c->caught, c->site);
}

static void child_main(void *arg)
{
	struct child c = *(struct child *)arg;

	free(arg);
	rt_call_deferring(child_try, &c, child_end, &c);
}

/* ---- The API ---------------------------------------------------------------------------- */

/* With the lock: count one more child, waiting for room if it may; false if there is none. */
static bool count_in(weft_group *g, bool may_wait, bool *parked, weft_site *site)
{
	struct weft_waiter w = {.g = rt_curg()};

	*parked = false;
	if (g->limit <= 0 || (g->running < g->limit && !g->room.head)) {
		g->running++;
		return true;
	}
	if (!may_wait)
		return false;
	*parked = true;
	rt_waitq_push(&g->room, &w);
	rt_park(WAIT_group_go, g, site, commit_unlock, lock_of(g));
	rt_lock(lock_of(g));
	return true;
}

/* Entered; if it succeeds it has left. */
static bool go(weft_group *g, int (*fn)(weft_ctx *ctx, void *arg), void *arg, bool may_wait,
	       weft_site *site)
{
	struct g *gp = rt_curg();
	struct child *c;
	int64_t running;
	bool parked, may;

	if (!fn)
		rt_panic(site, "weft_group_go of a NULL function");
	rt_lock(lock_of(g));
	may = count_in(g, may_wait, &parked, site);
	if (may)
		need_ctx(g, site);
	running = g->running;
	rt_unlock(lock_of(g));
	if (!may)
		return false;
	if (g->limit > 0) // what those that made room did happens before
		rt_acquire(g);
	rt_trace(group_go, g, gp->id, running, g->limit > 0 ? g->limit : 0, parked,
		 rt_trace_site(site));
	c = malloc(sizeof *c);
	if (!c)
		rt_fatal(site, "no memory for a goroutine of a group");
	*c = (struct child){.g = g, .fn = fn, .arg = arg, .site = site};
	rt_leave();
	weft_go_at(child_main, c, NULL, site);
	return true;
}

void weft_group_go_at(weft_group *g, int (*fn)(weft_ctx *ctx, void *arg), void *arg,
		      weft_site *site)
{
	rt_enter("weft_group_go");
	go(g, fn, arg, true, site);
}

bool weft_group_try_go_at(weft_group *g, int (*fn)(weft_ctx *ctx, void *arg), void *arg,
			  weft_site *site)
{
	rt_enter("weft_group_try_go");
	if (go(g, fn, arg, false, site))
		return true;
	rt_polled(rt_self());
	rt_leave();
	return false;
}

/* Wait for the children, and leave the group as it was before the first; what it ended with. */
static int wait(weft_group *g, weft_caught **panic, weft_site *site)
{
	struct weft_waiter w = {.g = rt_curg()};
	weft_ctx *ctx;
	bool parked;
	int err;

	rt_lock(lock_of(g));
	if (g->end.head) {
		rt_unlock(lock_of(g));
		rt_panic(site, "two goroutines wait for one group");
	}
	parked = g->running > 0;
	while (g->running > 0) {
		rt_waitq_push(&g->end, &w);
		rt_park(WAIT_group_wait, g, site, commit_unlock, lock_of(g));
		rt_lock(lock_of(g));
	}
	rt_acquire(g);
	err = g->err;
	*panic = g->panic;
	ctx = g->ctx;
	g->err = 0;
	g->panic = NULL;
	g->ctx = NULL;
	rt_trace(group_wait, g, w.g->id, err, *panic != NULL, parked, rt_trace_site(site));
	rt_unlock(lock_of(g));
	rt_leave();
	if (ctx) { // for what descends from it
		weft_ctx_cancel_at(ctx, 0, site);
		weft_ctx_unref(ctx);
	}
	return err;
}

static void repanic(weft_caught *panic)
{
	weft_caught caught = *panic;

	free(panic);
	weft_repanic(&caught);
}

int weft_group_wait_at(weft_group *g, weft_site *site)
{
	weft_caught *panic;
	int err;

	rt_enter("weft_group_wait");
	err = wait(g, &panic, site);
	if (panic)
		repanic(panic);
	return err;
}

void weft_group_leave(void *arg)
{
	weft_group *g = arg;
	weft_caught *panic;
	weft_site *site;
	weft_ctx *ctx;

	rt_enter("weft_group_leave");
	rt_lock(lock_of(g));
	ctx = g->ctx ? weft_ctx_ref(g->ctx) : NULL;
	site = g->where;
	rt_unlock(lock_of(g));
	rt_leave();
	if (!ctx)
		return;
	weft_ctx_cancel_at(ctx, 0, site);
	weft_ctx_unref(ctx);
	rt_enter("weft_group_leave");
	wait(g, &panic, site);
	if (panic)
		repanic(panic);
}
