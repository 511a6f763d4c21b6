/* SPDX-License-Identifier: MIT */
/* Sockets: addresses as text, listen, accept, connect.
 *
 * A host's name is looked up with getaddrinfo, which blocks the thread and not the worker: the
 * monitor takes that back.  It needs more stack than goroutines have by default, so it runs in one
 * of its own.
 */
#define _GNU_SOURCE
#include "io.h"
#include "throw.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netdb.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

/* ---- Addresses --------------------------------------------------------------------------- */

union address {
	struct sockaddr sa;
	struct sockaddr_in in;
	struct sockaddr_in6 in6;
	struct sockaddr_un un;
	struct sockaddr_storage any;
};

struct addresses {
	union address a[8];
	socklen_t len[8];
	int n;
};

static void add(struct addresses *as, const void *a, size_t len)
{
	if (as->n == 8)
		return;
	memcpy(&as->a[as->n], a, len);
	as->len[as->n++] = (socklen_t)len;
}

static int add_unix(struct addresses *as, const char *path)
{
	struct sockaddr_un un = {.sun_family = AF_UNIX};
	size_t len = strlen(path);

	if (!len)
		return -EINVAL;
	if (len >= sizeof un.sun_path)
		return -ENAMETOOLONG;
	memcpy(un.sun_path, path, len);
	if (*path == '@') { // in no directory, and gone with its last descriptor
		un.sun_path[0] = 0;
		add(as, &un, offsetof(struct sockaddr_un, sun_path) + len);
	} else {
		add(as, &un, sizeof un);
	}
	return 0;
}

static bool add_ip(struct addresses *as, const char *host, int port)
{
	struct sockaddr_in in = {.sin_family = AF_INET, .sin_port = htons((uint16_t)port)};
	struct sockaddr_in6 in6 = {.sin6_family = AF_INET6, .sin6_port = htons((uint16_t)port)};

	if (inet_pton(AF_INET, host, &in.sin_addr) == 1)
		add(as, &in, sizeof in);
	else if (inet_pton(AF_INET6, host, &in6.sin6_addr) == 1)
		add(as, &in6, sizeof in6);
	else
		return false;
	return true;
}

/* A look-up, in a goroutine of its own. */
struct lookup {
	const char *host;
	struct addrinfo *found;
	int status, err;
	weft_waitgroup done;
};

static void look_up(void *arg)
{
	const struct addrinfo hints = {.ai_family = AF_UNSPEC, .ai_socktype = SOCK_STREAM};
	struct lookup *l = arg;

	l->status = getaddrinfo(l->host, NULL, &hints, &l->found);
	l->err = (int)rt_io_result(-1);
	weft_waitgroup_done(&l->done);
}

/* Not inside: it may wait. */
static int add_name(struct addresses *as, const char *host, int port)
{
	struct lookup l = {.host = host};

	weft_waitgroup_add(&l.done, 1);
	weft_go_with(look_up, &l, .name = "resolver", .stack = 1 << 20);
	weft_waitgroup_wait(&l.done);
	if (l.status)
		return l.status == EAI_SYSTEM	? l.err
		       : l.status == EAI_MEMORY ? -ENOMEM
		       : l.status == EAI_AGAIN	? -EAGAIN
						: -ENOENT;
	for (struct addrinfo *ai = l.found; ai && as->n < 8; ai = ai->ai_next) {
		union address *a = &as->a[as->n];

		add(as, ai->ai_addr, ai->ai_addrlen);
		if (a->sa.sa_family == AF_INET6)
			a->in6.sin6_port = htons((uint16_t)port);
		else
			a->in.sin_port = htons((uint16_t)port);
	}
	freeaddrinfo(l.found);
	return 0;
}

/* -1 if it is not a number of 16 bits. */
static int port_of(const char *text)
{
	int port = 0;

	if (!*text)
		return -1;
	for (; *text; text++) {
		if (*text < '0' || *text > '9' || (port = 10 * port + *text - '0') > 65535)
			return -1;
	}
	return port;
}

/* Without a host: to listen, every address, of both families where there are both; to connect,
 * this machine. */
