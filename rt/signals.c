/* SPDX-License-Identifier: MIT */
/* Signals as channels, and as contexts.
 *
 * The handler, which may interrupt anything, sets a bit in `pending` and wakes the monitor.  The
 * monitor, a thread of its own that no computation can hold up, sends to the channels.  So a signal
 * needs no thread that waits for it (signalfd and sigwait do, and need it blocked in every thread,
 * those of libraries included), and its default action is back as soon as nobody listens.
 *
 * `lock` protects the list of listeners and the dispositions.  It is held while signals are passed
 * on, so after weft_signal_stop none is on its way.  The monitor alone sends, and sets `delivering`
 * first: with that a check for deadlock never sees a goroutine that waits no more and is not
 * runnable yet.  A check that was put off for that is made by the monitor (rt_check_deadlock).
 */
#define _GNU_SOURCE
#include "signals.h"
#include "chan.h"
#include "sample.h"
#include "throw.h"

#include <errno.h>
#include <signal.h>
#include <stdlib.h>

enum { SIGNALS = 65 };

struct listener {
	struct listener *next;
	uint64_t sigs;	 /* a bit for each signal */
	weft_chan *chan; /* to send to; or NULL, and then */

	weft_ctx *ctx; /* to cancel */
	int sig;       /* what has come for it */
	weft_ctx_func *func;
	uint32_t refs; /* atomic */
	weft_site *site;
	uint64_t by, task;
};

static struct rt_lock lock;
static struct listener *listeners;
static struct sigaction before[SIGNALS]; /* what did the signal that we changed did before */
static uint64_t changed;		 /* those */

static uint64_t pending; /* atomic: set by the handler, cleared by the monitor */
static bool delivering;	 /* atomic */

static uint64_t bit(int sig)
{
	return (uint64_t)1 << (sig - 1);
}

/* A child that was forked and has not called exec has no monitor: there the signal does what it did
 * before. */
static void on_signal(int sig)
{
	int saved = errno;

	if (rt_is_forked()) {
		sigaction(sig, &before[sig], NULL);
		raise(sig); // comes when this handler returns
	} else {
		__atomic_fetch_or(&pending, bit(sig), __ATOMIC_RELAXED);
		rt_note_wake(&rt.monitor);
	}
	errno = saved;
}

/* ---- Dispositions, under the lock ------------------------------------------------------- */

static void change(int sig, void (*handler)(int))
{
	struct sigaction sa = {.sa_handler = handler, .sa_flags = SA_RESTART | SA_ONSTACK}, old;

	if (sig == SIGPROF)
		rt_sample_stop();
	sigaction(sig, &sa, &old);
	if (!(changed & bit(sig)))
		before[sig] = old;
	changed |= bit(sig);
}

static void restore(int sig)
{
	if (changed & bit(sig))
		sigaction(sig, &before[sig], NULL);
	changed &= ~bit(sig);
}

static uint64_t listened(void)
{
	uint64_t sigs = 0;

	for (struct listener *l = listeners; l; l = l->next)
		sigs |= l->sigs;
	return sigs;
}

/* Those of sigs that nobody listens for do again what they did before. */
static void restore_unheard(uint64_t sigs)
{
	sigs &= ~listened();
	for (int sig = 1; sig < SIGNALS; sig++)
		if (sigs & bit(sig))
			restore(sig);
}

/* ---- By the monitor --------------------------------------------------------------------- */

static void cancel(void *arg);

static void cancel_by(struct listener *l, int sig)
{
	if (l->sig)
		return;
	l->sig = sig;
	__atomic_fetch_add(&l->refs, 1, __ATOMIC_RELAXED);
	rt_go_outside(cancel, l, l->site, l->by, l->task);
}

static void send_to(struct listener *l, int sig)
{
	struct g *wake = NULL;
	enum rt_chan_result r;

	rt_spin_lock(&l->chan->lock);
	r = rt_chan_send_runtime(l->chan, &sig, &wake);
	rt_spin_unlock(&l->chan->lock);
	if (r == RT_CHAN_WAKE)
		rt_ready_outside(wake);
}

