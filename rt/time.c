/* SPDX-License-Identifier: MIT */
/* Sleep, and the timers of the API.
 *
 * A weft_timer has its channel within it, whose lock protects it and whose references count for
 * both.  A timer with a function has one too, that nobody sees.
 *
 * The heap is only to wake somebody.  A timer that sends is in one while goroutines wait on its
 * channel, and a timer with a function while it is armed; so what is in a heap keeps the program
 * alive, and a ticker that nobody waits for hides no deadlock, costs nothing, and can be freed.
 * Otherwise whoever looks at the channel fires what is due by then (rt_timer_poll).  Nobody can
 * tell the difference: the value sent is the time at which the timer was due.
 *
 * Being in a heap is a reference; it is the heap's until the timer is taken out or has been run.
 * Between being taken out to be run, and run having the lock, `in` still says that it is in.  It is
 * then as good as in: run looks at the timer as it is by then, and puts it where it should be.
 *
 * The channel buffers one value, which stop and reset take back: no stale one can be received.
 */
#include "chan.h"
#include "throw.h"

#include <stdlib.h>

struct weft_timer {
	struct rt_timer node;
	struct rt_timers *in; /* the heap that it was put into last, or NULL */
	bool armed;
	int64_t when;	/* if armed */
	int64_t period; /* 0: fires once */

	void (*fn)(void *arg); /* NULL: sends */
	void *arg;
	weft_site *site;
	uint64_t by, task; /* who armed it, and in which task */

	weft_chan c; /* last: its buffer follows */
};

/* ---- Sleep ------------------------------------------------------------------------------ */

static struct g *fire_sleeper(struct rt_timer *t)
{
	return t->arg;
}

static bool commit_start(struct g *gp, void *arg)
{
	(void)gp;
	rt_timer_start(&rt_self()->p->timers, arg);
	return true;
}

void weft_sleep_at(int64_t ns, weft_site *site)
{
	struct rt_timer t = {.fire = fire_sleeper};
	struct m *mp = rt_enter("weft_sleep");

	if (ns > 0) {
		t.arg = mp->curg;
		t.when = rt_after(rt_now(), ns);
		rt_park(WAIT_sleep, NULL, site, commit_start, &t);
	} else {
		rt_polled(mp);
	}
	rt_leave();
}

int64_t weft_now(void)
{
	return rt_now();
}

/* ---- In and out of heaps, under the timer's lock ---------------------------------------- */

static void take_out(weft_timer *t)
{
	if (t->in && rt_timer_stop(t->in, &t->node)) {
		rt_release(&t->c.refs);
		__atomic_fetch_sub(&t->c.refs, 1, __ATOMIC_RELEASE); // the caller has another
	}
	t->in = NULL;
}

/* Be in a heap, with the right time, or not. */
static void place(weft_timer *t)
{
	bool wanted = t->armed && (t->fn || t->c.recvq.head);

	if (t->in && (!wanted || t->node.when != t->when))
		take_out(t);
	if (!wanted || t->in)
		return;
	t->in = &rt_self()->p->timers;
	t->node.when = t->when;
	weft_chan_ref(&t->c);
	rt_timer_start(t->in, &t->node);
}

static void send_time(weft_timer *t, int64_t when)
{
	struct g *wake;

	if (rt_chan_send_runtime(&t->c, &when, &wake) == RT_CHAN_WAKE)
		rt_ready_timed(wake);
}

static void fire_if_due(weft_timer *t)
{
	int64_t now, when = t->when;

	if (!t->armed || when > (now = rt_now()))
		return;
	if (t->period)
		t->when = rt_after(now, t->period - (now - when) % t->period);
	else
		t->armed = false;
	rt_trace(timer_fire, &t->c, now - when);
	if (!t->fn) {
		send_time(t, when);
	} else {
		rt_acquire(t->c.buf);
		rt_go(t->fn, t->arg, t->site, t->by, t->task);
	}
}

static void drop(weft_timer *t)
{
	if (!t->fn) {
		weft_chan_unref(&t->c);
		return;
	}
	rt_release(&t->c.refs);
	if (__atomic_fetch_sub(&t->c.refs, 1, __ATOMIC_ACQ_REL) != 1)
		return;
	rt_acquire(&t->c.refs);
	rt_died(&t->c);
	rt_bury(&t->c, t);
}

/* Taken out of a heap because its time has come, with the heap's reference. */
static void run(struct rt_timer *node)
{
	weft_timer *t = node->arg;

	rt_spin_lock(&t->c.lock);
	take_out(t); // it may be in again
	fire_if_due(t);
	place(t);
	rt_spin_unlock(&t->c.lock);
	drop(t);
}

void rt_timer_poll(weft_chan *c)
{
	fire_if_due(c->timer);
}

void rt_timer_waited_for(weft_chan *c)
{
	place(c->timer);
}

/* ---- The API ---------------------------------------------------------------------------- */

