/* SPDX-License-Identifier: MIT */
/* A wait, explained: what the goroutine that ended it did meanwhile, whom that one waited for, and
 * so on, to goroutines that ran, timers, I/O, and waits that nobody ended.
 *
 * A wait is a window of time.  What its waker did in it are its parts, and they sum to it: parts of
 * one kind (the same state, reason, object and waker) are one.  A part that is a wait itself has
 * the windows of those waits, and parts in turn.  While a goroutine did not exist yet, its parent
 * is asked.  A wait that nobody ended is explained by who holds what it waits for.
 *
 * A goroutine waits in all of the window that its waker is asked for, so it can be no waker of that
 * one there: windows become smaller, and only waits that nobody ended can make a circle.
 */
#ifndef VIZ_WHY_H
#define VIZ_WHY_H

#include "array.h"

#include <stdbool.h>
#include <stdint.h>

enum what {
	WHAT_RUNNING,
	WHAT_DETACHED,
	WHAT_RUNNABLE,
	WHAT_WAITING,
	WHAT_UNBORN, /* it did not exist yet */
	WHAT_ENDED   /* it did not exist any more */
};

/* A state of a goroutine, or what is alike in several. */
struct why_state {
	enum what what;
	bool open;     /* it had not ended when the trace did */
	char why[24];  /* waiting: the reason; runnable: how it became so */
	int64_t obj;   /* 0: none */
	int64_t site;  /* 0: not known */
	int64_t other; /* waiting: the waker, or of an open wait the holder; unborn: the parent; -1:
			  nobody */
	int64_t p;     /* running: the worker; else -1 */
};

struct window {
	int64_t from, to;
};

struct part {
	int64_t g;
	struct why_state state;
	int64_t total;
	ARRAY(struct window) windows;
	ARRAY(struct part) parts; /* what state.other did in them, the longest first */
	bool circle;		  /* state.other is already asked for, further up */
	bool deeper;		  /* parts would come here, but for the depth */
};

/* Where states come from: what g did from `from` to `to`, all of that time, in order.  -1 after a
 * message. */
struct why_span {
	int64_t from, to;
	struct why_state state;
};
struct why_spans {
	ARRAY(struct why_span) v;
};
typedef int why_source(void *arg, int64_t g, int64_t from, int64_t to, struct why_spans *spans);

/* Fill in the parts of `root`, of which the caller has filled in g, state, total and one window; to
 * `depth` levels, and of what takes at least `least` ns.  -1 if the source fails. */
int why_explain(struct part *root, int depth, int64_t least, why_source *source, void *arg);
void why_free(struct part *root);

#endif
