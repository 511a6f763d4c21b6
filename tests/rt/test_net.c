/* SPDX-License-Identifier: MIT */
/* Addresses, listen, accept and connect. */
#define _GNU_SOURCE
#include "conns.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>

static weft_conn listen_at(const char *at, char *addr, size_t size)
{
	weft_conn l = weft_listen(at);

	EXPECT(l > 0);
	EXPECT_EQ(weft_conn_local_addr(l, addr, size), 0);
	return l;
}

static void exchange(weft_conn a, weft_conn b)
{
	char buf[4];

	EXPECT_EQ(weft_write(a, "ping", 4), 4);
	EXPECT_EQ(weft_read_full(b, buf, 4), 4);
	EXPECT(!memcmp(buf, "ping", 4));
	EXPECT_EQ(weft_write(b, "pong", 4), 4);
	EXPECT_EQ(weft_read_full(a, buf, 4), 4);
	EXPECT(!memcmp(buf, "pong", 4));
}

static void meet(const char *at)
{
	char addr[200], near[200], far[200];
	weft_conn l = listen_at(at, addr, sizeof addr), c, s;

	c = weft_connect(addr);
	EXPECT(c > 0);
	s = weft_accept(l);
	EXPECT(s > 0);
	exchange(c, s);
	EXPECT_EQ(weft_conn_local_addr(c, near, sizeof near), 0);
	EXPECT_EQ(weft_conn_remote_addr(s, far, sizeof far), 0);
	EXPECT(!strcmp(near, far));
	EXPECT_EQ(weft_conn_close(c), 0);
	EXPECT_EQ(weft_conn_close(s), 0);
	EXPECT_EQ(weft_conn_close(l), 0);
}

static bool have_ip6(void)
{
	weft_conn l = weft_listen("[::1]:0");

	weft_conn_close(l);
	return l > 0;
}

TEST(net_tcp_peers_meet)
{
	meet("127.0.0.1:0");
	if (have_ip6())
		meet("[::1]:0");
}

TEST(net_unix_peers_meet)
{
	char at[80], path[64];
	struct stat st;

	snprintf(path, sizeof path, "/tmp/weft-net-%d", getpid());
	snprintf(at, sizeof at, "unix:%s", path);
	meet(at);
	EXPECT(stat(path, &st) != 0); // close removed it
	snprintf(at, sizeof at, "unix:@weft-net-%d", getpid());
	meet(at);
}

TEST(net_names_are_looked_up)
{
	char addr[64], name[80];
	weft_conn l = listen_at("127.0.0.1:0", addr, sizeof addr), c;

	snprintf(name, sizeof name, "localhost:%s", strrchr(addr, ':') + 1);
	c = weft_connect(name);
	EXPECT(c > 0);
	exchange(c, weft_accept(l));
	c = weft_connect("no.such.host.invalid:80");
	EXPECT(c == -ENOENT || c == -EAGAIN);
}

TEST(net_no_host_is_every_address_or_this_machine)
{
	char addr[64], name[80];
	weft_conn l = listen_at(":0", addr, sizeof addr), c;

	snprintf(name, sizeof name, ":%s", strrchr(addr, ':') + 1);
	c = weft_connect(name);
	EXPECT(c > 0);
	exchange(c, weft_accept(l));
	snprintf(name, sizeof name, "127.0.0.1:%s", strrchr(addr, ':') + 1);
	c = weft_connect(name);
	EXPECT(c > 0);
	exchange(c, weft_accept(l));
}

TEST(net_bad_addresses_are_refused)
{
	static const char *const bad[] = {"",	       ":",	     "127.0.0.1",     "127.0.0.1:",
					  "1.2.3.4:x", "1.2.3.4:-1", "1.2.3.4:65536", "[::1:80",
					  "::1:80",    "[]:80",	     "[x]:80",	      "unix:"};
	char longest[400];

	for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
		EXPECT_EQ(weft_listen(bad[i]), -EINVAL);
		EXPECT_EQ(weft_connect(bad[i]), -EINVAL);
	}
	memset(longest, 'x', sizeof longest);
	longest[sizeof longest - 1] = 0;
	EXPECT_EQ(weft_listen(longest), -EINVAL);
	strcpy(longest + 300, ":80");
	EXPECT_EQ(weft_listen(longest), -EINVAL);
	memcpy(longest, "unix:", 5);
	EXPECT_EQ(weft_listen(longest), -ENAMETOOLONG);
	EXPECT_EQ(weft_listen("unix:/no/such/directory/socket"), -ENOENT);
	EXPECT_EQ(weft_connect("unix:/no/such/socket"), -ENOENT);
	EXPECT_EQ(weft_listen("192.0.2.1:0"), -EADDRNOTAVAIL);
}

