/* SPDX-License-Identifier: MIT */
#include "timer.h"
#include "throw.h"

#include <stdlib.h>
#include <string.h>

void rt_timers_init(struct rt_timers *ts)
{
	ts->next = INT64_MAX;
}

static void put(struct rt_timers *ts, size_t i, struct rt_timer_due due)
{
	ts->heap[i] = due;
	due.timer->index = i;
}

static void up(struct rt_timers *ts, size_t i)
{
	struct rt_timer_due due = ts->heap[i];

	while (i > 0 && ts->heap[(i - 1) / 4].when > due.when) {
		put(ts, i, ts->heap[(i - 1) / 4]);
		i = (i - 1) / 4;
	}
	put(ts, i, due);
}

static void down(struct rt_timers *ts, size_t i)
{
	struct rt_timer_due due = ts->heap[i];

	for (;;) {
		size_t least = 4 * i + 1;

		for (size_t c = least + 1; c < ts->n && c <= 4 * i + 4; c++)
			if (ts->heap[c].when < ts->heap[least].when)
				least = c;
		if (least >= ts->n || ts->heap[least].when >= due.when)
			break;
		put(ts, i, ts->heap[least]);
		i = least;
	}
	put(ts, i, due);
}

static int64_t first(const struct rt_timers *ts)
{
	return ts->n ? ts->heap[0].when : INT64_MAX;
}

static void set_next(struct rt_timers *ts, int64_t next)
{
	__atomic_store_n(&ts->next, next, __ATOMIC_RELAXED);
}

static void take_out(struct rt_timers *ts, struct rt_timer *t)
{
	struct rt_timer_due last = ts->heap[--ts->n];

	if (last.timer != t) {
		put(ts, t->index, last);
		down(ts, t->index);
		up(ts, last.timer->index);
	}
	t->heap = NULL;
}

/* The first child of each node, 4 i + 1, is to begin a cache line. */
enum { LINE = 64, BEFORE = LINE - sizeof(struct rt_timer_due) };

static void grow(struct rt_timers *ts)
{
	size_t room = ts->room ? 2 * ts->room : 64, size = ts->n * sizeof *ts->heap;
	char *old = ts->room ? (char *)ts->heap - BEFORE : NULL, *new;

	rt_acquire(ts); // the sanitizer sees malloc and free, but not our lock
	new = aligned_alloc(LINE, (BEFORE + room * sizeof *ts->heap + LINE - 1) & -LINE);
	if (!new)
		rt_fatal(NULL, "no memory for %zu timers", room);
	if (old)
		memcpy(new + BEFORE, ts->heap, size);
	free(old);
	rt_release(ts);
	ts->heap = (struct rt_timer_due *)(new + BEFORE);
	ts->room = room;
}

void rt_timer_start(struct rt_timers *ts, struct rt_timer *t)
{
	rt_lock(&ts->lock);
	if (ts->n == ts->room)
		grow(ts);
	t->heap = ts;
	put(ts, ts->n++, (struct rt_timer_due){t->when, t});
	up(ts, t->index);
	if (t->when < ts->next)
		set_next(ts, t->when);
	rt_unlock(&ts->lock);
}

bool rt_timer_stop(struct rt_timers *ts, struct rt_timer *t)
{
	bool in;

	rt_lock(&ts->lock);
	in = t->heap != NULL;
	if (in) {
		take_out(ts, t);
		if (first(ts) > ts->next)
			set_next(ts, first(ts));
	}
	rt_unlock(&ts->lock);
	return in;
}

struct g *rt_timers_due(struct rt_timers *ts, int64_t now)
{
	struct g *gp = NULL;

	if (rt_timers_next(ts) > now)
		return NULL;
	rt_lock(&ts->lock);
	while (!gp && ts->n && ts->heap[0].when <= now) {
		struct rt_timer *t = ts->heap[0].timer;

		take_out(ts, t);
		if (t->fire) {
			gp = t->fire(t);
		} else {
			set_next(ts, first(ts));
			rt_unlock(&ts->lock);
			t->run(t);
			rt_lock(&ts->lock);
		}
	}
	set_next(ts, first(ts));
	rt_unlock(&ts->lock);
	return gp;
}

static unsigned count(const struct rt_timers *ts, size_t i, int64_t then, unsigned n, unsigned most)
{
	if (i >= ts->n || ts->heap[i].when > then || n > most)
		return n;
	n++;
	for (size_t c = 4 * i + 1; c <= 4 * i + 4; c++)
		n = count(ts, c, then, n, most);
	return n;
}

unsigned rt_timers_count(struct rt_timers *ts, int64_t then, unsigned n, unsigned most)
{
	if (rt_timers_next(ts) > then)
		return n;
	rt_lock(&ts->lock);
	n = count(ts, 0, then, n, most);
	rt_unlock(&ts->lock);
	return n;
}

void rt_timers_put_off(struct rt_timers *ts, int64_t then)
{
	if (rt_timers_next(ts) > then)
		return;
	rt_lock(&ts->lock);
	if (ts->next == first(ts))
		set_next(ts, then);
	rt_unlock(&ts->lock);
}
