/* SPDX-License-Identifier: MIT */
/* Descriptors, and who waits for them to be ready: epoll.
 *
 * Each open descriptor has a record, at its number, which is never unmapped.  It is registered with
 * epoll once, edge-triggered, for both directions.
 *
 * `edges` counts the edges of a direction.  Who wants to wait looks at it, tries, and waits only if
 * the try found nothing and no edge has come since the look; c->lock makes the second look and the
 * wait one step. So:
 *
 *     while c->lock is free and a goroutine waits, whatever lets it go on is an edge still to come.
 *
 * An edge is nobody's in particular: it comes once for all that arrived, and who is woken by it, or
 * sees it, may leave some of that to others.  So it wakes all that wait for its direction, and each
 * that was about to wait tries once more.
 *
 * An edge, a deadline, a close and a cancel take waiters out under c->lock; who takes a waiter out
 * makes its goroutine ready, once.
 */
#ifndef RT_NETPOLL_H
#define RT_NETPOLL_H

#include "lock.h"
#include "timer.h"

enum rt_side { RT_READ = 0, RT_WRITE = 1 };

/* On the stack of a goroutine that waits; in c->waiters until it is taken out, then the
 * goroutine's. */
struct rt_io_waiter {
	struct rt_io_waiter *next;
	struct g *g;
	uint32_t sides; /* for which it waits: 1 << enum rt_side */
	int result;	/* set by who takes it out: 0 to try again, or -errno */
};

struct rt_conn {
	/* The generation in the upper half, CONN_CLOSED, and how many use it: io.c.  Atomic. */
	uint64_t state;
	int fd;
	bool pollable; /* false: epoll refused it, as it does regular files; it never waits */
	bool socket;
	/* A short read means that nothing is left, as of a TCP connection that is whole; atomic. */
	bool exact;
	uint64_t edges[2]; /* of each direction; atomic, see above */
	uint64_t drained;  /* a read found nothing left after so many; atomic, see io.c */

	/* It protects what follows. */
	struct rt_lock lock;
	struct rt_io_waiter *waiters; /* the first comes first */
	int err;		      /* its context was cancelled; atomic */
	int64_t deadline[2];	      /* 0: none; atomic */
	struct rt_timer timer;	      /* of the deadlines, while somebody waits */
	struct rt_timers *in;	      /* the heap that it was put into last, or NULL */
	struct weft_ctx_func *func;   /* of its context, or NULL */
	char *path;		      /* to unlink at the end, of a listener's socket */
} __attribute__((aligned(64)));

/* The record of a descriptor, made if need be; NULL if there is no memory or fd is absurd. */
struct rt_conn *rt_conn_make(int fd);
/* The same if it was ever made. */
struct rt_conn *rt_conn_at(uint32_t fd);

/* A handle tells the uses of a descriptor's number apart. */
enum { CONN_USES = 0x7fffffff };
#define CONN_CLOSED 0x80000000u

static inline int64_t rt_conn_handle(uint64_t state, int fd)
{
	return (int64_t)((state >> 32 << 32) | (uint32_t)fd);
}

/* Under c->lock: take out who waits for one of `sides`, with their result; linked by next. */
struct g *rt_conn_take(struct rt_conn *c, uint32_t sides, int result);

/* Once, before the first descriptor: 0, or -errno. */
int rt_netpoll_open(void);
/* Register; 0, or -errno (-EPERM: it needs no waiting).  To be undone before it is closed. */
int rt_netpoll_add(struct rt_conn *c);
void rt_netpoll_remove(struct rt_conn *c);

/* Wait for edges until `until` (of rt_now; 0: not at all, INT64_MAX: for ever) or rt_netpoll_wake.
 * The goroutines to make ready, linked by next.  From any thread. */
struct g *rt_netpoll(int64_t until);
/* End the wait of who waits with `until`, now or when it comes, until rt_netpoll_woken. */
void rt_netpoll_wake(void);
void rt_netpoll_woken(void);

#endif
