/* SPDX-License-Identifier: MIT */
/* Channels.
 *
 * c->lock protects every field but refs and those that never change (size, cap, timer), and the
 * waiters queued here.  Who does not have it reads count, closed and the queues' heads as hints.
 * Invariants, while c->lock is free:
 *   sendq or recvq is empty (except for goroutines that select both ways);
 *   count > 0 implies that recvq is empty; count < cap implies that sendq is empty
 *   (but for waiters of selects that have been won elsewhere).
 *
 * A send that finds a parked receiver copies straight to where that one wants the value, and a
 * receive takes it straight from a parked sender.  Both are traced when the value moves, so whoever
 * completes the operation of a parked goroutine speaks for it.
 *
 * For the thread sanitizer each slot of the buffer is an edge of its own: a send happens before the
 * receive of its value, and the k-th receive before the (k + cap)-th send is done.  Without a
 * buffer the two parties meet at the waiter: each happens before the other's return.  The value is
 * read by who sends and written by who receives, whoever copies it; a send reads the channel and a
 * close writes it, so a send that may find the channel closed is a race.
 */
#include "chan.h"
#include "copy.h"
#include "throw.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define CAP_MAX (UINT32_MAX - 1) /* events have counts of 32 bits */

/* i is less than twice cap: no division. */
static char *slot(weft_chan *c, size_t i)
{
	return c->buf + (i < c->cap ? i : i - c->cap) * c->size;
}

static void advance(weft_chan *c)
{
	c->head = c->head + 1 < c->cap ? c->head + 1 : 0;
}

static void pass_through(void *token)
{
	rt_acquire(token);
	rt_release(token);
}

weft_chan *weft_chan_make_at(size_t size, size_t cap, weft_site *site)
{
	weft_chan *c = NULL;
	size_t bytes;

	if (cap > CAP_MAX)
		rt_fatal(site, "a channel of %zu elements: it may buffer %u", cap, CAP_MAX);
	if (!__builtin_mul_overflow(size, cap, &bytes) && bytes < PTRDIFF_MAX - sizeof *c)
		c = calloc(1, sizeof *c + bytes + 1);
	if (!c)
		rt_fatal(site, "no memory for a channel of %zu elements of %zu bytes", cap, size);
	c->refs = 1;
	c->size = size;
	c->cap = cap;
	rt_born(c, "channel", site);
	rt_trace(chan_make, c, weft_id(), cap, size, rt_trace_site(site));
	return c;
}

weft_chan *weft_chan_ref(weft_chan *c)
{
	rt_used(c, "weft_chan_ref", NULL);
	__atomic_fetch_add(&c->refs, 1, __ATOMIC_RELAXED);
	return c;
}

void weft_chan_unref(weft_chan *c)
{
	if (!c)
		return;
	rt_used(c, "weft_chan_unref", NULL);
	rt_release(&c->refs);
	if (__atomic_fetch_sub(&c->refs, 1, __ATOMIC_ACQ_REL) != 1)
		return;
	rt_acquire(&c->refs);
	rt_unawaited(c, &c->recvq);
	rt_unawaited(c, &c->sendq);
	rt_trace(chan_free, c);
	rt_died(c);
	rt_name_drop(c);
	rt_bury(c, c->timer ? (void *)c->timer : c);
}

size_t weft_chan_len(const weft_chan *c)
{
	if (c)
		rt_used(c, "weft_chan_len", NULL);
	return c && !c->timer ? __atomic_load_n(&c->count, __ATOMIC_RELAXED) : 0;
}

size_t weft_chan_cap(const weft_chan *c)
{
	if (c)
		rt_used(c, "weft_chan_cap", NULL);
	return c && !c->timer ? c->cap : 0;
}

/* ---- The operations, under the lock ----------------------------------------------------- */

static void set_count(weft_chan *c, size_t n)
{
	__atomic_store_n(&c->count, n, __ATOMIC_RELAXED); // weft_chan_len reads without the lock
}

/* Events are told of in functions of their own, out of the way: of a send by the running goroutine,
 * or by the runtime... */
static uint64_t sender(bool runtime)
{
	return runtime ? 0 : rt_curg()->id;
}

__attribute__((noinline)) static void trace_send(const weft_chan *c, bool runtime, weft_site *site)
{
	rt_trace(chan_send, c, sender(runtime), (uint32_t)c->count, 0, 0, rt_trace_site(site));
}

