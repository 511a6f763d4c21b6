/* SPDX-License-Identifier: MIT */
/* Connections: that they are in use, waiting, deadlines, contexts, closing.  net.c makes them, and
 * conn_ops.c reads and writes.
 *
 * A handle is a descriptor's number with the generation of its use.  c->state has the generation,
 * CONN_CLOSED, and how many use the record: each operation while it runs, and its being open.  The
 * last one out closes the descriptor; so an operation never meets another file under its number,
 * and a stale handle is told by one compare-and-swap.
 *
 * Deadlines.  The timer is started when a goroutine begins to wait, and left in the heap when the
 * wait ends: a later deadline costs nothing, the timer comes early and is set anew.
 */
#define _GNU_SOURCE
#include "io.h"
#include "chan.h"
#include "throw.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

char rt_io_sync;

__attribute__((noinline)) int64_t rt_io_result(ssize_t result)
{
	return result < 0 ? -errno : result;
}

/* ---- In use and not ---------------------------------------------------------------------- */

struct rt_conn *rt_io_hold(weft_conn h)
{
	struct rt_conn *c = rt_conn_at((uint32_t)h);
	uint64_t state;

	if (!c)
		return NULL;
	state = __atomic_load_n(&c->state, __ATOMIC_RELAXED);
	do {
		if (state >> 32 != (uint64_t)h >> 32 || state & CONN_CLOSED)
			return NULL;
	} while (!__atomic_compare_exchange_n(&c->state, &state, state + 1, true, __ATOMIC_ACQUIRE,
					      __ATOMIC_RELAXED));
	return c;
}

/* Nobody uses it any more: the result of close. */
static int release(struct rt_conn *c, uint64_t state)
{
	uint64_t use = (state >> 32 & CONN_USES) == CONN_USES ? 1 : (state >> 32) + 1;
	int fd = c->fd;

	if (c->pollable)
		rt_netpoll_remove(c);
	if (c->path)
		unlink(c->path);
	free(c->path);
	c->path = NULL;
	rt_name_drop(c);
	/* Before the close: after it the number may be in use again. */
	__atomic_store_n(&c->state, use << 32 | CONN_CLOSED, __ATOMIC_RELEASE);
	return (int)rt_io_call(close(fd));
}

static int drop(struct rt_conn *c)
{
	uint64_t state = __atomic_sub_fetch(&c->state, 1, __ATOMIC_ACQ_REL);

	return (uint32_t)state == CONN_CLOSED ? release(c, state) : 0;
}

void rt_io_drop(struct rt_conn *c)
{
	drop(c);
}

/* epoll, once; and from now on who sleeps until a timer is due waits for edges too. */
static int start_polling(void)
{
	static struct rt_lock lock;
	static bool open;
	int err = 0;

	if (__atomic_load_n(&open, __ATOMIC_ACQUIRE))
		return 0;
	rt_lock(&lock);
	if (!open) {
		err = rt_netpoll_open();
		if (!err) {
			rt_sched_poll();
			__atomic_store_n(&open, true, __ATOMIC_RELEASE); // pairs with the load
		}
	}
	rt_unlock(&lock);
	return err;
}

static void trace_open(struct rt_conn *c, int kind, weft_site *site)
{
	char text[260] = "";

	if (!rt_trace_on())
		return;
	if (c->socket)
		rt_io_addresses(c->fd, text, sizeof text);
	rt_trace(io_open, c, rt_curg()->id, c->fd, (uint32_t)kind, text, rt_trace_site(site));
}

weft_conn rt_io_open(int fd, int kind, bool socket, bool exact, weft_site *site)
{
	int err = start_polling();
	struct rt_conn *c = err ? NULL : rt_conn_make(fd);
	uint64_t state;

	if (!c)
		return err ? err : -ENOMEM;
	state = __atomic_load_n(&c->state, __ATOMIC_ACQUIRE);
	if ((uint32_t)state != CONN_CLOSED) {
		if (kind == IO_ADOPTED)
			return -EEXIST;
		rt_fatal(site, "descriptor %d was closed, but not by weft_conn_close", fd);
	}
	rt_lock(&c->lock);
	c->fd = fd;
	c->socket = socket;
	c->pollable = true;
	c->err = 0;
	c->exact = exact;
	c->drained = UINT64_MAX;
	c->deadline[RT_READ] = c->deadline[RT_WRITE] = 0;
	state = (state & ~(uint64_t)CONN_CLOSED) + 1;
	__atomic_store_n(&c->state, state, __ATOMIC_RELEASE);
	rt_unlock(&c->lock);
	err = rt_netpoll_add(c);
	if (err == -EPERM) {
		c->pollable = false;
	} else if (err) { // nobody knows the handle yet
		__atomic_store_n(&c->state, (state - 1) | CONN_CLOSED, __ATOMIC_RELEASE);
		return err;
	}
	trace_open(c, kind, site);
	return rt_conn_handle(state, fd);
}

/* ---- Waiting ----------------------------------------------------------------------------- */