static void add_no_host(struct addresses *as, int port, bool listen)
{
	add_ip(as, listen ? "::" : "127.0.0.1", port);
	add_ip(as, listen ? "0.0.0.0" : "::1", port);
}

/* Not inside. */
static int parse(struct addresses *as, const char *text, bool listen)
{
	const char *colon = strrchr(text, ':'), *from = text;
	char host[256];
	size_t len;
	int port;

	as->n = 0;
	if (!strncmp(text, "unix:", 5))
		return add_unix(as, text + 5);
	port = colon ? port_of(colon + 1) : -1;
	if (port < 0)
		return -EINVAL;
	len = (size_t)(colon - text);
	if (!len) {
		add_no_host(as, port, listen);
		return 0;
	}
	if (*text == '[') {
		if (len < 3 || text[len - 1] != ']')
			return -EINVAL;
		from++;
		len -= 2;
	} else if (memchr(text, ':', len)) {
		return -EINVAL;
	}
	if (len >= sizeof host)
		return -EINVAL;
	memcpy(host, from, len);
	host[len] = 0;
	if (add_ip(as, host, port))
		return 0;
	return *text == '[' ? -EINVAL : add_name(as, host, port);
}

static void print(const union address *a, socklen_t len, char *buf, size_t size)
{
	char host[INET6_ADDRSTRLEN] = "?";
	size_t path = offsetof(struct sockaddr_un, sun_path);

	if (a->sa.sa_family == AF_INET) {
		inet_ntop(AF_INET, &a->in.sin_addr, host, sizeof host);
		snprintf(buf, size, "%s:%d", host, ntohs(a->in.sin_port));
	} else if (a->sa.sa_family == AF_INET6) {
		inet_ntop(AF_INET6, &a->in6.sin6_addr, host, sizeof host);
		snprintf(buf, size, "[%s]:%d", host, ntohs(a->in6.sin6_port));
	} else if (a->sa.sa_family == AF_UNIX && len > path && !a->un.sun_path[0]) {
		snprintf(buf, size, "unix:@%.*s", (int)(len - path - 1), a->un.sun_path + 1);
	} else if (a->sa.sa_family == AF_UNIX) { // perhaps without a name
		snprintf(buf, size, "unix:%.*s", (int)(len > path ? len - path : 0),
			 a->un.sun_path);
	} else {
		snprintf(buf, size, "family %d", a->sa.sa_family);
	}
}

typedef int get_name(int fd, struct sockaddr *a, socklen_t *len);

static int address(int fd, get_name *get, char *buf, size_t size)
{
	union address a = {.sa.sa_family = AF_UNSPEC};
	socklen_t len = sizeof a;
	int err = (int)rt_io_call(get(fd, &a.sa, &len));

	if (!err)
		print(&a, len, buf, size);
	return err;
}

void rt_io_addresses(int fd, char *buf, size_t size)
{
	char local[128] = "", remote[128] = "";
	int saved = errno;

	address(fd, getsockname, local, sizeof local);
	address(fd, getpeername, remote, sizeof remote);
	snprintf(buf, size, "%s%s%s", local, *remote ? " -> " : "", remote);
	errno = saved;
}

void rt_conn_describe(const void *obj, char *buf, size_t size)
{
	const struct rt_conn *c = obj;
	char text[260] = "";

	if (c->socket)
		rt_io_addresses(c->fd, text, sizeof text);
	snprintf(buf, size, ", descriptor %d%s%s", c->fd, *text ? ", " : "", text);
}

static int address_of(weft_conn h, get_name *get, char *buf, size_t size)
{
	struct rt_conn *c = rt_io_hold(h);
	int r = -EBADF;

	if (c) {
		r = address(c->fd, get, buf, size);
		rt_io_drop(c);
	}
	return r;
}

int weft_conn_local_addr(weft_conn h, char *buf, size_t size)
{
	return address_of(h, getsockname, buf, size);
}

int weft_conn_remote_addr(weft_conn h, char *buf, size_t size)
{
	return address_of(h, getpeername, buf, size);
}

/* ---- Listen ------------------------------------------------------------------------------ */

