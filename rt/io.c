/* SPDX-License-Identifier: MIT */
/* Connections: reading, writing, waiting, deadlines, closing.  net.c makes them.
 *
 * A handle is a descriptor's number with the generation of its use.  c->state has the generation,
 * CONN_CLOSED, and how many use the record: each operation while it runs, and its being open.  The
 * last one out closes the descriptor; so an operation never meets another file under its number,
 * and a stale handle is told by one compare-and-swap.
 *
 * An operation tries first.  netpoll.h says how a wait misses no edge.  Of a TCP connection, one
 * that is `exact`, a short read shows that nothing is left, so the next one need not try before it
 * waits, unless an edge has come since: a short read leaves in `drained` how many edges there were
 * before it.  What came after it makes one more.  Of several that read, one may leave an older
 * count there than another: then somebody tries in vain.
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
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

/* What one goroutine wrote happens before what another does with it after reading it, whatever
 * way it took: an edge for the thread sanitizer, as in Go. */
static char io_sync;

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

int rt_io_check(const struct rt_conn *c, enum rt_side side)
{
	int64_t deadline = deadline_of(c, side);
	int err = __atomic_load_n(&c->err, __ATOMIC_RELAXED);

	if (__builtin_expect(err, 0))
		return -err;
	return deadline && passed(deadline, rt_now()) ? -ETIMEDOUT : 0;
}