TEST(net_address_in_use_is_refused)
{
	char addr[64];

	listen_at("127.0.0.1:0", addr, sizeof addr);
	EXPECT_EQ(weft_listen(addr), -EADDRINUSE);
}

TEST(net_connection_is_refused_where_nobody_listens)
{
	char addr[64];
	weft_conn l = listen_at("127.0.0.1:0", addr, sizeof addr);

	EXPECT_EQ(weft_conn_close(l), 0);
	EXPECT_EQ(weft_connect(addr), -ECONNREFUSED);
}

TEST(net_accept_is_only_for_listeners)
{
	char addr[64];
	weft_conn l = listen_at("127.0.0.1:0", addr, sizeof addr), c = weft_connect(addr);
	char buf[8];
	int fd[2];

	EXPECT(c > 0);
	EXPECT_EQ(weft_accept(c), -EINVAL);
	EXPECT_EQ(weft_read(l, buf, 8), -ENOTCONN);
	EXPECT(pipe(fd) == 0);
	EXPECT_EQ(weft_accept(weft_conn_open(fd[0])), -ENOTSOCK);
}

TEST(net_accept_has_a_deadline)
{
	char addr[64];
	weft_conn l = listen_at("127.0.0.1:0", addr, sizeof addr);

	EXPECT_EQ(weft_conn_set_deadline(l, weft_now() + 5 * WEFT_MS), 0);
	EXPECT_EQ(weft_accept(l), -ETIMEDOUT);
	EXPECT(weft_connect(addr) > 0);
	EXPECT_EQ(weft_accept(l), -ETIMEDOUT);
	EXPECT_EQ(weft_conn_set_deadline(l, 0), 0);
	EXPECT(weft_accept(l) > 0);
}

/* An address that neither answers nor refuses: a listener that does not accept, its queue full. */
static void fill_queue(char *addr, size_t size)
{
	weft_conn l = listen_at("127.0.0.1:0", addr, size);

	EXPECT(listen(weft_conn_fd(l), 0) == 0);
	for (int i = 0; i < 2; i++) {
		weft_ctx *ctx = weft_ctx_with_timeout(weft_ctx_background(), 100 * WEFT_MS);
		weft_conn c = weft_connect_ctx(ctx, addr);

		EXPECT(c > 0 || c == -ETIMEDOUT);
		weft_ctx_unref(ctx);
	}
}

static void cancel_soon(void *arg)
{
	weft_sleep(5 * WEFT_MS);
	weft_ctx_cancel(arg, 0);
	weft_ctx_unref(arg);
}

TEST(net_connect_is_ended_by_its_context)
{
	weft_ctx *ctx = weft_ctx_with_timeout(weft_ctx_background(), 10 * WEFT_MS);
	char addr[64], live[64];
	weft_conn l, c, s;

	fill_queue(addr, sizeof addr);
	EXPECT_EQ(weft_connect_ctx(ctx, addr), -ETIMEDOUT);
	EXPECT_EQ(weft_connect_ctx(ctx, addr), -ETIMEDOUT);
	weft_ctx_unref(ctx);
	ctx = weft_ctx_with_cancel(weft_ctx_background());
	weft_go(cancel_soon, weft_ctx_ref(ctx));
	EXPECT_EQ(weft_connect_ctx(ctx, addr), -ECANCELED);
	weft_ctx_unref(ctx);

	/* It has no part in what is done with the connection. */
	ctx = weft_ctx_with_cancel(weft_ctx_background());
	l = listen_at("127.0.0.1:0", live, sizeof live);
	c = weft_connect_ctx(ctx, live);
	EXPECT(c > 0);
	s = weft_accept(l);
	weft_ctx_cancel(ctx, 0);
	exchange(c, s);
	weft_ctx_unref(ctx);
}

struct accepts {
	weft_conn l;
	_Atomic int n;
	weft_waitgroup done;
};

static void acceptor(void *arg)
{
	struct accepts *a = arg;
	weft_conn c;

	while ((c = weft_accept(a->l)) > 0) {
		a->n++;
		EXPECT_EQ(weft_conn_close(c), 0);
	}
	EXPECT_EQ(c, -EBADF);
	weft_waitgroup_done(&a->done);
}

