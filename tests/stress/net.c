/* SPDX-License-Identifier: MIT */
/* Connections, with deadlines that pass, contexts that are cancelled, and handles that are closed
 * by others: what was read is what was written, and how it ended is one of the ways there are. */
#define _GNU_SOURCE
#include "stress.h"

#include <errno.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

/* The byte at a place of the stream. */
static unsigned char byte_at(int64_t at)
{
	return (unsigned char)(at * 7 + at / 251);
}

/* ---- A stream through a pair of sockets, with one end closed by a third ------------------ */

struct stream {
	weft_conn in, out;
	int64_t bytes, read; /* read: the reader's */
	bool whole;	     /* nobody closes it early */
	weft_waitgroup wg;
};

static void pour(void *arg)
{
	struct stream *s = arg;
	unsigned rng = rng_new();
	unsigned char buf[3000];
	int64_t at = 0;

	while (at < s->bytes) {
		int64_t n = 1 + pick(&rng, sizeof buf), got;

		if (n > s->bytes - at)
			n = s->bytes - at;
		for (int64_t i = 0; i < n; i++)
			buf[i] = byte_at(at + i);
		got = weft_write(s->out, buf, (size_t)n);
		if (got < 0) {
			MUST(!s->whole && (got == -EBADF || got == -EPIPE || got == -ECONNRESET));
			break;
		}
		MUST(got == n);
		at += n;
		dawdle(&rng);
	}
	MUST(at == s->bytes || !s->whole);
	weft_conn_close(s->out); // or it is
	weft_waitgroup_done(&s->wg);
}

static void drink(void *arg)
{
	struct stream *s = arg;
	unsigned rng = rng_new();
	unsigned char buf[2000];
	bool late = pick(&rng, 2);
	int64_t n;

	for (;;) {
		if (late)
			weft_conn_set_read_deadline(s->in, weft_now() + pick(&rng, 300) * WEFT_US);
		n = weft_read(s->in, buf, 1 + pick(&rng, sizeof buf));
		if (n == -ETIMEDOUT && late)
			continue;
		if (n <= 0)
			break;
		for (int64_t i = 0; i < n; i++)
			MUST(buf[i] == byte_at(s->read + i));
		s->read += n;
		dawdle(&rng);
	}
	MUST(n == 0 || (!s->whole && (n == -EBADF || n == -ECONNRESET)));
	MUST(!s->whole || s->read == s->bytes);
	weft_conn_close(s->in);
	weft_waitgroup_done(&s->wg);
}

void run_stream(unsigned *rng)
{
	struct stream s = {.bytes = pick(rng, 200000), .whole = pick(rng, 2)};
	weft_conn early;
	int fds[2], err;

	MUST(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, fds) == 0);
	s.in = weft_conn_open(fds[0]);
	s.out = weft_conn_open(fds[1]);
	MUST(s.in >= 0 && s.out >= 0);
	weft_waitgroup_add(&s.wg, 2);
	weft_go(pour, &s);
	weft_go(drink, &s);
	if (!s.whole) {
		early = pick(rng, 2) ? s.in : s.out;
		weft_sleep(pick(rng, 1000) * WEFT_US);
		err = weft_conn_close(early);
		MUST(err == 0 || err == -EBADF);
	}
	weft_waitgroup_wait(&s.wg);
	MUST(weft_read(s.in, &s, 1) == -EBADF && weft_conn_close(s.out) == -EBADF);
}

/* ---- A server that echoes, and clients that may be told to stop -------------------------- */

struct server {
	weft_conn listener;
	char addr[64];
	int clients, messages, served, finished, stopped; /* the last three: atomic */
	weft_ctx *ctx;
	weft_waitgroup wg, serving;
};

static void serve(void *arg)
{
	weft_conn c = (weft_conn)(intptr_t)arg;
	char buf[512];
	int64_t n;

	while ((n = weft_read(c, buf, sizeof buf)) > 0)
		if (weft_write(c, buf, (size_t)n) != n)
			break;
	MUST(weft_conn_close(c) == 0);
}

struct served {
	struct server *s;
	weft_conn c;
};

static void serve_one(void *arg)
{
	struct served one = *(struct served *)arg;

	free(arg);
	serve((void *)(intptr_t)one.c);
	weft_waitgroup_done(&one.s->serving);
}

static void accept_all(void *arg)
{
	struct server *s = arg;
	weft_conn c;

	while ((c = weft_accept(s->listener)) >= 0) {
		struct served *one = malloc(sizeof *one);

		*one = (struct served){s, c};
		__atomic_fetch_add(&s->served, 1, __ATOMIC_RELAXED);
		weft_waitgroup_add(&s->serving, 1);
		weft_go(serve_one, one);
	}
	MUST(c == -EBADF);
	weft_waitgroup_done(&s->serving);
}

static int64_t exchange(weft_conn c, unsigned *rng)
{
	unsigned char out[500], in[sizeof out];
	int64_t n = 1 + pick(rng, sizeof out), got;
	unsigned first = pick(rng, 256);

	for (int64_t i = 0; i < n; i++)
		out[i] = (unsigned char)(first + (unsigned)i);
	got = weft_write(c, out, (size_t)n);
	if (got >= 0)
		got = weft_read_full(c, in, (size_t)n);
	if (got >= 0)
		MUST(got == n && memcmp(in, out, (size_t)n) == 0);
	return got;
}

static void be_client(void *arg)
{
	struct server *s = arg;
	unsigned rng = rng_new();
	weft_ctx *ctx = weft_ctx_with_cancel(s->ctx);
	weft_conn c = weft_connect_ctx(ctx, s->addr);
	int64_t err = c < 0 ? c : 0;

	if (c >= 0) {
		MUST(weft_conn_set_ctx(c, ctx) == 0);
		for (int i = 0; i < s->messages && err >= 0; i++) {
			weft_conn_set_deadline(c, weft_now() + 60 * WEFT_S);
			err = exchange(c, &rng);
			dawdle(&rng);
		}
		MUST(weft_conn_close(c) == 0);
	}
	if (err < 0) {
		MUST(err == -ECANCELED && weft_ctx_err(ctx) == ECANCELED);
		__atomic_fetch_add(&s->stopped, 1, __ATOMIC_RELAXED);
	} else {
		__atomic_fetch_add(&s->finished, 1, __ATOMIC_RELAXED);
	}
	weft_ctx_unref(ctx);
	weft_waitgroup_done(&s->wg);
}

void run_echo(unsigned *rng)
{
	struct server s = {.clients = 1 + (int)pick(rng, 6), .messages = 1 + (int)pick(rng, 20)};
	bool stops = pick(rng, 3) == 0;

	s.listener = weft_listen("127.0.0.1:0");
	MUST(s.listener >= 0);
	MUST(weft_conn_local_addr(s.listener, s.addr, sizeof s.addr) == 0);
	s.ctx = weft_ctx_with_cancel(weft_ctx_background());
	weft_waitgroup_add(&s.serving, 1);
	weft_go(accept_all, &s);
	weft_waitgroup_add(&s.wg, s.clients);
	for (int i = 0; i < s.clients; i++)
		weft_go(be_client, &s);
	if (stops) {
		weft_sleep(pick(rng, 2000) * WEFT_US);
		weft_ctx_cancel(s.ctx, 1);
	}
	weft_waitgroup_wait(&s.wg);
	MUST(weft_conn_close(s.listener) == 0);
	weft_waitgroup_wait(&s.serving);
	MUST(s.finished + s.stopped == s.clients && (stops || s.stopped == 0));
	MUST(s.served >= s.finished);
	weft_ctx_unref(s.ctx);
}