static void pass_on(int sig)
{
	uint32_t n = 0;

	for (struct listener *l = listeners; l; l = l->next)
		n += (l->sigs & bit(sig)) != 0;
	/* It came before the last who listened stopped: now it does what it did before. */
	if (!n && !(changed & bit(sig))) {
		kill(rt.pid, sig);
		return;
	}
	rt_trace(signal_recv, (uint32_t)sig, n);
	for (struct listener *l = listeners; l; l = l->next)
		if (l->sigs & bit(sig))
			l->chan ? send_to(l, sig) : cancel_by(l, sig);
}

void rt_signals_deliver(void)
{
	uint64_t sigs;

	if (!__atomic_load_n(&pending, __ATOMIC_RELAXED))
		return;
	__atomic_store_n(&delivering, true, __ATOMIC_SEQ_CST);
	rt_lock(&lock);
	sigs = __atomic_exchange_n(&pending, 0, __ATOMIC_SEQ_CST);
	for (int sig = 1; sig < SIGNALS; sig++)
		if (sigs & bit(sig))
			pass_on(sig);
	rt_unlock(&lock);
	__atomic_store_n(&delivering, false, __ATOMIC_SEQ_CST);
	rt_check_deadlock();
}

/* Nobody runs: only the monitor may be in the channel. */
static bool chan_awaited(weft_chan *c)
{
	bool waits;

	if (!rt_spin_try_lock(&c->lock))
		return true;
	waits = c->recvq.head != NULL;
	rt_spin_unlock(&c->lock);
	return waits;
}

bool rt_signals_awaited(void)
{
	for (struct listener *l = listeners; l; l = l->next)
		if (l->sigs && (l->chan ? chan_awaited(l->chan) : rt_ctx_awaited(l->ctx)))
			return true;
	return __atomic_load_n(&pending, __ATOMIC_SEQ_CST) ||
	       __atomic_load_n(&delivering, __ATOMIC_SEQ_CST);
}

bool rt_signals_wanted(void)
{
	return __atomic_load_n(&listeners, __ATOMIC_RELAXED);
}

/* ---- The API ---------------------------------------------------------------------------- */

static bool can_listen(int sig)
{
	switch (sig) {
	case SIGKILL:
	case SIGSTOP: // the kernel lets nobody
	case SIGSEGV:
	case SIGBUS:
	case SIGFPE:
	case SIGILL:
	case SIGTRAP:
	case SIGSYS:
	case SIGABRT: // what the program itself does wrong cannot wait for a goroutine
		return false;
	default:
		return sig > 0 && sig < SIGNALS && (sig < 32 || sig >= SIGRTMIN); // libc has some
	}
}

/* Their bits; 0 if there is none or one that cannot be. */
static uint64_t mask(const int *sigs, size_t n)
{
	uint64_t bits = 0;

	for (size_t i = 0; i < n; i++) {
		if (!can_listen(sigs[i]))
			return 0;
		bits |= bit(sigs[i]);
	}
	return bits;
}

static struct listener *listener_new(uint64_t sigs, weft_site *site)
{
	struct listener *l = calloc(1, sizeof *l);

	if (!l)
		rt_fatal(site, "no memory for a listener of signals");
	rt_alone_no_more(); // the monitor sends to it, or spawns what cancels
	*l = (struct listener){.next = listeners,
			       .sigs = sigs,
			       .site = site,
			       .by = rt_curg()->id,
			       .task = rt_curg()->task};
	listeners = l;
	return l;
}

/* After the listener is in the list: a signal comes to it at once. */
static void listen(uint64_t sigs)
{
	for (int sig = 1; sig < SIGNALS; sig++)
		if (sigs & bit(sig))
			change(sig, on_signal);
}

int weft_signal_notify_at(weft_chan *c, const int *sigs, size_t n, weft_site *site)
{
	uint64_t bits = mask(sigs, n);
	struct listener *l;

	rt_enter("weft_signal_notify");
	if (c)
		rt_used(c, "weft_signal_notify", site);
	if (!c || c->timer || c->size != sizeof(int))
		rt_panic(site, "weft_signal_notify of a channel that is %s",
			 !c ? "NULL" : "not of int");
	if (bits) {
		rt_trace(signal_notify, c, rt_curg()->id, bits, rt_trace_site(site));
		rt_lock(&lock);
		for (l = listeners; l && l->chan != c; l = l->next)
			;
		if (l)
			l->sigs |= bits;
		else
			listener_new(bits, site)->chan = weft_chan_ref(c);
		listen(bits);
		rt_unlock(&lock);
	}
	rt_leave();
	return bits ? 0 : -EINVAL;
}

