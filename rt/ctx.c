/* SPDX-License-Identifier: MIT */
/* Contexts.
 *
 * The children of the background, and all that descend from one of them, are a tree with one lock,
 * which the topmost has.  So a cancel is one step for all, and who finds a context cancelled finds
 * all below it cancelled; two that cancel and make contexts up and down one tree cannot wait for
 * each other.
 *
 * A child holds a reference to its parent, which therefore outlives it; the parent's list of
 * children holds none, and a context takes itself out of it when it is freed.  A cancelled context
 * has no children in its list, and is in no list.
 *
 * The timer of a deadline holds no reference either.  Its function comes in a goroutine of its own,
 * perhaps after the last reference was dropped: then the context is left to it to free.
 */
#include "chan.h"
#include "throw.h"

#include <errno.h>
#include <stdlib.h>

struct weft_ctx_func {
	weft_ctx_func *next, *prev; /* in the context's list */
	bool started;
	weft_ctx *ctx;
	void (*fn)(void *arg);
	void (*now)(void *arg, int err); /* instead of fn: called under the lock */
	void *arg;
	weft_site *site;
	uint64_t by, task;
	RT_LIFE
};

struct weft_ctx {
	uint32_t refs;	     /* atomic */
	struct rt_lock lock; /* the topmost's: of the whole tree, for the fields marked (l) */
	weft_ctx *top;	     /* NULL: the background */
	weft_ctx *parent;
	weft_ctx *next, *prev; /* (l) siblings */
	weft_ctx *children;    /* (l) */
	weft_ctx_func *funcs;  /* (l) */
	weft_chan *done;       /* (l), atomic; NULL: nobody has asked for it */
	int err, cause;	       /* (l), atomic; cause is set first */

	int64_t deadline; /* INT64_MAX: none */
	weft_timer *timer;
	bool timer_pending; /* (l) its function has yet to come */
	bool abandoned;	    /* (l) and is to free the context */
	weft_site *site;

	const void *key;
	void *value;
	RT_LIFE
};

static weft_ctx background = {.deadline = INT64_MAX, RT_LIFE_FOR_EVER};

weft_ctx *weft_ctx_background(void)
{
	return &background;
}

static const weft_ctx *check(const weft_ctx *ctx, const char *what, const weft_site *site)
{
	if (!ctx)
		rt_panic(site, "%s of a NULL context", what);
	rt_used(ctx, what, site);
	return ctx;
}

/* ---- Cancelling, under the tree's lock -------------------------------------------------- */

static void link_child(weft_ctx *ctx)
{
	weft_ctx *parent = ctx->parent;

	ctx->next = parent->children;
	if (ctx->next)
		ctx->next->prev = ctx;
	parent->children = ctx;
}

/* Out of the parent's list, if in. */
static void unlink_child(weft_ctx *ctx)
{
	if (ctx->prev)
		ctx->prev->next = ctx->next;
	else if (ctx->parent->children == ctx)
		ctx->parent->children = ctx->next;
	if (ctx->next)
		ctx->next->prev = ctx->prev;
	ctx->next = ctx->prev = NULL;
}

static void start_func(weft_ctx_func *f)
{
	f->started = true;
	if (f->now) {
		f->now(f->arg, f->ctx->err);
		return;
	}
	rt_acquire(f); // pairs with weft_ctx_after_func
	rt_go(f->fn, f->arg, f->site, f->by, f->task);
}

static void start_funcs(weft_ctx *ctx)
{
	weft_ctx_func *f, *next;

	for (f = ctx->funcs; f; f = next) {
		next = f->next;
		f->next = f->prev = NULL;
		start_func(f);
	}
	ctx->funcs = NULL;
}

/* Cancel one; whom that wakes is linked before `woken`. */
static struct g *cancel_one(weft_ctx *ctx, const weft_ctx *root, int err, int cause,
			    weft_site *site, struct g *woken)
{
	struct g *first = NULL, **tail = &first;

	if (ctx->timer_pending && rt_timer_disarm(ctx->timer, site))
		ctx->timer_pending = false;
	rt_trace(ctx_cancel, ctx, root, rt_curg()->id, err, cause, ctx->done, rt_trace_site(site));
	rt_release(ctx);
	__atomic_store_n(&ctx->cause, cause, __ATOMIC_RELAXED);
	__atomic_store_n(&ctx->err, err, __ATOMIC_RELEASE); // pairs with weft_ctx_err
	if (ctx->done)
		rt_chan_close(ctx->done, site, &first);
	while (*tail)
		tail = &(*tail)->next;
	*tail = woken;
	start_funcs(ctx);
	return first;
}

