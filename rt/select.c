/* SPDX-License-Identifier: MIT */
/* Select.  First it looks at the channels without their locks, and tries one case that seems ready
 * with its channel alone locked.  Then in three passes; after the first the channels of all cases
 * are locked, so that it sees them at one moment:
 *
 *   1. lock each channel, look, and put a waiter into its queue;
 *   2. a case is ready: take the waiters out, and do one that is, chosen at random.  None: set the
 *      timer, and park; the commit unlocks;
 *   3. woken: take the other waiters out of their queues.
 *
 * While nothing records, a fast path does the first without preparing for the rest.
 *
 * The waiters share a struct rt_select.  Who takes one out of its queue must win the select
 * (rt_waitq_pop), so two cases are never both done, and a waker that lost goes on to the next
 * waiter.  The channels are locked in order of their addresses, and nobody else sees a waiter
 * before its channel is unlocked.  At the end of pass 3 each has been locked again, by the waker or
 * by the select itself, so the commit has unlocked the last one, and may use the goroutine's stack
 * until then.
 */
#include "chan.h"
#include "describe.h"
#include "throw.h"

#include <stdlib.h>
#include <string.h>

enum { INLINE_CASES = 8 };

/* A select under way. */
struct selecting {
	weft_case *cases;
	size_t n;
	weft_case **order; /* those with a channel, in order of its address */
	size_t norder;
	struct weft_waiter *waiters; /* one for each in the order */
	struct g *g;
	weft_site *site;
	struct rt_select state;
	struct rt_timer *timer;	  /* NULL: not to be started */
	struct rt_timers *timers; /* where it is, or NULL */
	int otherwise;		  /* the index of what is done instead of waiting, or -1 */
	int timeout;		  /* the time-out's, or -1 */
	bool has_timer;		  /* some channel is a timer's */
	bool closed_send; /* the case done is a send that panics, which is at the end */
};

static bool has_chan(const weft_case *k)
{
	return (k->kind == WEFT_CASE_SEND || k->kind == WEFT_CASE_RECV) && k->chan;
}

/* A case with a channel goes to its place in the order.  The others are moved one by one: to swap
 * neighbours in memory takes a load right after a store of another width, 100 ns of eight cases. */
static void put_in_order(struct selecting *s, weft_case *k)
{
	size_t i = s->norder++;

	rt_used(k->chan, "weft_select", s->site);
	if (k->chan->timer && k->kind == WEFT_CASE_SEND)
		rt_panic(s->site, "send on the channel of a timer");
	if (k->chan->timer)
		s->has_timer = true;
	if (s->n <= INLINE_CASES)
		for (; i > 0 && (uintptr_t)s->order[i - 1]->chan > (uintptr_t)k->chan; i--)
			s->order[i] = s->order[i - 1];
	s->order[i] = k;
}

static int by_address(const void *a, const void *b)
{
	uintptr_t x = (uintptr_t)(*(weft_case *const *)a)->chan;
	uintptr_t y = (uintptr_t)(*(weft_case *const *)b)->chan;

	return (x > y) - (x < y);
}

static void check_cases(struct selecting *s)
{
	for (size_t i = 0; i < s->n; i++) {
		weft_case *k = &s->cases[i];
		bool otherwise = k->kind == WEFT_CASE_DEFAULT;
		int *which = otherwise ? &s->otherwise : &s->timeout;

		if ((unsigned)k->kind > WEFT_CASE_TIMEOUT)
			rt_fatal(s->site, "select: case %zu has no kind", i);
		if (has_chan(k))
			put_in_order(s, k);
		if (!otherwise && k->kind != WEFT_CASE_TIMEOUT)
			continue;
		if (*which >= 0)
			rt_fatal(s->site, "select: cases %d and %zu are both %s", *which, i,
				 otherwise ? "default" : "time-outs");
		*which = (int)i;
	}
	if (s->otherwise < 0 && s->timeout >= 0 && s->cases[s->timeout].ns <= 0)
		s->otherwise = s->timeout;
	if (s->n > INLINE_CASES)
		qsort(s->order, s->norder, sizeof *s->order, by_address);
}

/* Backwards, so that nothing of the select is touched after the last one: a woken goroutine may by
 * then have locked each, and gone. */
static void unlock_all(weft_case **order, size_t norder)
{
	for (size_t i = norder; i-- > 0;)
		if (i == 0 || order[i - 1]->chan != order[i]->chan)
			rt_spin_unlock(&order[i]->chan->lock);
}

/* Channels of timers: each is told what `tell` says. */
static void tell_timers(struct selecting *s, void (*tell)(weft_chan *c))
{
	for (size_t i = 0; s->has_timer && i < s->norder; i++)
		if (s->order[i]->chan->timer)
			tell(s->order[i]->chan);
}

