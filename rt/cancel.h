/* SPDX-License-Identifier: MIT */
/* Waits that a context may end.
 *
 * The goroutine is in two queues at once, as a select is: in that of what it waits for, and in that
 * of the channel which the context closes.  Who wakes it must win it first (rt_waiter_win), so it
 * gets what it waited for or was cancelled, never both.
 *
 * From rt_cancel_begin until the commit of its park, the channel is locked: nobody can cancel it
 * before it is off its stack.  Woken by the other queue, it cannot get past rt_cancel_end before
 * the commit has unlocked the channel; so the commit may use its stack until then.
 */
#ifndef RT_CANCEL_H
#define RT_CANCEL_H

#include "chan.h"

struct rt_cancel {
	struct rt_select select; /* for the waiter in the other queue to point to */
	struct weft_waiter w;
	weft_chan *done;
};

/* Queue for the end of the context, whose channel is rc->done, and lock it; false, and it is not
 * locked, if the context is cancelled. */
static inline bool rt_cancel_begin(struct rt_cancel *rc, struct g *gp, weft_site *site)
{
	rt_spin_lock(&rc->done->lock);
	if (rc->done->closed == RT_CLOSED) {
		rt_spin_unlock(&rc->done->lock);
		return false;
	}
	rc->w = (struct weft_waiter){.g = gp, .select = &rc->select, .site = site};
	rt_waitq_push(&rc->done->recvq, &rc->w);
	return true;
}

/* Do not wait after all. */
static inline void rt_cancel_undo(struct rt_cancel *rc)
{
	rt_waitq_remove(&rc->done->recvq, &rc->w);
	rt_spin_unlock(&rc->done->lock);
}

/* After the park: true if it was cancelled, and is to leave the other queue. */
static inline bool rt_cancel_end(struct rt_cancel *rc)
{
	rt_spin_lock(&rc->done->lock);
	rt_waitq_remove(&rc->done->recvq, &rc->w);
	rt_spin_unlock(&rc->done->lock);
	return rc->select.woken == &rc->w;
}

#endif