/* Cancel ctx, which is not, and all below it, parents first; the goroutines to make ready.  Without
 * recursion: a tree may be deep, and stacks are small. */
static struct g *cancel_all(weft_ctx *ctx, int err, int cause, weft_site *site)
{
	weft_ctx *todo = ctx, *c;
	struct g *woken = NULL;

	unlink_child(ctx);
	while ((c = todo)) {
		weft_ctx *last = c->children;

		todo = c->next;
		c->next = c->prev = NULL;
		while (last && last->next)
			last = last->next;
		if (last) {
			last->next = todo;
			todo = c->children;
			c->children = NULL;
		}
		woken = cancel_one(c, ctx, err, cause, site, woken);
	}
	return woken;
}

static void ready_all(struct g *gp)
{
	struct g *next;

	for (; gp; gp = next) {
		next = gp->next;
		rt_ready(gp);
	}
}

bool weft_ctx_cancel_at(weft_ctx *ctx, int cause, weft_site *site)
{
	struct g *woken = NULL;
	bool first;

	rt_enter("weft_ctx_cancel");
	check(ctx, "weft_ctx_cancel", site);
	if (!ctx->top)
		rt_panic(site, "weft_ctx_cancel of the background context");
	rt_lock(&ctx->top->lock);
	first = !ctx->err;
	if (first)
		woken = cancel_all(ctx, ECANCELED, cause ? cause : ECANCELED, site);
	rt_unlock(&ctx->top->lock);
	ready_all(woken);
	rt_leave();
	return first;
}

/* ---- Life ------------------------------------------------------------------------------- */

weft_ctx *weft_ctx_ref(weft_ctx *ctx)
{
	rt_used(ctx, "weft_ctx_ref", NULL);
	if (ctx->top)
		__atomic_fetch_add(&ctx->refs, 1, __ATOMIC_RELAXED);
	return ctx;
}

/* The last reference is gone: false if the timer's function is on its way, and will free it. */
static bool retire(weft_ctx *ctx)
{
	bool now;

	rt_lock(&ctx->top->lock);
	unlink_child(ctx);
	if (ctx->timer_pending && rt_timer_disarm(ctx->timer, ctx->site))
		ctx->timer_pending = false;
	now = !ctx->timer_pending;
	ctx->abandoned = true;
	rt_unlock(&ctx->top->lock);
	return now;
}

/* Free it; its parent, to which it had a reference. */
static weft_ctx *destroy(weft_ctx *ctx)
{
	weft_ctx *parent = ctx->parent;

	weft_timer_unref(ctx->timer);
	weft_chan_unref(ctx->done);
	rt_bury(ctx, ctx);
	return parent;
}

static void drop(weft_ctx *ctx)
{
	while (ctx->top) {
		rt_release(&ctx->refs);
		if (__atomic_fetch_sub(&ctx->refs, 1, __ATOMIC_ACQ_REL) != 1)
			return;
		rt_acquire(&ctx->refs);
		rt_died(ctx);
		if (!retire(ctx))
			return;
		ctx = destroy(ctx);
	}
}

void weft_ctx_unref(weft_ctx *ctx)
{
	if (!ctx)
		return;
	rt_enter("weft_ctx_unref");
	rt_used(ctx, "weft_ctx_unref", NULL);
	drop(ctx);
	rt_leave();
}

/* The deadline has come: in a goroutine of its own. */
static void expire(void *arg)
{
	struct g *woken = NULL;
	weft_ctx *ctx = arg;
	bool abandoned;

	rt_enter("");
	rt_lock(&ctx->top->lock);
	ctx->timer_pending = false;
	abandoned = ctx->abandoned;
	if (!abandoned && !ctx->err)
		woken = cancel_all(ctx, ETIMEDOUT, ETIMEDOUT, ctx->site);
	rt_unlock(&ctx->top->lock);
	ready_all(woken);
	if (abandoned) {
		rt_acquire(&ctx->refs); // as who drops the last one
		drop(destroy(ctx));
	}
	rt_leave();
}

