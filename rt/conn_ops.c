/* SPDX-License-Identifier: MIT */
/* What is done with connections: reading, writing, waiting until they are ready.
 *
 * An operation tries first.  netpoll.h says how a wait misses no edge.  Of a TCP connection, one
 * that is `exact`, a short read shows that nothing is left, so the next one need not try before it
 * waits, unless an edge has come since: a short read leaves in `drained` how many edges there were
 * before it.  What came after it makes one more.  Of several that read, one may leave an older
 * count there than another: then somebody tries in vain.
 */
#define _GNU_SOURCE
#include "io.h"
#include "throw.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <sys/socket.h>
#include <unistd.h>

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
		r = rt_io_check(c, 1 << RT_READ);
		if (!r)
			r = n ? try_read(c, buf, at_once(n), edges) : 0;
		if (r == -EAGAIN)
			r = rt_io_wait(c, 1 << RT_READ, edges, WAIT_io_read, &parked, site);
		else if (r != -EINTR)
			break;
	} while (r == 0 || r == -EINTR);
	if (r > 0)
		rt_acquire(&rt_io_sync);
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

	rt_release(&rt_io_sync);
	do {
		edges = rt_io_edges(c, 1 << RT_WRITE);
		r = rt_io_check(c, 1 << RT_WRITE);
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
		r = rt_io_check(c, (uint32_t)events);
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