static bool passed(int64_t deadline, int64_t now)
{
	return deadline && deadline <= now;
}

static int64_t deadline_of(const struct rt_conn *c, enum rt_side side)
{
	return __atomic_load_n(&c->deadline[side], __ATOMIC_RELAXED);
}

int rt_io_check(const struct rt_conn *c, uint32_t sides)
{
	int err = __atomic_load_n(&c->err, __ATOMIC_RELAXED);

	if (__builtin_expect(err, 0))
		return -err;
	for (int side = RT_READ; side <= RT_WRITE; side++) {
		int64_t deadline = sides & 1u << side ? deadline_of(c, side) : 0;

		if (deadline && passed(deadline, rt_now()))
			return -ETIMEDOUT;
	}
	return 0;
}

static uint32_t sides_waited_for(const struct rt_conn *c)
{
	uint32_t sides = 0;

	for (struct rt_io_waiter *w = c->waiters; w; w = w->next)
		sides |= w->sides;
	return sides;
}

static void stop_timer(struct rt_conn *c)
{
	if (c->in)
		rt_timer_stop(c->in, &c->timer);
	c->in = NULL;
}

static void expire(struct rt_timer *t);

/* Under c->lock: the timer is in a heap and comes no later than the first deadline that somebody
 * waits with. */
static void place_timer(struct rt_conn *c)
{
	uint32_t sides = sides_waited_for(c);
	int64_t first = INT64_MAX;

	for (int side = RT_READ; side <= RT_WRITE; side++)
		if (sides & 1u << side && c->deadline[side] && c->deadline[side] < first)
			first = c->deadline[side];
	if (first == INT64_MAX || (c->in && c->timer.when <= first))
		return;
	stop_timer(c);
	c->in = &rt_self()->p->timers;
	c->timer.run = expire;
	c->timer.arg = c;
	c->timer.when = first;
	rt_timer_start(c->in, &c->timer);
}

/* Under c->lock: who waits beyond a deadline, to be made ready. */
static struct g *take_expired(struct rt_conn *c)
{
	int64_t now = rt_now();
	uint32_t sides = 0;

	for (int side = RT_READ; side <= RT_WRITE; side++)
		if (passed(c->deadline[side], now))
			sides |= 1u << side;
	return sides ? rt_conn_take(c, sides, -ETIMEDOUT) : NULL;
}

static void ready_all(struct g *gp)
{
	struct g *next;

	for (; gp; gp = next) {
		next = gp->next;
		rt_ready(gp);
	}
}

/* The timer has come, perhaps for a use of the record before this one. */
static void expire(struct rt_timer *t)
{
	struct rt_conn *c = t->arg;
	struct g *woken, *next;

	rt_lock(&c->lock);
	stop_timer(c); // it may have been started again
	woken = take_expired(c);
	place_timer(c);
	rt_unlock(&c->lock);
	for (; woken; woken = next) {
		next = woken->next;
		rt_ready_timed(woken);
	}
}

static bool commit_unlock(struct g *gp, void *arg)
{
	(void)gp;
	rt_unlock(arg);
	return true;
}

int rt_io_wait(struct rt_conn *c, uint32_t sides, uint64_t edges, enum wait why, uint32_t *parked,
	       weft_site *site)
{
	struct rt_io_waiter w = {.g = rt_curg(), .sides = sides}, **at;
	int err;

	rt_lock(&c->lock);
	err = __atomic_load_n(&c->state, __ATOMIC_RELAXED) & CONN_CLOSED ? -EBADF
									 : rt_io_check(c, sides);
	if (err || rt_io_edges(c, sides) != edges) {
		rt_unlock(&c->lock);
		return err;
	}
	for (at = &c->waiters; *at; at = &(*at)->next)
		;
	*at = &w;
	place_timer(c);
	*parked = 1;
	/* Counted until it runs again: when it was made ready it may still be on its way into a
	 * queue while every worker is idle. */
	__atomic_fetch_add(&rt.outside, 1, __ATOMIC_RELAXED);
	rt_park(why, c, site, commit_unlock, &c->lock);
	__atomic_fetch_sub(&rt.outside, 1, __ATOMIC_RELAXED);
	return w.result;
}

/* ---- Deadlines and contexts -------------------------------------------------------------- */

static int set_deadline(weft_conn h, uint32_t sides, int64_t when, const char *what)
{
	struct rt_conn *c;
	struct g *woken;

	rt_enter(what);
	c = rt_io_hold(h);
	if (c) {
		rt_lock(&c->lock);
		for (int side = RT_READ; side <= RT_WRITE; side++)
			if (sides & 1u << side)
				__atomic_store_n(&c->deadline[side], when, __ATOMIC_RELAXED);
		woken = take_expired(c);
		place_timer(c);
		rt_unlock(&c->lock);
		ready_all(woken);
		rt_io_drop(c);
	}
	rt_leave();
	return c ? 0 : -EBADF;
}

int weft_conn_set_deadline(weft_conn h, int64_t when)
{
	return set_deadline(h, 1 << RT_READ | 1 << RT_WRITE, when, "weft_conn_set_deadline");
}