/* ---- Which are ready -------------------------------------------------------------------- */

static bool live(const weft_waitq *q)
{
	for (struct weft_waiter *w = q->head; w; w = w->next)
		if (!w->select || !__atomic_load_n(&w->select->won, __ATOMIC_ACQUIRE))
			return true;
	return false;
}

static inline bool is_ready(const weft_case *k)
{
	const weft_chan *c = k->chan;

	if (k->kind == WEFT_CASE_SEND)
		return c->closed || c->count < c->cap || live(&c->recvq);
	return c->closed == RT_CLOSED || c->count > 0 || live(&c->sendq);
}

/* Do a case that was seen ready.  A waiter seen live may since have been won elsewhere: then this
 * fails. */
static bool do_case(struct selecting *s, weft_case *k, struct g **wake)
{
	enum rt_chan_result r;

	*wake = NULL;
	if (k->kind == WEFT_CASE_SEND) {
		r = rt_chan_send_locked(k->chan, k->value, s->site, wake);
		s->closed_send = r == RT_CHAN_CLOSED;
	} else {
		r = rt_chan_recv_locked(k->chan, k->value, s->site, wake);
		k->ok = r != RT_CHAN_CLOSED;
	}
	return r != RT_CHAN_WOULD_WAIT;
}

/* One of the ready cases, each alike, or -1. */
static int pick(struct selecting *s, bool (*ready)(const weft_case *k))
{
	uint32_t nready = 0;
	int chosen = -1;

	for (size_t i = 0; i < s->n; i++)
		if (has_chan(&s->cases[i]) && ready(&s->cases[i]) &&
		    (++nready == 1 || rt_choose(nready) == 0))
			chosen = (int)i;
	return chosen;
}

/* Without the lock: a hint. */
static inline bool seems_ready(const weft_case *k)
{
	const weft_chan *c = k->chan;
	size_t count = __atomic_load_n(&c->count, __ATOMIC_RELAXED);

	if (k->kind == WEFT_CASE_SEND ? count < c->cap : count > 0)
		return true;
	return __atomic_load_n(k->kind == WEFT_CASE_SEND ? &c->recvq.head : &c->sendq.head,
			       __ATOMIC_RELAXED) ||
	       __atomic_load_n(&c->closed, __ATOMIC_RELAXED) == RT_CLOSED;
}

/* Try a case that seems ready.  The index of the case done, or -1: perhaps none is ready.  Not with
 * timers, which fire when their channels are looked at: one that is due would be passed over for as
 * long as others are ready. */
static int try_one(struct selecting *s, struct g **wake)
{
	int chosen = s->has_timer ? -1 : pick(s, seems_ready);
	weft_case *k;

	if (chosen < 0)
		return -1;
	k = &s->cases[chosen];
	rt_spin_lock(&k->chan->lock);
	if (!is_ready(k) || !do_case(s, k, wake))
		chosen = -1;
	rt_spin_unlock(&k->chan->lock);
	return chosen;
}

/* The same with all locks: -1 if none was ready. */
static int try_all(struct selecting *s, struct g **wake)
{
	for (;;) {
		int chosen = pick(s, is_ready);

		if (chosen < 0 || do_case(s, &s->cases[chosen], wake))
			return chosen;
	}
}

/* ---- The passes -------------------------------------------------------------------------- */

static struct g *timed_out(struct rt_timer *t)
{
	struct selecting *s = t->arg;
	uint32_t zero = 0;

	if (!__atomic_compare_exchange_n(&s->state.won, &zero, 1, false, __ATOMIC_ACQ_REL,
					 __ATOMIC_RELAXED))
		return NULL;
	s->state.woken = NULL;
	return s->g;
}

static bool commit_select(struct g *gp, void *arg)
{
	struct selecting *s = arg;
	weft_case **order = s->order;
	size_t norder = s->norder;

	(void)gp;
	if (s->timer) {
		s->timers = &rt_self()->p->timers;
		rt_timer_start(s->timers, s->timer);
	}
	unlock_all(order, norder); // with none s may be gone by now
	return true;
}

static weft_waitq *queue_of(const weft_case *k)
{
	return k->kind == WEFT_CASE_SEND ? &k->chan->sendq : &k->chan->recvq;
}

/* Only what channels use of a waiter is set: eight of them are 640 bytes. */
static inline void enqueue(struct selecting *s, size_t i)
{
	struct weft_waiter *w = &s->waiters[i];

	w->g = s->g;
	w->select = &s->state;
	w->site = s->site;
	w->value = s->order[i]->value;
	w->ok = false;
	w->token = NULL;
	rt_release(w);
	rt_waitq_push(queue_of(s->order[i]), w);
}

