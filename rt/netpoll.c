/* SPDX-License-Identifier: MIT */
#define _GNU_SOURCE
#include "netpoll.h"

#include <errno.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

/* ---- Records ----------------------------------------------------------------------------- */

enum { CHUNK = 256, CHUNKS = 1 << 14 };

/* Filled when needed, by compare-and-swap, and never emptied. */
static struct rt_conn *chunks[CHUNKS];

struct rt_conn *rt_conn_at(uint32_t fd)
{
	struct rt_conn *chunk;

	if (fd / CHUNK >= CHUNKS)
		return NULL;
	chunk = __atomic_load_n(&chunks[fd / CHUNK], __ATOMIC_ACQUIRE); // pairs with rt_conn_make
	return chunk ? &chunk[fd % CHUNK] : NULL;
}

struct rt_conn *rt_conn_make(int fd)
{
	struct rt_conn *c = rt_conn_at((uint32_t)fd), *chunk, *none = NULL;
	size_t size = CHUNK * sizeof *c;

	if (c || (uint32_t)fd / CHUNK >= CHUNKS)
		return c;
	chunk = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	if (chunk == MAP_FAILED)
		return NULL;
	for (int i = 0; i < CHUNK; i++)
		chunk[i].state = 1ull << 32 | CONN_CLOSED;
	if (!__atomic_compare_exchange_n(&chunks[fd / CHUNK], &none, chunk, false, __ATOMIC_ACQ_REL,
					 __ATOMIC_ACQUIRE))
		munmap(chunk, size);
	return rt_conn_at((uint32_t)fd);
}

struct g *rt_conn_take(struct rt_conn *c, uint32_t sides, int result)
{
	struct rt_io_waiter **at = &c->waiters, *w;
	struct g *first = NULL, **tail = &first;

	while ((w = *at)) {
		if (!(w->sides & sides)) {
			at = &w->next;
			continue;
		}
		*at = w->next;
		w->result = result;
		*tail = w->g;
		tail = &w->g->next;
	}
	*tail = NULL;
	return first;
}

/* ---- epoll ------------------------------------------------------------------------------- */

static int epoll_fd = -1, wake_fd = -1;

/* What epoll hands back with an edge: the descriptor's handle; of wake_fd, this. */
#define WAKE UINT64_MAX

static int open_both(void)
{
	struct epoll_event ev = {.events = EPOLLIN, .data.u64 = WAKE};
	int err;

	epoll_fd = epoll_create1(EPOLL_CLOEXEC);
	wake_fd = epoll_fd < 0 ? -1 : eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC);
	/* By level: who polls in passing must not take the wake-up from who sleeps. */
	if (wake_fd >= 0 && epoll_ctl(epoll_fd, EPOLL_CTL_ADD, wake_fd, &ev) == 0)
		return 0;
	err = errno;
	if (wake_fd >= 0)
		close(wake_fd);
	if (epoll_fd >= 0)
		close(epoll_fd);
	return -err;
}

int rt_netpoll_open(void)
{
	int err;

	rt_quiet_begin();
	err = open_both();
	rt_quiet_end();
	return err;
}

int rt_netpoll_add(struct rt_conn *c)
{
	struct epoll_event ev = {.events = EPOLLIN | EPOLLOUT | EPOLLRDHUP | EPOLLPRI | EPOLLET};
	uint64_t state = __atomic_load_n(&c->state, __ATOMIC_RELAXED);
	int err;

	ev.data.u64 = (uint64_t)rt_conn_handle(state, c->fd);
	rt_quiet_begin();
	err = epoll_ctl(epoll_fd, EPOLL_CTL_ADD, c->fd, &ev) < 0 ? -errno : 0;
	rt_quiet_end();
	return err;
}

/* The kernel does so at the last close of the file; but another process may have it too. */
void rt_netpoll_remove(struct rt_conn *c)
{
	rt_quiet_begin();
	epoll_ctl(epoll_fd, EPOLL_CTL_DEL, c->fd, NULL);
	rt_quiet_end();
}

/* Under c->lock; the direction as one of `sides`. */
static uint32_t count_edge(struct rt_conn *c, enum rt_side side)
{
	/* release: pairs with rt_io_edges, so who has seen it knows that c is not exact. */
	__atomic_store_n(&c->edges[side], c->edges[side] + 1, __ATOMIC_RELEASE);
	return 1u << side;
}

/* An edge of descriptor `handle`. */
static struct g **edge(uint64_t handle, uint32_t events, struct g **tail)
{
	struct rt_conn *c = rt_conn_at((uint32_t)handle);
	uint32_t sides = 0;
	uint64_t state;

	rt_lock(&c->lock);
	state = __atomic_load_n(&c->state, __ATOMIC_RELAXED);
	if (state >> 32 == handle >> 32 && !(state & CONN_CLOSED)) { // not of another use
		/* The end of the stream and urgent data make a read short, too. */
		if (events & ~(uint32_t)(EPOLLIN | EPOLLOUT))
			__atomic_store_n(&c->exact, false, __ATOMIC_RELAXED);
		if (events & ~(uint32_t)EPOLLOUT)
			sides |= count_edge(c, RT_READ);
		if (events & (EPOLLOUT | EPOLLHUP | EPOLLERR))
			sides |= count_edge(c, RT_WRITE);
		*tail = rt_conn_take(c, sides, 0);
		while (*tail)
			tail = &(*tail)->next;
	}
	rt_unlock(&c->lock);
	return tail;
}

/* epoll_pwait2 where the kernel has it (Linux 5.11): the other rounds to milliseconds. */
static int wait_until(struct epoll_event *events, int n, int64_t until)
{
	int64_t ns;

	if (until == 0 || until == INT64_MAX)
		return epoll_wait(epoll_fd, events, n, until ? -1 : 0);
	ns = until - rt_now();
	if (ns <= 0)
		return epoll_wait(epoll_fd, events, n, 0);
#ifdef SYS_epoll_pwait2
	struct timespec ts = {ns / 1000000000, ns % 1000000000};
	int got = (int)syscall(SYS_epoll_pwait2, epoll_fd, events, n, &ts, NULL, 0);

	if (got >= 0 || errno != ENOSYS)
		return got;
#endif
	ns = ns / 1000000 + 1;
	return epoll_wait(epoll_fd, events, n, ns < 1 << 30 ? (int)ns : 1 << 30);
}

struct g *rt_netpoll(int64_t until)
{
	struct epoll_event events[128];
	struct g *first = NULL, **tail = &first;
	int saved = errno;
	int n;

	rt_quiet_begin();
	n = wait_until(events, 128, until);
	rt_quiet_end();
	for (int i = 0; i < n; i++) {
		if (events[i].data.u64 == WAKE)
			continue;
		tail = edge(events[i].data.u64, events[i].events, tail);
	}
	*tail = NULL;
	errno = saved;
	return first;
}

void rt_netpoll_wake(void)
{
	int saved = errno;

	/* It fails only if as many wake-ups are there already. */
	rt_quiet_begin();
	(void)!write(wake_fd, &(uint64_t){1}, sizeof(uint64_t));
	rt_quiet_end();
	errno = saved;
}

void rt_netpoll_woken(void)
{
	uint64_t n;
	int saved = errno;

	rt_quiet_begin();
	(void)!read(wake_fd, &n, sizeof n);
	rt_quiet_end();
	errno = saved;
}
