/* SPDX-License-Identifier: MIT */
/* Waiters, and queues of them: under channels, select and sync.
 *
 * A waiter lives on the stack of the goroutine that parks, and belongs to whoever takes it out of
 * its queue, until rt_ready.  A queue is protected by its owner's lock.
 */
#ifndef RT_WAITQ_H
#define RT_WAITQ_H

#include "sched.h"

/* A select waits in several queues at once; the first waker wins it. */
struct rt_select {
	uint32_t won;		   /* set once, by compare-and-swap */
	struct weft_waiter *woken; /* by whom: the case's waiter, NULL for the time-out */
};

struct weft_waiter {
	struct weft_waiter *next, *prev;
	struct g *g;
	struct rt_select *select; /* NULL: waits in one queue only */
	weft_site *site;

	/* Channels. */
	void *value; /* to copy from or to; may be NULL for a receiver */
	bool ok;     /* set by the waker: the operation took place; false: closed */
	void *token; /* for the thread sanitizer: the slot that the value would have gone through */

	/* Mutexes. */
	int64_t since; /* rt_now() when the wait began */
	bool owns;     /* set by the waker: the mutex was handed over */
};

/* The head is also read without the lock, by who only wants a hint. */
static inline void rt_waitq_set_head(weft_waitq *q, struct weft_waiter *w)
{
	__atomic_store_n(&q->head, w, __ATOMIC_RELAXED);
}

static inline void rt_waitq_push(weft_waitq *q, struct weft_waiter *w)
{
	w->next = NULL;
	w->prev = q->tail;
	if (q->tail)
		q->tail->next = w;
	else
		rt_waitq_set_head(q, w);
	q->tail = w;
}

static inline void rt_waitq_push_front(weft_waitq *q, struct weft_waiter *w)
{
	w->prev = NULL;
	w->next = q->head;
	if (q->head)
		q->head->prev = w;
	else
		q->tail = w;
	rt_waitq_set_head(q, w);
}

/* Take w out, if it is in. */
static inline void rt_waitq_remove(weft_waitq *q, struct weft_waiter *w)
{
	if (!w->prev && q->head != w)
		return;
	if (w->prev)
		w->prev->next = w->next;
	else
		rt_waitq_set_head(q, w->next);
	if (w->next)
		w->next->prev = w->prev;
	else
		q->tail = w->prev;
	w->next = w->prev = NULL;
}

/* True if w is ours to wake: not if it is of a select that another waker has won. */
static inline bool rt_waiter_win(struct weft_waiter *w)
{
	uint32_t zero = 0;

	if (!w->select)
		return true;
	if (!__atomic_compare_exchange_n(&w->select->won, &zero, 1, false, __ATOMIC_ACQ_REL,
					 __ATOMIC_RELAXED))
		return false;
	w->select->woken = w;
	return true;
}

/* Take out the first, which there is. */
static inline struct weft_waiter *rt_waitq_shift(weft_waitq *q)
{
	struct weft_waiter *w = q->head;

	rt_waitq_set_head(q, w->next);
	if (w->next)
		w->next->prev = NULL;
	else
		q->tail = NULL;
	w->next = NULL;
	return w;
}

/* The first waiter that is still to be woken, taken out; NULL if there is none.  Waiters of a
 * select that another waker has won are dropped: the select takes no notice of them any more. */
static inline struct weft_waiter *rt_waitq_pop(weft_waitq *q)
{
	while (q->head) {
		struct weft_waiter *w = rt_waitq_shift(q);

		if (rt_waiter_win(w))
			return w;
	}
	return NULL;
}

/* Make all in a list ready, the first first; they are in no queue any more. */
static inline void rt_waitq_ready(struct weft_waiter *w)
{
	while (w) {
		struct weft_waiter *next = w->next;

		rt_ready(w->g);
		w = next;
	}
}

#endif
