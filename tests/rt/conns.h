/* SPDX-License-Identifier: MIT */
/* Pairs of connections, and operations on them in goroutines of their own. */
#ifndef TESTS_RT_CONNS_H
#define TESTS_RT_CONNS_H

#include "../test.h"

#include <string.h>
#include <sys/socket.h>

static inline void pair(weft_conn c[2])
{
	int fd[2];

	EXPECT(socketpair(AF_UNIX, SOCK_STREAM, 0, fd) == 0);
	c[0] = weft_conn_open(fd[0]);
	c[1] = weft_conn_open(fd[1]);
	EXPECT(c[0] > 0 && c[1] > 0);
}

/* Two ends of a TCP connection. */
static inline void tcp_pair(weft_conn c[2])
{
	weft_conn l = weft_listen("127.0.0.1:0");
	char addr[64];

	EXPECT(l > 0);
	EXPECT_EQ(weft_conn_local_addr(l, addr, sizeof addr), 0);
	c[0] = weft_connect(addr);
	EXPECT(c[0] > 0);
	c[1] = weft_accept(l);
	EXPECT(c[1] > 0);
	EXPECT_EQ(weft_conn_close(l), 0);
}

/* Send back what comes, until the other end closes. */
static inline void echo(void *arg)
{
	weft_conn c = (weft_conn)(intptr_t)arg;
	char buf[64];
	int64_t n;

	while ((n = weft_read(c, buf, sizeof buf)) > 0)
		if (weft_write(c, buf, (size_t)n) != n)
			break;
	weft_conn_close(c);
}

/* One operation in a goroutine of its own. */
struct op {
	weft_conn c;
	char buf[16];
	_Atomic int64_t result;
	_Atomic bool begun;
	weft_waitgroup done;
};

static inline void op_read(void *arg)
{
	struct op *op = arg;

	op->begun = true;
	op->result = weft_read(op->c, op->buf, sizeof op->buf);
	weft_waitgroup_done(&op->done);
}

static inline void op_accept(void *arg)
{
	struct op *op = arg;

	op->begun = true;
	op->result = weft_accept(op->c);
	weft_waitgroup_done(&op->done);
}

/* More than any socket buffers. */
static inline void op_write(void *arg)
{
	static char much[64 << 20]; // never touched: costs no memory
	struct op *op = arg;

	op->begun = true;
	op->result = weft_write(op->c, much, sizeof much);
	weft_waitgroup_done(&op->done);
}

static inline void op_wait(void *arg)
{
	struct op *op = arg;

	op->begun = true;
	op->result = weft_wait(op->c, WEFT_READABLE);
	weft_waitgroup_done(&op->done);
}

static inline void op_start(struct op *op, void (*fn)(void *), weft_conn c)
{
	memset(op, 0, sizeof *op);
	op->c = c;
	weft_waitgroup_add(&op->done, 1);
	weft_go(fn, op);
	while (!op->begun)
		weft_yield();
	/* Mostly it waits by now; if not, the result is the same. */
	for (int i = 0; i < 20; i++)
		weft_yield();
}

static inline int64_t op_end(struct op *op)
{
	weft_waitgroup_wait(&op->done);
	return op->result;
}

#endif
