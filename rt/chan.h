/* SPDX-License-Identifier: MIT */
/* What select needs of channels. */
#ifndef RT_CHAN_H
#define RT_CHAN_H

#include "life.h"
#include "lock.h"
#include "waitq.h"

/* A context's channel is closed by the runtime alone: to those that send it is as a closed one, to
 * those that receive as an open one. */
enum { RT_OPEN, RT_RECV_ONLY, RT_CLOSED };

struct weft_chan {
	struct rt_spin lock;
	uint8_t closed; /* RT_OPEN, ... */
	struct weft_timer *timer; /* whose channel it is, and part of; or NULL */
	uint32_t refs; /* atomic */
	size_t size, cap;
	size_t head, count; /* the buffer is a ring */
	weft_waitq sendq, recvq;
	RT_LIFE
	char buf[] __attribute__((aligned(16)));
};

/* Under the lock: do the operation if that is possible without waiting.  RT_CHAN_WAKE: done, and
 * *wake is to be made ready once the lock is free. */
enum rt_chan_result { RT_CHAN_WOULD_WAIT, RT_CHAN_DONE, RT_CHAN_WAKE, RT_CHAN_CLOSED };
enum rt_chan_result rt_chan_send_locked(weft_chan *c, const void *v, weft_site *site,
					struct g **wake);
/* RT_CHAN_CLOSED: *v was zeroed. */
enum rt_chan_result rt_chan_recv_locked(weft_chan *c, void *v, weft_site *site, struct g **wake);

/* Panic, since nobody may send on c. */
_Noreturn void rt_chan_send_refused(const weft_chan *c, weft_site *site);

/* The same as rt_chan_send_locked, but the runtime sends: it is no goroutine. */
enum rt_chan_result rt_chan_send_runtime(weft_chan *c, const void *v, struct g **wake);

/* Close it; false if it is closed.  *woken is the goroutines to make ready, linked by next. */
bool rt_chan_close(weft_chan *c, weft_site *site, struct g **woken);

/* A timer's channel, under its lock (time.c): fire the timer if it is due; waiters for it have come
 * or gone. */
void rt_timer_poll(weft_chan *c);
void rt_timer_waited_for(weft_chan *c);

/* Timers for the runtime itself, which has entered: weft_after_func, and weft_timer_stop. */
weft_timer *rt_timer_func(int64_t ns, void (*fn)(void *arg), void *arg, weft_site *site);
bool rt_timer_disarm(weft_timer *t, weft_site *site);

/* For reports: the channels of a select that a goroutine waits in (g.select), up to max; how many
 * there are (0: it cannot be read), and whether it has a time-out, or may have. */
struct rt_peek;
size_t rt_select_look(struct rt_peek *pk, const void *select, const void **chans, size_t max,
		      size_t *total, bool *timed);

/* Whether a goroutine waits until the context or one that descends from it is cancelled; only while
 * no worker runs anything. */
bool rt_ctx_awaited(weft_ctx *ctx);

/* For the runtime itself, which has entered: weft_ctx_with_cancel. */
weft_ctx *rt_ctx_child(weft_ctx *parent, weft_site *site);

/* A parked waiter came back: say so to the sanitizer, and to the trace.  Neither touches *c:
 * whoever completed the operation may have dropped the last reference since. */
void rt_chan_sent(struct weft_waiter *w);
void rt_chan_received(const weft_chan *c, struct weft_waiter *w);

#endif