static inline void leave_queue(struct selecting *s, size_t i)
{
	rt_waitq_remove(queue_of(s->order[i]), &s->waiters[i]);
}

/* Pass 1.  True if none is ready, and all waiters are queued; otherwise none is.  One that receives
 * what another would send looks ready, but is not: what is ready is seen with none queued. */
static bool lock_all(struct selecting *s)
{
	bool waits = s->otherwise < 0 && !s->has_timer;
	const weft_chan *last = NULL;
	size_t queued = 0;

	for (size_t i = 0; i < s->norder; i++) {
		weft_case *k = s->order[i];

		if (k->chan != last)
			rt_spin_lock(&k->chan->lock);
		last = k->chan;
		waits = waits && !is_ready(k);
		if (waits)
			enqueue(s, queued++);
	}
	while (!waits && queued > 0)
		leave_queue(s, --queued);
	return waits;
}

/* Each by itself: whose lock the commit still holds is waited for, so it has ended afterwards.  The
 * waker had the lock of its own, and took that waiter out. */
static void dequeue(struct selecting *s)
{
	for (size_t i = 0; i < s->norder; i++) {
		weft_chan *c = s->order[i]->chan;

		if (&s->waiters[i] == s->state.woken && !s->has_timer)
			continue;
		rt_spin_lock(&c->lock);
		leave_queue(s, i);
		if (c->timer)
			rt_timer_waited_for(c);
		rt_spin_unlock(&c->lock);
	}
	if (s->timers)
		rt_timer_stop(s->timers, s->timer);
}

/* The channel of all cases, or NULL. */
static weft_chan *only_chan(const struct selecting *s)
{
	size_t n = s->norder;

	return n > 0 && s->order[0]->chan == s->order[n - 1]->chan ? s->order[0]->chan : NULL;
}

/* Park, and finish the case that was done for us; its index. */
static int wait(struct selecting *s)
{
	struct rt_timer timer;
	struct weft_waiter *w;
	weft_case *k;

	if (s->timeout >= 0) {
		timer = (struct rt_timer){.when = rt_after(rt_now(), s->cases[s->timeout].ns),
					  .fire = timed_out,
					  .arg = s};
		s->timer = &timer;
	}
	rt_curg()->select = s;
	rt_park(WAIT_select, only_chan(s), s->site, commit_select, s);
	dequeue(s);
	w = s->state.woken;
	if (!w)
		return s->timeout;
	k = s->order[w - s->waiters];
	if (k->kind == WEFT_CASE_RECV) {
		k->ok = w->ok;
		rt_chan_received(k->chan, w);
	} else if (w->ok) {
		rt_chan_sent(w);
	} else {
		s->closed_send = true;
	}
	return (int)(k - s->cases);
}

/* The cases' channels at one moment: the index of the case done, or that is not to wait; -1 with a
 * waiter in every queue, and the locks held. */
static int choose_locked(struct selecting *s, struct g **wake)
{
	int chosen;

	if (lock_all(s))
		return -1;
	tell_timers(s, rt_timer_poll);
	chosen = try_all(s, wake);
	if (chosen < 0)
		chosen = s->otherwise;
	if (chosen >= 0) {
		unlock_all(s->order, s->norder);
		return chosen;
	}
	for (size_t i = 0; i < s->norder; i++)
		enqueue(s, i);
	tell_timers(s, rt_timer_waited_for);
	return -1;
}

static int choose(struct selecting *s, bool looked, bool *parked)
{
	struct g *wake = NULL;
	int chosen = looked ? -1 : try_one(s, &wake);

	if (chosen < 0)
		chosen = choose_locked(s, &wake);
	*parked = chosen < 0;
	if (chosen < 0)
		return wait(s);
	if (chosen == s->otherwise || chosen == s->timeout)
		rt_polled(rt_self());
	if (wake)
		rt_ready(wake);
	return chosen;
}

static void trace_done(struct selecting *s, int chosen, bool parked)
{
	const weft_case *k = &s->cases[chosen];

	rt_trace(select_done, rt_curg()->id, (uint32_t)s->n, (uint32_t)chosen, k->kind,
		 has_chan(k) ? k->chan : NULL, parked, rt_trace_site(s->site));
}

/* Out of the way, so that a select keeps no register for it. */
__attribute__((noinline)) static _Noreturn void send_refused(const struct selecting *s, int chosen)
{
	rt_chan_send_refused(s->cases[chosen].chan, s->site);
}