/* ... to a parked receiver... */
__attribute__((noinline)) static void trace_hand(const weft_chan *c, const struct weft_waiter *w,
						 bool runtime, weft_site *site)
{
	uint64_t me = sender(runtime);

	rt_trace(chan_send, c, me, 0, w->g->id, 0, rt_trace_site(site));
	rt_trace(chan_recv, c, w->g->id, 0, me, 1, 1, rt_trace_site(w->site));
}

/* ... and of a receive by the running goroutine, from a parked sender or from nobody. */
__attribute__((noinline)) static void trace_recv(const weft_chan *c, const struct weft_waiter *w,
						 bool ok, weft_site *site)
{
	uint64_t me = rt_curg()->id;

	if (w)
		rt_trace(chan_send, c, w->g->id, 0, me, 1, rt_trace_site(w->site));
	rt_trace(chan_recv, c, me, (uint32_t)c->count, w ? w->g->id : 0, 0, ok,
		 rt_trace_site(site));
}

/* To a parked receiver. */
static inline void hand_to(weft_chan *c, struct weft_waiter *w, const void *v, bool runtime,
			   weft_site *site)
{
	if (c->cap == 0) {
		rt_acquire(w);
	} else { // as if through the buffer
		w->token = slot(c, c->head);
		advance(c);
		pass_through(w->token);
	}
	if (w->value)
		rt_copy(w->value, v, c->size);
	w->ok = true;
	if (rt_trace_on())
		trace_hand(c, w, runtime, site);
	if (c->cap == 0)
		rt_release(w);
}

static inline __attribute__((always_inline)) enum rt_chan_result
send(weft_chan *c, const void *v, bool runtime, weft_site *site, struct g **wake)
{
	struct weft_waiter *w;
	char *to;

	if (c->closed)
		return RT_CHAN_CLOSED;
	w = rt_waitq_pop(&c->recvq);
	if (w) {
		hand_to(c, w, v, runtime, site);
		*wake = w->g;
		return RT_CHAN_WAKE;
	}
	if (c->count == c->cap)
		return RT_CHAN_WOULD_WAIT;
	to = slot(c, c->head + c->count);
	pass_through(to);
	rt_copy(to, v, c->size);
	set_count(c, c->count + 1);
	if (rt_trace_on())
		trace_send(c, runtime, site);
	return RT_CHAN_DONE;
}

enum rt_chan_result rt_chan_send_locked(weft_chan *c, const void *v, weft_site *site,
					struct g **wake)
{
	return send(c, v, false, site, wake);
}

enum rt_chan_result rt_chan_send_runtime(weft_chan *c, const void *v, struct g **wake)
{
	return send(c, v, true, NULL, wake);
}

/* From a parked sender; there is no buffer. */
static void take_from(weft_chan *c, struct weft_waiter *w, void *v, weft_site *site)
{
	rt_acquire(w);
	if (v)
		rt_copy(v, w->value, c->size);
	w->ok = true;
	if (rt_trace_on())
		trace_recv(c, w, true, site);
	rt_release(w);
}

/* There is room again: a parked sender's value goes into the buffer's last slot. */
static void refill(weft_chan *c, struct weft_waiter *w)
{
	w->token = slot(c, c->head + c->count);
	rt_acquire(w);
	pass_through(w->token);
	rt_trace(chan_send, c, w->g->id, (uint32_t)c->count + 1, 0, 1, rt_trace_site(w->site));
	rt_copy(w->token, w->value, c->size);
	set_count(c, c->count + 1);
	w->ok = true;
}

static inline __attribute__((always_inline)) enum rt_chan_result
recv(weft_chan *c, void *v, weft_site *site, struct g **wake)
{
	struct weft_waiter *w;

	if (c->timer)
		rt_timer_poll(c);
	if (c->count > 0) {
		char *from = slot(c, c->head);

		pass_through(from);
		if (v)
			rt_copy(v, from, c->size);
		advance(c);
		set_count(c, c->count - 1);
		if (rt_trace_on())
			trace_recv(c, NULL, true, site);
		w = rt_waitq_pop(&c->sendq);
		if (!w)
			return RT_CHAN_DONE;
		refill(c, w);
		*wake = w->g;
		return RT_CHAN_WAKE;
	}
	if (c->closed == RT_CLOSED) {
		rt_acquire(c);
		if (v)
			rt_zero(v, c->size);
		if (rt_trace_on())
			trace_recv(c, NULL, false, site);
		return RT_CHAN_CLOSED;
	}
	w = rt_waitq_pop(&c->sendq);
	if (!w)
		return RT_CHAN_WOULD_WAIT;
	take_from(c, w, v, site);
	*wake = w->g;
	return RT_CHAN_WAKE;
}

