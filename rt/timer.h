/* SPDX-License-Identifier: MIT */
/* Timers: a heap for each worker.
 *
 * A heap's lock protects it and the timers in it.  A timer's memory is its owner's.  One with
 * `fire` fires under the lock, so its memory may be reused once it has fired or rt_timer_stop has
 * returned.  One with `run` is run after the lock is dropped: its owner sees to it that it lives
 * until then, though rt_timer_stop may have returned false meanwhile.
 */
#ifndef RT_TIMER_H
#define RT_TIMER_H

#include "g.h"
#include "lock.h"

struct rt_timers;

struct rt_timer {
	int64_t when;
	/* Called when due, under the heap's lock: the goroutine to make ready, or NULL. */
	struct g *(*fire)(struct rt_timer *t);
	/* If fire is NULL: called when due, without the lock, by the thread of a worker. */
	void (*run)(struct rt_timer *t);
	void *arg;
	struct rt_timers *heap; /* NULL: in none; under the heap's lock */
	size_t index;
};

/* What is compared is in the heap itself: the timers are far apart, most of them on stacks. */
struct rt_timer_due {
	int64_t when;
	struct rt_timer *timer;
};

struct rt_timers {
	struct rt_lock lock;
	struct rt_timer_due *heap; /* four children to a node, which share a cache line */
	size_t n, room;
	int64_t next; /* rt_timers_next; atomic, written under the lock */
};

void rt_timers_init(struct rt_timers *ts);
/* Put t, with when, fire and arg set, into the heap. */
void rt_timer_start(struct rt_timers *ts, struct rt_timer *t);
/* True if it was stopped before it fired.  Afterwards it does not fire. */
bool rt_timer_stop(struct rt_timers *ts, struct rt_timer *t);
/* Fire or run what is due until a goroutine is to be made ready: it, or NULL. */
struct g *rt_timers_due(struct rt_timers *ts, int64_t now);
/* n, and how many are due by then, as long as that is not more than most. */
unsigned rt_timers_count(struct rt_timers *ts, int64_t then, unsigned n, unsigned most);
/* See to those that are due before then at that time, unless they are put off already. */
void rt_timers_put_off(struct rt_timers *ts, int64_t then);

/* When they are to be seen to: when the first is due, or what that was put off to; INT64_MAX if
 * there is none. */
static inline int64_t rt_timers_next(const struct rt_timers *ts)
{
	return __atomic_load_n(&ts->next, __ATOMIC_RELAXED);
}

static inline bool rt_timers_are_due(const struct rt_timers *ts)
{
	int64_t next = rt_timers_next(ts);

	return next != INT64_MAX && next <= rt_now();
}

#endif