int weft_conn_set_read_deadline(weft_conn h, int64_t when)
{
	return set_deadline(h, 1 << RT_READ, when, "weft_conn_set_read_deadline");
}

int weft_conn_set_write_deadline(weft_conn h, int64_t when)
{
	return set_deadline(h, 1 << RT_WRITE, when, "weft_conn_set_write_deadline");
}

/* Under the lock of the context's tree: it is cancelled. */
static void cancelled(void *arg, int err)
{
	struct rt_conn *c = rt_io_hold((weft_conn)(intptr_t)arg);
	struct g *woken;

	if (!c)
		return;
	rt_lock(&c->lock);
	__atomic_store_n(&c->err, err, __ATOMIC_RELAXED);
	woken = rt_conn_take(c, 1 << RT_READ | 1 << RT_WRITE, -err);
	rt_unlock(&c->lock);
	ready_all(woken);
	rt_io_drop(c);
}

/* Not under c->lock: a context's comes before it. */
static void unbind(struct rt_conn *c)
{
	weft_ctx_func *f;

	rt_lock(&c->lock);
	f = c->func;
	c->func = NULL;
	rt_unlock(&c->lock);
	if (f)
		rt_ctx_stop(f);
}

int weft_conn_set_ctx_at(weft_conn h, weft_ctx *ctx, weft_site *site)
{
	struct rt_conn *c;
	weft_ctx_func *f;
	bool late;

	rt_enter("weft_conn_set_ctx");
	c = rt_io_hold(h);
	if (c) {
		unbind(c);
		__atomic_store_n(&c->err, 0, __ATOMIC_RELAXED);
		f = ctx ? rt_ctx_on_cancel(ctx, cancelled, (void *)(intptr_t)h, site) : NULL;
		rt_lock(&c->lock);
		/* Another goroutine closed the connection, or gave it a context. */
		late = __atomic_load_n(&c->state, __ATOMIC_RELAXED) & CONN_CLOSED || c->func;
		if (!late)
			c->func = f;
		rt_unlock(&c->lock);
		if (late && f)
			rt_ctx_stop(f);
		rt_io_drop(c);
	}
	rt_leave();
	return c ? 0 : -EBADF;
}

/* ---- The rest ---------------------------------------------------------------------------- */

int weft_conn_close_at(weft_conn h, weft_site *site)
{
	struct rt_conn *c;
	uint64_t state;
	struct g *woken;
	int r = -EBADF;

	rt_enter("weft_conn_close");
	c = rt_io_hold(h);
	/* Of two that close one sets the bit. */
	state = c ? __atomic_fetch_or(&c->state, CONN_CLOSED, __ATOMIC_ACQ_REL) : 0;
	if (c && !(state & CONN_CLOSED)) {
		rt_release(&rt_io_sync);
		rt_trace(io_close, c, rt_curg()->id, c->fd, rt_trace_site(site));
		unbind(c);
		rt_lock(&c->lock);
		stop_timer(c);
		woken = rt_conn_take(c, 1 << RT_READ | 1 << RT_WRITE, -EBADF);
		rt_unlock(&c->lock);
		ready_all(woken);
		drop(c); // of its being open
		r = drop(c);
	} else if (c) {
		rt_io_drop(c);
	}
	rt_leave();
	return r;
}

static int shut(weft_conn h, int how, const char *what)
{
	struct rt_conn *c;
	int r = -EBADF;

	rt_enter(what);
	c = rt_io_hold(h);
	if (c) {
		r = (int)rt_io_call(shutdown(c->fd, how));
		rt_io_drop(c);
	}
	rt_leave();
	return r;
}

int weft_conn_close_read(weft_conn h)
{
	return shut(h, SHUT_RD, "weft_conn_close_read");
}

int weft_conn_close_write(weft_conn h)
{
	return shut(h, SHUT_WR, "weft_conn_close_write");
}

weft_conn weft_conn_open_at(int fd, weft_site *site)
{
	weft_conn h;
	int64_t flags;
	int type;

	rt_enter("weft_conn_open");
	flags = rt_io_call(fcntl(fd, F_GETFL));
	h = flags < 0 ? flags : rt_io_call(fcntl(fd, F_SETFL, (int)flags | O_NONBLOCK));
	if (h == 0) {
		bool socket =
			getsockopt(fd, SOL_SOCKET, SO_TYPE, &type, &(socklen_t){sizeof type}) == 0;

		h = rt_io_open(fd, IO_ADOPTED, socket, false, site);
	}
	rt_leave();
	return h;
}

int weft_conn_fd(weft_conn h)
{
	struct rt_conn *c = rt_io_hold(h);
	int fd = -EBADF;

	if (c) {
		fd = c->fd;
		rt_io_drop(c);
	}
	return fd;
}

int weft_conn_name(weft_conn h, const char *name)
{
	struct rt_conn *c = rt_io_hold(h);

	if (c) {
		weft_name(c, name);
		rt_io_drop(c);
	}
	return c ? 0 : -EBADF;
}