enum rt_chan_result rt_chan_recv_locked(weft_chan *c, void *v, weft_site *site, struct g **wake)
{
	return recv(c, v, site, wake);
}

/* Where the parties to a hand-over met. */
static void meet(struct weft_waiter *w)
{
	if (w->token)
		pass_through(w->token);
	else
		rt_acquire(w);
}

static bool is_recv_only(const weft_chan *c)
{
	return __atomic_load_n(&c->closed, __ATOMIC_RELAXED) == RT_RECV_ONLY;
}

void rt_chan_send_refused(const weft_chan *c, weft_site *site)
{
	rt_panic(site, is_recv_only(c) ? "send on the channel of a context"
				       : "send on closed channel");
}

void rt_chan_sent(struct weft_waiter *w)
{
	if (!w->ok)
		rt_panic(w->site, "send on closed channel");
	meet(w);
}

void rt_chan_received(const weft_chan *c, struct weft_waiter *w)
{
	if (w->ok)
		meet(w);
	else
		rt_acquire(c);
}

/* ---- The API ---------------------------------------------------------------------------- */

static bool commit_unlock(struct g *gp, void *arg)
{
	weft_chan *c = arg;

	(void)gp;
	rt_spin_unlock(&c->lock);
	return true;
}

static bool commit_for_ever(struct g *gp, void *arg)
{
	(void)gp;
	(void)arg;
	return true;
}

static _Noreturn void wait_for_ever(weft_site *site)
{
	rt_park(WAIT_nil_chan, NULL, site, commit_for_ever, NULL);
	__builtin_unreachable();
}

/* Unlock, and wake whom the operation was waited for by. */
static void unlock_and_wake(weft_chan *c, enum rt_chan_result r, struct g *wake)
{
	rt_spin_unlock(&c->lock);
	if (r == RT_CHAN_WAKE)
		rt_ready(wake);
}

static inline void wait_in(weft_chan *c, weft_waitq *q, enum wait why, struct weft_waiter *w)
{
	w->g = rt_curg();
	rt_release(w);
	rt_waitq_push(q, w);
	if (c->timer)
		rt_timer_waited_for(c);
	rt_park(why, c, w->site, commit_unlock, c);
}

/* Out of the way of those that need not wait: park, and leave the runtime. */
__attribute__((noinline)) static void send_waiting(weft_chan *c, const void *v, weft_site *site)
{
	struct weft_waiter w = {.site = site, .value = (void *)v};

	wait_in(c, &c->sendq, WAIT_chan_send, &w);
	rt_chan_sent(&w);
	rt_leave();
}

/* Inside, with the channel locked. */
__attribute__((noinline)) static void send_locked(weft_chan *c, const void *v, weft_site *site)
{
	struct g *wake = NULL;
	enum rt_chan_result r = send(c, v, false, site, &wake);

	if (r == RT_CHAN_WOULD_WAIT) {
		send_waiting(c, v, site);
		return;
	}
	unlock_and_wake(c, r, wake);
	if (r == RT_CHAN_CLOSED)
		rt_chan_send_refused(c, site);
	rt_leave();
}

/* Whether who waits in q, if anybody does, can be met here: without a buffer, by a word. */
static inline bool meets_quickly(const weft_chan *c, const weft_waitq *q)
{
	return c->size == sizeof(uint64_t) && (!q->head || (!c->cap && !q->head->select));
}

/* Who is the first in q is met: a word goes from one to the other.  Not inline, so that who need
 * not wake anybody saves no registers. */
__attribute__((noinline)) static bool meet_quickly(weft_chan *c, weft_waitq *q, void *to,
						   const void *from, struct m *mp)
{
	struct weft_waiter *w = rt_waitq_shift(q);
	struct g *gp = w->g;

	if (to)
		memcpy(to, from, sizeof(uint64_t));
	w->ok = true;
	rt_spin_unlock(&c->lock);
	rt_ready(gp);
	rt_leave_quick(mp);
	return true;
}