TEST(net_acceptors_share_a_listener)
{
	int n = test_scaled(500);
	struct accepts a = {0};
	char addr[64];

	a.l = listen_at("127.0.0.1:0", addr, sizeof addr);
	weft_waitgroup_add(&a.done, 4);
	for (int i = 0; i < 4; i++)
		weft_go(acceptor, &a);
	for (int i = 0; i < n; i++) {
		weft_conn c = weft_connect(addr);

		EXPECT(c > 0);
		EXPECT_EQ(weft_conn_close(c), 0);
	}
	while (a.n < n)
		weft_yield();
	EXPECT_EQ(weft_conn_close(a.l), 0);
	weft_waitgroup_wait(&a.done);
}

TEST(net_accept_without_descriptors_is_an_error_and_goes_on)
{
	struct rlimit old, few;
	char addr[64];
	weft_conn l = listen_at("127.0.0.1:0", addr, sizeof addr), c = weft_connect(addr), s;
	int free_fd;

	EXPECT(c > 0);
	EXPECT(getrlimit(RLIMIT_NOFILE, &old) == 0);
	free_fd = dup(0);
	close(free_fd);
	few = (struct rlimit){(rlim_t)free_fd, old.rlim_max};
	EXPECT(setrlimit(RLIMIT_NOFILE, &few) == 0);
	EXPECT_EQ(weft_accept(l), -EMFILE);
	EXPECT_EQ(weft_accept(l), -EMFILE);
	EXPECT_EQ(weft_connect(addr), -EMFILE);
	EXPECT_EQ(weft_listen("127.0.0.1:0"), -EMFILE);
	EXPECT(setrlimit(RLIMIT_NOFILE, &old) == 0);
	s = weft_accept(l);
	EXPECT(s > 0);
	exchange(c, s);
}

TEST(net_descriptors_are_not_inherited)
{
	char addr[64];
	weft_conn l = listen_at("127.0.0.1:0", addr, sizeof addr), c = weft_connect(addr),
		  s = weft_accept(l);

	EXPECT(fcntl(weft_conn_fd(l), F_GETFD) & FD_CLOEXEC);
	EXPECT(fcntl(weft_conn_fd(c), F_GETFD) & FD_CLOEXEC);
	EXPECT(fcntl(weft_conn_fd(s), F_GETFD) & FD_CLOEXEC);
	EXPECT(fcntl(weft_conn_fd(s), F_GETFL) & O_NONBLOCK);
}

/* ---- Many -------------------------------------------------------------------------------- */

static void serve(void *arg)
{
	weft_conn l = (weft_conn)(intptr_t)arg, c;

	while ((c = weft_accept(l)) > 0)
		weft_go(echo, (void *)(intptr_t)c);
}

struct client {
	const char *addr;
	int rounds;
	weft_waitgroup *done;
};

static void client(void *arg)
{
	struct client *cl = arg;
	weft_conn c = weft_connect(cl->addr);
	char buf[8];

	EXPECT(c > 0);
	for (int i = 0; i < cl->rounds; i++) {
		EXPECT_EQ(weft_write(c, "01234567", 8), 8);
		EXPECT_EQ(weft_read_full(c, buf, 8), 8);
	}
	EXPECT_EQ(weft_conn_close(c), 0);
	weft_waitgroup_done(cl->done);
}

static void ping_pong(const char *at, int clients)
{
	weft_waitgroup done = {0};
	char addr[64];
	weft_conn l = listen_at(at, addr, sizeof addr);
	struct client cl = {addr, 10, &done};

	weft_go(serve, (void *)(intptr_t)l);
	weft_waitgroup_add(&done, clients);
	for (int i = 0; i < clients; i++)
		weft_go(client, &cl);
	weft_waitgroup_wait(&done);
	EXPECT_EQ(weft_conn_close(l), 0);
	while (weft_count() > 1)
		weft_yield();
}

TEST(net_a_thousand_connections_ping_and_pong)
{
	struct rlimit l;

	EXPECT(getrlimit(RLIMIT_NOFILE, &l) == 0);
	l.rlim_cur = l.rlim_max;
	EXPECT(setrlimit(RLIMIT_NOFILE, &l) == 0);
	ping_pong("127.0.0.1:0", l.rlim_cur > 2100 ? test_scaled(1000) : 200);
}

/* Each a new record's or an old one's use, over and over. */
TEST(net_connections_come_and_go)
{
	char at[64];

	snprintf(at, sizeof at, "unix:@weft-come-%d", getpid());
	for (int i = 0; i < test_scaled(30); i++)
		ping_pong(i % 2 ? "127.0.0.1:0" : at, 30);
}
