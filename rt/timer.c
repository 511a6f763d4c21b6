/* SPDX-License-Identifier: MIT */
#include "timer.h"
#include "throw.h"

#include <stdlib.h>

void rt_timers_init(struct rt_timers *ts)
{
	ts->next = INT64_MAX;
}

static void put(struct rt_timers *ts, size_t i, struct rt_timer *t)
{
	ts->heap[i] = t;
	t->index = i;
}

static void up(struct rt_timers *ts, size_t i)
{
	struct rt_timer *t = ts->heap[i];

	while (i > 0 && ts->heap[(i - 1) / 4]->when > t->when) {
		put(ts, i, ts->heap[(i - 1) / 4]);
		i = (i - 1) / 4;
	}
	put(ts, i, t);
}

static void down(struct rt_timers *ts, size_t i)
{
	struct rt_timer *t = ts->heap[i];

	for (;;) {
		size_t least = 4 * i + 1;

		for (size_t c = least + 1; c < ts->n && c <= 4 * i + 4; c++)
			if (ts->heap[c]->when < ts->heap[least]->when)
				least = c;
		if (least >= ts->n || ts->heap[least]->when >= t->when)
			break;
		put(ts, i, ts->heap[least]);
		i = least;
	}
	put(ts, i, t);
}

static void publish_next(struct rt_timers *ts)
{
	__atomic_store_n(&ts->next, ts->n ? ts->heap[0]->when : INT64_MAX, __ATOMIC_RELAXED);
}

static void take_out(struct rt_timers *ts, struct rt_timer *t)
{
	struct rt_timer *last = ts->heap[--ts->n];

	if (last != t) {
		put(ts, t->index, last);
		down(ts, last->index);
		up(ts, last->index);
	}
	t->heap = NULL;
}

void rt_timer_start(struct rt_timers *ts, struct rt_timer *t)
{
	rt_lock(&ts->lock);
	if (ts->n == ts->room) {
		size_t room = ts->room ? 2 * ts->room : 64;
		struct rt_timer **heap;

		rt_acquire(ts); // the sanitizer sees realloc, but not our lock
		heap = realloc(ts->heap, room * sizeof *heap);
		rt_release(ts);
		if (!heap)
			rt_fatal(NULL, "no memory for %zu timers", room);
		ts->heap = heap;
		ts->room = room;
	}
	t->heap = ts;
	put(ts, ts->n++, t);
	up(ts, t->index);
	publish_next(ts);
	rt_unlock(&ts->lock);
}

bool rt_timer_stop(struct rt_timers *ts, struct rt_timer *t)
{
	bool in;

	rt_lock(&ts->lock);
	in = t->heap != NULL;
	if (in) {
		take_out(ts, t);
		publish_next(ts);
	}
	rt_unlock(&ts->lock);
	return in;
}

struct g *rt_timers_due(struct rt_timers *ts, int64_t now)
{
	struct g *head = NULL, **tail = &head;

	if (rt_timers_next(ts) > now)
		return NULL;
	rt_lock(&ts->lock);
	while (ts->n && ts->heap[0]->when <= now) {
		struct rt_timer *t = ts->heap[0];

		take_out(ts, t);
		if (t->fire) {
			*tail = t->fire(t);
			if (*tail)
				tail = &(*tail)->next;
		} else {
			publish_next(ts);
			rt_unlock(&ts->lock);
			t->run(t);
			rt_lock(&ts->lock);
		}
	}
	*tail = NULL;
	publish_next(ts);
	rt_unlock(&ts->lock);
	return head;
}