static void switch_on(int fd, int level, int option)
{
	setsockopt(fd, level, option, &(int){1}, sizeof(int)); // at worst it stays as it was
}

static int new_socket(const union address *a)
{
	return (int)rt_io_call(
		socket(a->sa.sa_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0));
}

/* The handle, or -errno and fd is closed. */
static weft_conn opened(int fd, int kind, bool tcp, weft_site *site)
{
	weft_conn h = rt_io_open(fd, kind, true, tcp, site);

	if (h < 0)
		rt_io_call(close(fd));
	return h;
}

static weft_conn listen_one(const union address *a, socklen_t len, weft_site *site)
{
	bool tcp = a->sa.sa_family != AF_UNIX;
	int fd = new_socket(a), err;
	char *path = NULL;
	weft_conn h;

	if (fd < 0)
		return fd;
	if (tcp) {
		switch_on(fd, SOL_SOCKET, SO_REUSEADDR);
		switch_on(fd, IPPROTO_TCP, TCP_NODELAY); // of what it accepts, too
	}
	if (a->sa.sa_family == AF_INET6) // ":80" is for both families
		setsockopt(fd, IPPROTO_IPV6, IPV6_V6ONLY, &(int){0}, sizeof(int));
	err = (int)rt_io_call(bind(fd, &a->sa, len));
	if (!err) {
		if (!tcp && a->un.sun_path[0])
			path = strdup(a->un.sun_path);
		err = (int)rt_io_call(listen(fd, SOMAXCONN));
	}
	h = err;
	if (!err)
		h = rt_io_open(fd, IO_LISTENER, true, false, site);
	if (h < 0) {
		if (path)
			unlink(path);
		free(path);
		rt_io_call(close(fd));
		return h;
	}
	rt_conn_at((uint32_t)fd)->path = path; // nobody knows the handle yet
	return h;
}

weft_conn weft_listen_at(const char *addr, weft_site *site)
{
	struct addresses as;
	weft_conn h;

	rt_enter("weft_listen");
	if (!addr)
		rt_panic(site, "weft_listen at a NULL address");
	rt_leave();
	h = parse(&as, addr, true);
	if (h < 0)
		return h;
	rt_enter("");
	h = -ENOENT;
	for (int i = 0; i < as.n && h < 0; i++)
		h = listen_one(&as.a[i], as.len[i], site);
	rt_leave();
	return h;
}

/* ---- Accept ------------------------------------------------------------------------------ */

/* What concerns the connection that was to be accepted, which is gone: the next one, please. */
static bool of_the_other(int64_t r)
{
	return r == -EINTR || r == -ECONNABORTED || r == -EPROTO || r == -ENETDOWN ||
	       r == -ENOPROTOOPT || r == -EHOSTDOWN || r == -ENONET || r == -EHOSTUNREACH ||
	       r == -ENETUNREACH;
}

static weft_conn accept_one(struct rt_conn *c, uint32_t *parked, weft_site *site)
{
	struct sockaddr peer;
	uint64_t edges;
	socklen_t len;
	int64_t r;

	for (;;) {
		edges = rt_io_edges(c, 1 << RT_READ);
		r = rt_io_check(c, 1 << RT_READ);
		len = sizeof peer;
		if (!r)
			r = rt_io_call(accept4(c->fd, &peer, &len, SOCK_NONBLOCK | SOCK_CLOEXEC));
		if (r >= 0)
			return opened((int)r, IO_ACCEPTED, peer.sa_family != AF_UNIX, site);
		if (r == -EAGAIN)
			r = rt_io_wait(c, 1 << RT_READ, edges, WAIT_io_accept, parked, site);
		if (r < 0 && !of_the_other(r))
			return r;
	}
}

/* For the trace: a handle's descriptor, or the error. */
static int64_t fd_of(weft_conn h)
{
	return h < 0 ? h : (int64_t)(uint32_t)h;
}