/* Inside, with the channel locked: there is room for a word, or somebody waits for it, and all is
 * done here; or there is neither: straight to the wait.  (A round trip took 80 ns without, 68 with.) */
static inline __attribute__((always_inline)) void
send_quickly(weft_chan *c, const void *v, weft_site *site, struct m *mp, bool recorded)
{
	if (c->closed || !meets_quickly(c, &c->recvq)) {
		send_locked(c, v, site);
	} else if (c->recvq.head) {
		if (recorded)
			trace_hand(c, c->recvq.head, false, site);
		meet_quickly(c, &c->recvq, c->recvq.head->value, v, mp);
	} else if (c->count == c->cap) {
		send_waiting(c, v, site);
	} else {
		memcpy(slot(c, c->head + c->count), v, sizeof(uint64_t));
		set_count(c, c->count + 1);
		if (recorded)
			trace_send(c, false, site);
		rt_spin_unlock(&c->lock);
		rt_leave_quick(mp);
	}
}

__attribute__((noinline)) static void send_entering(weft_chan *c, const void *v, weft_site *site)
{
	struct m *mp = rt_enter("weft_chan_send");

	if (!c)
		wait_for_ever(site);
	rt_used(c, "weft_chan_send", site);
	if (c->timer)
		rt_panic(site, "send on the channel of a timer");
	rt_reads(c, 1);
	rt_reads(v, c->size);
	rt_spin_lock(&c->lock);
	if (RT_QUICK && rt_trace_on())
		send_quickly(c, v, site, mp, true);
	else
		send_locked(c, v, site);
}

void weft_chan_send_at(weft_chan *c, const void *v, weft_site *site)
{
	struct m *mp = rt_quick_self();

	if (!c || !rt_enter_quick(mp, true)) {
		send_entering(c, v, site);
	} else if (c->timer || !rt_spin_try_lock(&c->lock)) {
		rt_leave_quick(mp);
		send_entering(c, v, site);
	} else {
		send_quickly(c, v, site, mp, false);
	}
}

bool weft_chan_try_send_at(weft_chan *c, const void *v, weft_site *site)
{
	struct m *mp = rt_enter("weft_chan_try_send");
	enum rt_chan_result r = RT_CHAN_WOULD_WAIT;
	struct g *wake;

	if (c) {
		rt_used(c, "weft_chan_try_send", site);
		if (c->timer)
			rt_panic(site, "send on the channel of a timer");
		rt_reads(c, 1);
		rt_reads(v, c->size);
		rt_spin_lock(&c->lock);
		r = rt_chan_send_locked(c, v, site, &wake);
		unlock_and_wake(c, r, wake);
		if (r == RT_CHAN_CLOSED)
			rt_chan_send_refused(c, site);
	}
	if (r == RT_CHAN_WOULD_WAIT)
		rt_polled(mp);
	rt_leave();
	return r != RT_CHAN_WOULD_WAIT;
}

__attribute__((noinline)) static bool recv_waiting(weft_chan *c, void *v, weft_site *site)
{
	struct weft_waiter w = {.site = site, .value = v};

	wait_in(c, &c->recvq, WAIT_chan_recv, &w);
	rt_chan_received(c, &w);
	rt_leave();
	return w.ok;
}

/* Inside, with the channel locked. */
__attribute__((noinline)) static bool recv_locked(weft_chan *c, void *v, weft_site *site)
{
	struct g *wake = NULL;
	enum rt_chan_result r = recv(c, v, site, &wake);

	if (r == RT_CHAN_WOULD_WAIT)
		return recv_waiting(c, v, site);
	unlock_and_wake(c, r, wake);
	rt_leave();
	return r != RT_CHAN_CLOSED;
}

/* As send_quickly: there is a word, or somebody waits to send one, or there is neither. */
static inline __attribute__((always_inline)) bool
recv_quickly(weft_chan *c, void *v, weft_site *site, struct m *mp, bool recorded)
{
	if (c->closed || !v || !meets_quickly(c, &c->sendq))
		return recv_locked(c, v, site);
	if (c->sendq.head) {
		if (recorded)
			trace_recv(c, c->sendq.head, true, site);
		return meet_quickly(c, &c->sendq, v, c->sendq.head->value, mp);
	}
	if (c->count == 0)
		return recv_waiting(c, v, site);
	memcpy(v, slot(c, c->head), sizeof(uint64_t));
	advance(c);
	set_count(c, c->count - 1);
	if (recorded)
		trace_recv(c, NULL, true, site);
	rt_spin_unlock(&c->lock);
	rt_leave_quick(mp);
	return true;
}