static int check_sides(const struct rt_conn *c, uint32_t sides)
{
	int err = sides & 1 << RT_READ ? rt_io_check(c, RT_READ) : 0;

	return !err && sides & 1 << RT_WRITE ? rt_io_check(c, RT_WRITE) : err;
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
									 : check_sides(c, sides);
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

/* ---- Reading and writing ----------------------------------------------------------------- */

/* One that epoll does not know may block the thread, and gives its worker up meanwhile. */
static int64_t blocking(struct rt_conn *c, enum rt_side side, void *buf, size_t n)
{
	int64_t r;

	rt_leave();
	r = rt_io_call(side == RT_READ ? read(c->fd, buf, n) : write(c->fd, buf, n));
	rt_enter("");
	return r;
}

/* The kernel moves no more at a time; of some descriptors it takes a larger size for a mistake. */
static size_t at_once(size_t n)
{
	const size_t most = 0x7ffff000;

	return n < most ? n : most;
}

static int64_t try_read(struct rt_conn *c, void *buf, size_t n, uint64_t edges)
{
	bool exact = __atomic_load_n(&c->exact, __ATOMIC_RELAXED);
	int64_t r;

	if (!c->pollable)
		return blocking(c, RT_READ, buf, n);
	if (!c->socket)
		return rt_io_call(read(c->fd, buf, n));
	if (exact && __atomic_load_n(&c->drained, __ATOMIC_RELAXED) == edges)
		return -EAGAIN;
	r = rt_io_call(recv(c->fd, buf, n, 0));
	if (exact && (r == -EAGAIN || (r > 0 && (size_t)r < n)))
		__atomic_store_n(&c->drained, edges, __ATOMIC_RELAXED);
	return r;
}

static int64_t read_some(struct rt_conn *c, void *buf, size_t n, weft_site *site)
{
	uint32_t parked = 0;
	uint64_t edges;
	int64_t r;

	do {
		edges = rt_io_edges(c, 1 << RT_READ);
		r = rt_io_check(c, RT_READ);
		if (!r)
			r = n ? try_read(c, buf, at_once(n), edges) : 0;
		if (r == -EAGAIN)
			r = rt_io_wait(c, 1 << RT_READ, edges, WAIT_io_read, &parked, site);
		else if (r != -EINTR)
			break;
	} while (r == 0 || r == -EINTR);
	if (r > 0)
		rt_acquire(&io_sync);
	rt_trace(io_read, c, rt_curg()->id, c->fd, n, r, parked, rt_trace_site(site));
	return r;
}

/* write has no MSG_NOSIGNAL: the signal is kept off this thread, and taken back if it came. */
static int64_t write_quietly(int fd, const void *buf, size_t n)
{
	static const struct timespec now;
	sigset_t pipe, old, pending;
	int64_t r;

	sigemptyset(&pipe);
	sigaddset(&pipe, SIGPIPE);
	pthread_sigmask(SIG_BLOCK, &pipe, &old);
	sigpending(&pending);
	r = rt_io_call(write(fd, buf, n));
	if (r == -EPIPE && !sigismember(&pending, SIGPIPE))
		sigtimedwait(&pipe, NULL, &now);
	pthread_sigmask(SIG_SETMASK, &old, NULL);
	return r;
}

static int64_t try_write(struct rt_conn *c, const void *buf, size_t n)
{
	if (c->socket)
		return rt_io_call(send(c->fd, buf, n, MSG_NOSIGNAL));
	return c->pollable ? write_quietly(c->fd, buf, n) : blocking(c, RT_WRITE, (void *)buf, n);
}

static int64_t write_all(struct rt_conn *c, const char *buf, size_t n, weft_site *site)
{
	uint32_t parked = 0;
	uint64_t edges;
	size_t done = 0;
	int64_t r;

	rt_release(&io_sync);
	do {
		edges = rt_io_edges(c, 1 << RT_WRITE);
		r = rt_io_check(c, RT_WRITE);
		if (!r)
			r = try_write(c, buf + done, at_once(n - done));
		if (r > 0)
			done += (size_t)r;
		else if (r == -EAGAIN)
			r = rt_io_wait(c, 1 << RT_WRITE, edges, WAIT_io_write, &parked, site);
	} while (done < n && (r >= 0 || r == -EINTR));
	if (r >= 0)
		r = (int64_t)done;
	rt_trace(io_write, c, rt_curg()->id, c->fd, n, r, parked, rt_trace_site(site));
	return r;
}

int64_t weft_read_at(weft_conn h, void *buf, size_t n, weft_site *site)
{
	struct rt_conn *c;
	int64_t r = -EBADF;

	rt_enter("weft_read");
	c = rt_io_hold(h);
	if (c) {
		r = read_some(c, buf, n, site);
		if (r > 0)
			rt_writes(buf, (size_t)r);
		rt_io_drop(c);
	}
	rt_leave();
	return r;
}

int64_t weft_read_full_at(weft_conn h, void *buf, size_t n, weft_site *site)
{
	int64_t r = -EBADF;
	struct rt_conn *c;
	size_t done = 0;

	rt_enter("weft_read_full");
	c = rt_io_hold(h);
	if (c) {
		do {
			r = read_some(c, (char *)buf + done, n - done, site);
			done += r > 0 ? (size_t)r : 0;
		} while (r > 0 && done < n);
		if (done)
			rt_writes(buf, done);
		rt_io_drop(c);
	}
	rt_leave();
	return r < 0 ? r : (int64_t)done;
}

int64_t weft_write_at(weft_conn h, const void *buf, size_t n, weft_site *site)
{
	struct rt_conn *c;
	int64_t r = -EBADF;

	rt_enter("weft_write");
	c = rt_io_hold(h);
	if (c) {
		if (n && buf)
			rt_reads(buf, n);
		r = write_all(c, buf, n, site);
		rt_io_drop(c);
	}
	rt_leave();
	return r;
}

/* ---- Waiting until it is ready ----------------------------------------------------------- */

/* As WEFT_READABLE and WEFT_WRITABLE; or -errno.  By level, so after each edge it is looked at. */
static int look(int fd, int events)
{
	struct pollfd p = {.fd = fd};
	int64_t r;

	if (events & WEFT_READABLE)
		p.events |= POLLIN;
	if (events & WEFT_WRITABLE)
		p.events |= POLLOUT;
	r = rt_io_call(poll(&p, 1, 0));
	if (r < 0)
		return (int)r;
	if (p.revents & POLLNVAL)
		return -EBADF;
	if (p.revents & (POLLHUP | POLLERR))
		return events;
	return (p.revents & POLLIN ? WEFT_READABLE : 0) | (p.revents & POLLOUT ? WEFT_WRITABLE : 0);
}

static int wait_ready(struct rt_conn *c, int events, weft_site *site)
{
	uint32_t parked = 0;
	uint64_t edges;
	int r;

	do {
		edges = rt_io_edges(c, (uint32_t)events);
		r = check_sides(c, (uint32_t)events);
		if (!r)
			r = c->pollable ? look(c->fd, events) : events;
		if (r == 0)
			r = rt_io_wait(c, (uint32_t)events, edges, WAIT_io_wait, &parked, site);
		else if (r != -EINTR)
			break;
	} while (r == 0 || r == -EINTR);
	rt_trace(io_wait, c, rt_curg()->id, c->fd, (uint32_t)events, r, parked,
		 rt_trace_site(site));
	return r;
}

static void check_events(int events, const char *what, weft_site *site)
{
	if (events & ~(WEFT_READABLE | WEFT_WRITABLE) || !events)
		rt_panic(site, "%s for events %#x", what, (unsigned)events);
}

int weft_wait_at(weft_conn h, int events, weft_site *site)
{
	struct rt_conn *c;
	int r = -EBADF;

	rt_enter("weft_wait");
	check_events(events, "weft_wait", site);
	c = rt_io_hold(h);
	if (c) {
		r = wait_ready(c, events, site);
		rt_io_drop(c);
	}
	rt_leave();
	return r;
}

/* The wait is for a duplicate: it has a number of its own, so it makes no difference what is done
 * with the caller's meanwhile, and any number of goroutines may wait for one. */
static weft_conn duplicate(int fd, weft_site *site)
{
	int64_t copy = rt_io_call(fcntl(fd, F_DUPFD_CLOEXEC, 0));
	weft_conn h = copy < 0 ? copy : rt_io_open((int)copy, IO_ADOPTED, false, false, site);

	if (h < 0 && copy >= 0)
		rt_io_call(close((int)copy));
	return h;
}

int weft_wait_fd_at(int fd, int events, int64_t ns, weft_site *site)
{
	weft_conn h;
	int r;

	rt_enter("weft_wait_fd");
	check_events(events, "weft_wait_fd", site);
	r = look(fd, events);
	if (r == 0 && ns == 0)
		r = -ETIMEDOUT;
	h = r ? r : duplicate(fd, site);
	rt_leave();
	if (r || h < 0)
		return (int)h;
	if (ns > 0)
		weft_conn_set_deadline(h, rt_after(rt_now(), ns));
	r = weft_wait_at(h, events, site);
	weft_conn_close_at(h, site);
	return r;
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
		rt_release(&io_sync);
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