/* looked: the fast path has just seen that nothing seems ready. */
__attribute__((noinline)) static int select_entering(weft_case *cases, size_t n, weft_site *site,
						     bool looked)
{
	struct weft_waiter few_waiters[INLINE_CASES];
	weft_case *few_order[INLINE_CASES];
	struct selecting s = {.cases = cases,
			      .n = n,
			      .order = few_order,
			      .waiters = few_waiters,
			      .site = site,
			      .otherwise = -1,
			      .timeout = -1};
	void *many = NULL;
	bool parked;
	int chosen;

	rt_enter("weft_select");
	if (n > INT32_MAX)
		rt_fatal(site, "select of %zu cases; the result could not say which", n);
	if (n > INLINE_CASES) {
		many = malloc(n * (sizeof *s.waiters + sizeof *s.order));
		if (!many)
			rt_fatal(site, "no memory for a select of %zu cases", n);
		s.waiters = many;
		s.order = (weft_case **)(s.waiters + n);
	}
	s.g = rt_curg();
	check_cases(&s);
	for (size_t i = 0; i < n; i++)
		if (cases[i].kind == WEFT_CASE_SEND && cases[i].chan) {
			rt_reads(cases[i].chan, 1);
			rt_reads(cases[i].value, cases[i].chan->size);
		}
	chosen = choose(&s, looked, &parked);
	if (cases[chosen].kind == WEFT_CASE_RECV && cases[chosen].value)
		rt_writes(cases[chosen].value, cases[chosen].chan->size);
	free(many);
	if (s.closed_send)
		send_refused(&s, chosen);
	trace_done(&s, chosen, parked);
	rt_leave();
	return chosen;
}

/* ---- The fast path ------------------------------------------------------------------------ */

enum { QUICK_CASES = 32 };

/* Those that seem ready, a bit each; 0 also if there is anything else to see to: timers, which fire
 * when their channels are looked at, or what is no case. */
static uint32_t ready_cases(const weft_case *cases, size_t n)
{
	uint32_t ready = 0, special = 0;

	for (size_t i = 0; i < n; i++) {
		const weft_case *k = &cases[i];

		if (k->kind == WEFT_CASE_SEND || k->kind == WEFT_CASE_RECV) {
			if (!k->chan)
				continue;
			if (k->chan->timer)
				return 0;
			ready |= (uint32_t)seems_ready(k) << i;
		} else if (k->kind != WEFT_CASE_NONE) {
			if ((unsigned)k->kind > WEFT_CASE_TIMEOUT || special & 1u << k->kind)
				return 0;
			special |= 1u << k->kind;
		}
	}
	return ready;
}

/* The index of the case done, one of those that seem ready, each alike; or -1, and nothing is done.
 */
static int try_quick(weft_case *cases, size_t n, weft_site *site)
{
	uint32_t ready = ready_cases(cases, n), nready;
	enum rt_chan_result r;
	struct g *wake;
	weft_case *k;
	bool sends;

	if (!ready)
		return -1;
	nready = (uint32_t)__builtin_popcount(ready);
	for (uint32_t skip = nready > 1 ? rt_choose(nready) : 0; skip > 0; skip--)
		ready &= ready - 1;
	k = &cases[__builtin_ctz(ready)];
	sends = k->kind == WEFT_CASE_SEND;
	rt_spin_lock(&k->chan->lock);
	r = sends ? rt_chan_send_locked(k->chan, k->value, site, &wake)
		  : rt_chan_recv_locked(k->chan, k->value, site, &wake);
	rt_spin_unlock(&k->chan->lock);
	if (r == RT_CHAN_WOULD_WAIT || (sends && r == RT_CHAN_CLOSED))
		return -1;
	if (!sends)
		k->ok = r != RT_CHAN_CLOSED;
	if (r == RT_CHAN_WAKE)
		rt_ready(wake);
	return (int)(k - cases);
}

int weft_select_at(weft_case *cases, size_t n, weft_site *site)
{
	struct m *mp = rt_quick_self();
	int chosen;

	if (n > QUICK_CASES || !rt_enter_quick(mp, true))
		return select_entering(cases, n, site, false);
	chosen = try_quick(cases, n, site);
	rt_leave_quick(mp);
	return chosen < 0 ? select_entering(cases, n, site, true) : chosen;
}

/* ---- Reports ---------------------------------------------------------------------------- */

size_t rt_select_look(struct rt_peek *pk, const void *select, const void **chans, size_t max,
		      size_t *total, bool *timed)
{
	struct selecting s;
	weft_case k;
	size_t n = 0;

	*total = 0;
	*timed = true;
	if (!rt_peek(pk, &s, select, sizeof s))
		return 0;
	*timed = s.timeout >= 0;
	for (size_t i = 0; i < s.n && n < max && rt_peek(pk, &k, s.cases + i, sizeof k); i++)
		if (has_chan(&k))
			chans[n++] = k.chan;
	*total = n < max ? n : s.norder > n ? s.norder : n;
	return n;
}