weft_conn weft_accept_at(weft_conn h, weft_site *site)
{
	struct rt_conn *c;
	uint32_t parked = 0;
	weft_conn r = -EBADF;

	rt_enter("weft_accept");
	c = rt_io_hold(h);
	if (c) {
		r = c->socket ? accept_one(c, &parked, site) : -ENOTSOCK;
		rt_trace(io_accept, c, rt_curg()->id, c->fd, fd_of(r), parked, rt_trace_site(site));
		rt_io_drop(c);
	}
	rt_leave();
	return r;
}

/* ---- Connect ----------------------------------------------------------------------------- */

/* 0 once it is connected, -EAGAIN while it is not, or why it will not be. */
static int connected(int fd)
{
	struct pollfd p = {.fd = fd, .events = POLLOUT};
	int err = 0, r = (int)rt_io_call(poll(&p, 1, 0));

	if (r <= 0)
		return r ? r : -EAGAIN;
	r = (int)rt_io_call(getsockopt(fd, SOL_SOCKET, SO_ERROR, &err, &(socklen_t){sizeof err}));
	return r ? r : -err;
}

/* Wait until a connect that was begun is over. */
static int finish_connect(struct rt_conn *c, uint32_t *parked, weft_site *site)
{
	uint64_t edges;
	int r;

	for (;;) {
		edges = rt_io_edges(c, 1 << RT_WRITE);
		r = rt_io_check(c, 1 << RT_WRITE);
		if (!r)
			r = connected(c->fd);
		if (r != -EAGAIN && r != -EINTR)
			return r;
		if (r == -EAGAIN)
			r = rt_io_wait(c, 1 << RT_WRITE, edges, WAIT_io_connect, parked, site);
		if (r < 0 && r != -EINTR)
			return r;
	}
}

static void trace_connect(struct rt_conn *c, int r, uint32_t parked, weft_site *site)
{
	char text[260] = "";

	if (!rt_trace_on())
		return;
	if (!r)
		rt_io_addresses(c->fd, text, sizeof text);
	rt_trace(io_connect, c, rt_curg()->id, c->fd, r, text, parked, rt_trace_site(site));
}

static int wait_connected(weft_conn h, weft_ctx *ctx, weft_site *site)
{
	struct rt_conn *c = rt_io_hold(h);
	uint32_t parked = 0;
	int r;

	if (ctx)
		weft_conn_set_ctx_at(h, ctx, site);
	rt_enter("");
	r = finish_connect(c, &parked, site);
	trace_connect(c, r, parked, site);
	rt_io_drop(c);
	rt_leave();
	if (ctx && !r)
		weft_conn_set_ctx_at(h, NULL, site);
	return r;
}

/* Not inside. */
static weft_conn connect_one(const union address *a, socklen_t len, weft_ctx *ctx, weft_site *site)
{
	bool tcp = a->sa.sa_family != AF_UNIX;
	weft_conn h;
	int fd, err;

	rt_enter("");
	h = fd = new_socket(a);
	if (fd >= 0) {
		if (tcp)
			switch_on(fd, IPPROTO_TCP, TCP_NODELAY);
		/* Before it is known to epoll, which says that a new socket is broken. */
		err = (int)rt_io_call(connect(fd, &a->sa, len));
		if (err == 0 || err == -EINPROGRESS || err == -EINTR) {
			h = opened(fd, IO_CONNECTED, tcp, site);
		} else {
			rt_io_call(close(fd));
			h = err;
		}
	}
	rt_leave();
	if (h < 0)
		return h;
	err = wait_connected(h, ctx, site);
	if (!err)
		return h;
	weft_conn_close_at(h, site);
	return err;
}

weft_conn weft_connect_at(weft_ctx *ctx, const char *addr, weft_site *site)
{
	struct addresses as;
	weft_conn h;
	int err;

	rt_enter("weft_connect");
	if (!addr)
		rt_panic(site, "weft_connect to a NULL address");
	rt_leave();
	h = parse(&as, addr, false);
	if (h < 0)
		return h;
	h = -ENOENT;
	for (int i = 0; i < as.n && h < 0; i++) {
		err = ctx ? weft_ctx_err(ctx) : 0;
		if (err)
			return -err;
		h = connect_one(&as.a[i], as.len[i], ctx, site);
	}
	return h;
}
