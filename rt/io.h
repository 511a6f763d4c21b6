/* SPDX-License-Identifier: MIT */
/* What the functions on connections share: a record in use, and a wait for it. */
#ifndef RT_IO_H
#define RT_IO_H

#include "netpoll.h"
#include "sched.h"

#include <sys/types.h>

/* Kinds of descriptors, as in io_open. */
enum { IO_LISTENER = 1, IO_ACCEPTED, IO_CONNECTED, IO_ADOPTED };

/* Take a descriptor, which is non-blocking if it is a socket, into use: its handle, or -errno and
 * the descriptor is not touched.  `exact` is rt_conn's. */
weft_conn rt_io_open(int fd, int kind, bool socket, bool exact, weft_site *site);

/* The record behind a handle, not to be reused until it is dropped; NULL if the handle is stale. */
struct rt_conn *rt_io_hold(weft_conn h);
void rt_io_drop(struct rt_conn *c);

/* Whether an operation on `sides` may try: 0, or the reason why not, -errno. */
int rt_io_check(const struct rt_conn *c, uint32_t sides);
/* How many edges there were of one of `sides`: to be asked before a try, for the wait after it. */
static inline uint64_t rt_io_edges(const struct rt_conn *c, uint32_t sides)
{
	uint64_t n = 0; // acquire: pairs with count_edge

	if (sides & 1u << RT_READ)
		n += __atomic_load_n(&c->edges[RT_READ], __ATOMIC_ACQUIRE);
	if (sides & 1u << RT_WRITE)
		n += __atomic_load_n(&c->edges[RT_WRITE], __ATOMIC_ACQUIRE);
	return n;
}
/* After a try that found the descriptor not ready, and before which there were `edges`: 0 to try
 * again, perhaps after a wait (then *parked is set), or -errno. */
int rt_io_wait(struct rt_conn *c, uint32_t sides, uint64_t edges, enum wait why, uint32_t *parked,
	       weft_site *site);

/* What one goroutine wrote happens before what another does with it after reading it, whatever
 * way it took: an edge for the thread sanitizer, as in Go. */
extern char rt_io_sync;

/* What a system call returned, as weft returns it.  noinline: errno's address is not to be kept
 * across a switch. */
int64_t rt_io_result(ssize_t result);
/* A system call on a descriptor of the runtime's. */
#define rt_io_call(call)                                                                           \
	(__extension__({                                                                           \
		int64_t result_;                                                                   \
		rt_quiet_begin();                                                                  \
		result_ = rt_io_result(call);                                                      \
		rt_quiet_end();                                                                    \
		result_;                                                                           \
	}))

/* The addresses of a socket as text, "local -> remote" where there is a remote one. */
void rt_io_addresses(int fd, char *buf, size_t size);

#endif