__attribute__((noinline)) static bool recv_entering(weft_chan *c, void *v, weft_site *site)
{
	struct m *mp = rt_enter("weft_chan_recv");
	size_t size;
	bool ok;

	if (!c)
		wait_for_ever(site);
	rt_used(c, "weft_chan_recv", site);
	size = v ? c->size : 0;
	rt_spin_lock(&c->lock);
	if (RT_QUICK && rt_trace_on() && !c->timer)
		return recv_quickly(c, v, site, mp, true);
	ok = recv_locked(c, v, site);
	rt_writes(v, size);
	return ok;
}

bool weft_chan_recv_at(weft_chan *c, void *v, weft_site *site)
{
	struct m *mp = rt_quick_self();

	if (!c || !rt_enter_quick(mp, true))
		return recv_entering(c, v, site);
	if (c->timer || !rt_spin_try_lock(&c->lock)) {
		rt_leave_quick(mp);
		return recv_entering(c, v, site);
	}
	return recv_quickly(c, v, site, mp, false);
}

bool weft_chan_try_recv_at(weft_chan *c, void *v, bool *ok, weft_site *site)
{
	struct m *mp = rt_enter("weft_chan_try_recv");
	enum rt_chan_result r = RT_CHAN_WOULD_WAIT;
	struct g *wake;

	if (c) {
		rt_used(c, "weft_chan_try_recv", site);
		rt_spin_lock(&c->lock);
		r = rt_chan_recv_locked(c, v, site, &wake);
		if (v && r != RT_CHAN_WOULD_WAIT)
			rt_writes(v, c->size);
		unlock_and_wake(c, r, wake);
	}
	if (r == RT_CHAN_WOULD_WAIT)
		rt_polled(mp);
	rt_leave();
	if (ok)
		*ok = r == RT_CHAN_DONE || r == RT_CHAN_WAKE;
	return r != RT_CHAN_WOULD_WAIT;
}

/* Take out all that wait in q, and link them at *tail. */
static struct g **drain(weft_chan *c, weft_waitq *q, struct g **tail)
{
	struct weft_waiter *w;

	while ((w = rt_waitq_pop(q))) {
		if (q == &c->recvq) {
			if (w->value)
				rt_zero(w->value, c->size);
			rt_trace(chan_recv, c, w->g->id, 0, 0, 1, 0, rt_trace_site(w->site));
		}
		w->ok = false;
		*tail = w->g;
		tail = &w->g->next;
	}
	*tail = NULL;
	return tail;
}

bool rt_chan_close(weft_chan *c, weft_site *site, struct g **woken)
{
	struct g **tail = woken;

	*woken = NULL;
	rt_spin_lock(&c->lock);
	if (c->closed == RT_CLOSED) {
		rt_spin_unlock(&c->lock);
		return false;
	}
	rt_release(c);
	rt_trace(chan_close, c, rt_curg()->id, (uint32_t)c->count, rt_trace_site(site));
	__atomic_store_n(&c->closed, RT_CLOSED, __ATOMIC_RELAXED); // select looks without the lock
	tail = drain(c, &c->recvq, tail);
	drain(c, &c->sendq, tail);
	rt_spin_unlock(&c->lock);
	return true;
}

void weft_chan_close_at(weft_chan *c, weft_site *site)
{
	struct g *woken;

	rt_enter("weft_chan_close");
	if (!c)
		rt_panic(site, "close of NULL channel");
	rt_used(c, "weft_chan_close", site);
	if (c->timer)
		rt_panic(site, "close of the channel of a timer");
	if (is_recv_only(c))
		rt_panic(site, "close of the channel of a context");
	rt_writes(c, 1);
	if (!rt_chan_close(c, site, &woken))
		rt_panic(site, "close of closed channel");
	while (woken) {
		struct g *gp = woken;

		woken = gp->next;
		rt_ready(gp);
	}
	rt_leave();
}