/* Out of the list, if it is in. */
static void remove_listener(struct listener *gone)
{
	for (struct listener **at = &listeners; *at; at = &(*at)->next)
		if (*at == gone) {
			*at = gone->next;
			return;
		}
}

void weft_signal_stop_at(weft_chan *c, weft_site *site)
{
	struct listener *l;

	rt_enter("weft_signal_stop");
	if (!c)
		rt_panic(site, "weft_signal_stop of a NULL channel");
	rt_used(c, "weft_signal_stop", site);
	rt_lock(&lock);
	for (l = listeners; l && l->chan != c; l = l->next)
		;
	if (l) {
		rt_trace(signal_stop, c, rt_curg()->id, rt_trace_site(site));
		remove_listener(l);
		restore_unheard(l->sigs);
	}
	rt_unlock(&lock);
	if (l)
		weft_chan_unref(l->chan);
	free(l);
	rt_leave();
}

/* Nobody listens for them any more.  */
static void unlisten(uint64_t sigs)
{
	for (struct listener *l = listeners; l; l = l->next)
		l->sigs &= ~sigs;
}

int weft_signal_ignore_at(const int *sigs, size_t n)
{
	uint64_t bits = mask(sigs, n);

	rt_enter("weft_signal_ignore");
	rt_lock(&lock);
	unlisten(bits);
	for (int sig = 1; sig < SIGNALS; sig++)
		if (bits & bit(sig))
			change(sig, SIG_IGN);
	rt_unlock(&lock);
	rt_leave();
	return bits ? 0 : -EINVAL;
}

int weft_signal_reset_at(const int *sigs, size_t n)
{
	uint64_t bits = mask(sigs, n);

	rt_enter("weft_signal_reset");
	rt_lock(&lock);
	unlisten(bits);
	restore_unheard(bits);
	rt_unlock(&lock);
	rt_leave();
	return bits ? 0 : -EINVAL;
}

/* ---- Contexts --------------------------------------------------------------------------- */

/* The one who makes the listener has a reference, cancel() and forget() have others: the last to go
 * frees it.  All three are outside the runtime. */
static void drop(struct listener *l)
{
	rt_release(l);
	if (__atomic_fetch_sub(&l->refs, 1, __ATOMIC_ACQ_REL) != 1)
		return;
	rt_acquire(l);
	weft_ctx_stop(l->func);
	weft_ctx_unref(l->ctx);
	free(l);
}

/* A signal has come: in a goroutine of its own. */
static void cancel(void *arg)
{
	struct listener *l = arg;

	weft_ctx_cancel_at(l->ctx, l->sig, l->site);
	drop(l);
}

/* The context was cancelled, by a signal or otherwise: in a goroutine of its own. */
static void forget(void *arg)
{
	struct listener *l = arg;

	rt_enter("");
	rt_lock(&lock);
	remove_listener(l);
	restore_unheard(l->sigs);
	rt_unlock(&lock);
	rt_leave();
	drop(l);
}

weft_ctx *weft_ctx_with_signals_at(weft_ctx *parent, const int *sigs, size_t n, weft_site *site)
{
	weft_ctx *ctx = weft_ctx_with_cancel_at(parent, site);
	uint64_t bits = mask(sigs, n);
	struct listener *l;

	rt_enter("weft_ctx_with_signals");
	if (!bits)
		rt_panic(site, "weft_ctx_with_signals of a signal that cannot be caught");
	rt_trace(signal_notify, ctx, rt_curg()->id, bits, rt_trace_site(site));
	rt_lock(&lock);
	l = listener_new(bits, site);
	l->ctx = weft_ctx_ref(ctx);
	l->refs = 2;
	listen(bits);
	rt_unlock(&lock);
	rt_leave();
	l->func = weft_ctx_after_func_at(ctx, forget, l, site);
	drop(l);
	return ctx;
}