/* Not armed any more, and its value not received: true if it was armed, or the value there. */
static bool disarm(weft_timer *t)
{
	bool pending;

	if (!t->fn)
		fire_if_due(t); // for those who wait already
	pending = t->armed || t->c.count;
	t->armed = false;
	__atomic_store_n(&t->c.count, 0, __ATOMIC_RELAXED);
	return pending;
}

static void arm(weft_timer *t, int64_t ns, weft_site *site)
{
	const struct g *gp = rt_curg();

	t->when = rt_after(rt_now(), ns > 0 ? ns : 0);
	t->armed = true;
	t->by = gp->id;
	t->task = gp->task;
	rt_release(t->c.buf); // what is here happens before what the timer brings about
	rt_trace(timer_start, &t->c, gp->id, ns, t->period, t->fn != NULL, rt_trace_site(site));
	if (!t->fn)
		fire_if_due(t);
	place(t);
}

static weft_timer *timer_new(int64_t ns, int64_t period, void (*fn)(void *), void *arg,
			     weft_site *site)
{
	weft_timer *t = calloc(1, sizeof *t + sizeof(int64_t));

	if (!t)
		rt_fatal(site, "no memory for a timer");
	t->node.run = run;
	t->node.arg = t;
	t->period = period;
	t->fn = fn;
	t->arg = arg;
	t->site = site;
	t->c.timer = t;
	t->c.refs = 1;
	t->c.size = sizeof(int64_t);
	t->c.cap = 1;
	rt_born(&t->c, "timer", site);
	if (!fn)
		rt_trace(chan_make, &t->c, rt_curg()->id, 1, t->c.size, rt_trace_site(site));
	rt_spin_lock(&t->c.lock);
	arm(t, ns, site);
	rt_spin_unlock(&t->c.lock);
	return t;
}

weft_timer *weft_timer_make_at(int64_t ns, weft_site *site)
{
	weft_timer *t;

	rt_enter("weft_timer_make");
	t = timer_new(ns, 0, NULL, NULL, site);
	rt_leave();
	return t;
}

weft_chan *weft_after_at(int64_t ns, weft_site *site)
{
	weft_timer *t;

	rt_enter("weft_after");
	t = timer_new(ns, 0, NULL, NULL, site);
	rt_leave();
	return &t->c;
}

weft_timer *weft_ticker_make_at(int64_t ns, weft_site *site)
{
	weft_timer *t;

	rt_enter("weft_ticker_make");
	if (ns <= 0)
		rt_panic(site, "weft_ticker_make of a period of %ld ns", (long)ns);
	t = timer_new(ns, ns, NULL, NULL, site);
	rt_leave();
	return t;
}

weft_timer *rt_timer_func(int64_t ns, void (*fn)(void *arg), void *arg, weft_site *site)
{
	return timer_new(ns, 0, fn, arg, site);
}

weft_timer *weft_after_func_at(int64_t ns, void (*fn)(void *arg), void *arg, weft_site *site)
{
	weft_timer *t;

	rt_enter("weft_after_func");
	if (!fn)
		rt_panic(site, "weft_after_func of a NULL function");
	t = timer_new(ns, 0, fn, arg, site);
	rt_leave();
	return t;
}

weft_chan *weft_timer_chan(weft_timer *t)
{
	rt_used(&t->c, "weft_timer_chan", NULL);
	return t->fn ? NULL : &t->c;
}

bool rt_timer_disarm(weft_timer *t, weft_site *site)
{
	bool pending;

	rt_spin_lock(&t->c.lock);
	pending = disarm(t);
	rt_trace(timer_stop, &t->c, rt_curg()->id, pending, rt_trace_site(site));
	place(t);
	rt_spin_unlock(&t->c.lock);
	return pending;
}

bool weft_timer_stop_at(weft_timer *t, weft_site *site)
{
	bool pending;

	rt_enter("weft_timer_stop");
	rt_used(&t->c, "weft_timer_stop", site);
	pending = rt_timer_disarm(t, site);
	rt_leave();
	return pending;
}

bool weft_timer_reset_at(weft_timer *t, int64_t ns, weft_site *site)
{
	bool pending;

	rt_enter("weft_timer_reset");
	rt_used(&t->c, "weft_timer_reset", site);
	rt_spin_lock(&t->c.lock);
	if (t->period && ns <= 0) {
		rt_spin_unlock(&t->c.lock);
		rt_panic(site, "weft_timer_reset of a ticker to a period of %ld ns", (long)ns);
	}
	pending = disarm(t);
	if (t->period)
		t->period = ns;
	arm(t, ns, site);
	rt_spin_unlock(&t->c.lock);
	rt_leave();
	return pending;
}

void weft_timer_unref(weft_timer *t)
{
	if (!t)
		return;
	rt_used(&t->c, "weft_timer_unref", NULL);
	drop(t);
}