/* ---- Making ----------------------------------------------------------------------------- */

/* Under the tree's lock: be cancelled already, or be in the parent's list. */
static void join(weft_ctx *ctx)
{
	weft_ctx *parent = ctx->parent;
	int64_t ns = ctx->deadline - rt_now();

	if (parent->err) {
		cancel_all(ctx, parent->err, parent->cause, ctx->site);
	} else if (ctx->deadline < parent->deadline && ns <= 0) {
		cancel_all(ctx, ETIMEDOUT, ETIMEDOUT, ctx->site);
	} else {
		if (parent->top)
			link_child(ctx);
		if (ctx->deadline < parent->deadline) {
			ctx->timer_pending = true;
			ctx->timer = rt_timer_func(ns, expire, ctx, ctx->site);
		}
	}
}

static weft_ctx *derive(weft_ctx *parent, int64_t deadline, const void *key, void *value,
			weft_site *site)
{
	weft_ctx *ctx = calloc(1, sizeof *ctx);

	if (!ctx)
		rt_fatal(site, "no memory for a context");
	ctx->refs = 1;
	ctx->top = parent->top ? parent->top : ctx;
	ctx->parent = weft_ctx_ref(parent);
	ctx->deadline = deadline < parent->deadline ? deadline : parent->deadline;
	ctx->site = site;
	ctx->key = key;
	ctx->value = value;
	rt_born(ctx, "context", site);
	rt_lock(&ctx->top->lock);
	join(ctx);
	rt_unlock(&ctx->top->lock);
	return ctx;
}

weft_ctx *rt_ctx_child(weft_ctx *parent, weft_site *site)
{
	return derive(parent, INT64_MAX, NULL, NULL, site);
}

weft_ctx *weft_ctx_with_cancel_at(weft_ctx *parent, weft_site *site)
{
	weft_ctx *ctx;

	rt_enter("weft_ctx_with_cancel");
	check(parent, "weft_ctx_with_cancel", site);
	ctx = derive(parent, INT64_MAX, NULL, NULL, site);
	rt_leave();
	return ctx;
}

weft_ctx *weft_ctx_with_deadline_at(weft_ctx *parent, int64_t when, weft_site *site)
{
	weft_ctx *ctx;

	rt_enter("weft_ctx_with_deadline");
	check(parent, "weft_ctx_with_deadline", site);
	ctx = derive(parent, when > 0 ? when : 0, NULL, NULL, site);
	rt_leave();
	return ctx;
}

weft_ctx *weft_ctx_with_timeout_at(weft_ctx *parent, int64_t ns, weft_site *site)
{
	weft_ctx *ctx;

	rt_enter("weft_ctx_with_timeout");
	check(parent, "weft_ctx_with_timeout", site);
	ctx = derive(parent, ns > 0 ? rt_after(rt_now(), ns) : 0, NULL, NULL, site);
	rt_leave();
	return ctx;
}

weft_ctx *weft_ctx_with_value_at(weft_ctx *parent, const void *key, void *value, weft_site *site)
{
	weft_ctx *ctx;

	rt_enter("weft_ctx_with_value");
	check(parent, "weft_ctx_with_value", site);
	if (!key)
		rt_panic(site, "weft_ctx_with_value with a NULL key");
	ctx = derive(parent, INT64_MAX, key, value, site);
	rt_leave();
	return ctx;
}

/* ---- Asking ----------------------------------------------------------------------------- */

weft_chan *weft_ctx_done_at(weft_ctx *ctx, weft_site *site)
{
	struct g *nobody;
	weft_chan *done;

	check(ctx, "weft_ctx_done", site);
	if (!ctx->top)
		return NULL;
	done = __atomic_load_n(&ctx->done, __ATOMIC_ACQUIRE);
	if (done)
		return done;
	rt_enter("weft_ctx_done");
	rt_lock(&ctx->top->lock);
	done = ctx->done;
	if (!done) {
		done = weft_chan_make_at(0, 0, site);
		done->closed = RT_RECV_ONLY;
		if (ctx->err) {
			rt_acquire(ctx);
			rt_chan_close(done, site, &nobody);
		}
		__atomic_store_n(&ctx->done, done, __ATOMIC_RELEASE); // pairs with the load above
	}
	rt_unlock(&ctx->top->lock);
	rt_leave();
	return done;
}

int weft_ctx_err(const weft_ctx *ctx)
{
	int err = __atomic_load_n(&check(ctx, "weft_ctx_err", NULL)->err, __ATOMIC_ACQUIRE);

	if (err)
		rt_acquire(ctx);
	return err;
}

int weft_ctx_cause(const weft_ctx *ctx)
{
	check(ctx, "weft_ctx_cause", NULL);
	return weft_ctx_err(ctx) ? __atomic_load_n(&ctx->cause, __ATOMIC_RELAXED) : 0;
}

bool weft_ctx_deadline(const weft_ctx *ctx, int64_t *when)
{
	*when = check(ctx, "weft_ctx_deadline", NULL)->deadline;
	return *when != INT64_MAX;
}

void *weft_ctx_value(const weft_ctx *ctx, const void *key)
{
	if (!key)
		rt_panic(NULL, "weft_ctx_value of a NULL key");
	for (ctx = check(ctx, "weft_ctx_value", NULL); ctx; ctx = ctx->parent)
		if (ctx->key == key)
			return ctx->value;
	return NULL;
}

bool rt_ctx_awaited(weft_ctx *ctx)
{
	for (weft_ctx *c = ctx; c;) {
		if (c->done && c->done->recvq.head)
			return true;
		if (c->children) {
			c = c->children;
			continue;
		}
		while (c != ctx && !c->next)
			c = c->parent;
		c = c == ctx ? NULL : c->next;
	}
	return false;
}

/* ---- Functions -------------------------------------------------------------------------- */

/* Under the tree's lock. */
static void add_func(weft_ctx *ctx, weft_ctx_func *f)
{
	if (ctx->err) {
		start_func(f);
		return;
	}
	f->next = ctx->funcs;
	if (f->next)
		f->next->prev = f;
	ctx->funcs = f;
}

static void remove_func(weft_ctx_func *f)
{
	if (f->prev)
		f->prev->next = f->next;
	else
		f->ctx->funcs = f->next;
	if (f->next)
		f->next->prev = f->prev;
}

/* Inside. */
static weft_ctx_func *func_new(weft_ctx *ctx, weft_ctx_func what)
{
	weft_ctx_func *f = calloc(1, sizeof *f);

	if (!f)
		rt_fatal(what.site, "no memory for a function of a context");
	*f = what;
	rt_born(f, "function of a context", what.site);
	f->ctx = weft_ctx_ref(ctx);
	rt_release(f);
	if (ctx->top) {
		rt_lock(&ctx->top->lock);
		add_func(ctx, f);
		rt_unlock(&ctx->top->lock);
	}
	return f;
}

weft_ctx_func *weft_ctx_after_func_at(weft_ctx *ctx, void (*fn)(void *arg), void *arg,
				      weft_site *site)
{
	struct g *gp = rt_enter("weft_ctx_after_func")->curg;
	weft_ctx_func *f;

	check(ctx, "weft_ctx_after_func", site);
	if (!fn)
		rt_panic(site, "weft_ctx_after_func of a NULL function");
	f = func_new(ctx,
		     (weft_ctx_func){
			     .fn = fn, .arg = arg, .site = site, .by = gp->id, .task = gp->task});
	rt_leave();
	return f;
}

weft_ctx_func *rt_ctx_on_cancel(weft_ctx *ctx, void (*now)(void *arg, int err), void *arg,
				weft_site *site)
{
	return func_new(ctx, (weft_ctx_func){.now = now, .arg = arg, .site = site});
}

bool rt_ctx_stop(weft_ctx_func *f)
{
	bool stopped = true;
	weft_ctx *ctx;

	rt_used(f, "weft_ctx_stop", NULL);
	ctx = f->ctx;
	if (ctx->top) {
		rt_lock(&ctx->top->lock);
		stopped = !f->started;
		if (stopped)
			remove_func(f);
		rt_unlock(&ctx->top->lock);
	}
	rt_died(f);
	rt_bury(f, f);
	drop(ctx);
	return stopped;
}

bool weft_ctx_stop(weft_ctx_func *f)
{
	bool stopped;

	rt_enter("weft_ctx_stop");
	stopped = rt_ctx_stop(f);
	rt_leave();
	return stopped;
}
