/* SPDX-License-Identifier: MIT */
/* What a round trip over TCP costs: 64 B there and back, 64 connections at once.  The clients are
 * one thread around epoll, as small as can be, and the same for weft and Go: what differs is the
 * server.  `bench_net serve` is the server alone, for the clients of `bench_net load PORT SECONDS`;
 * they print requests a second. */
#define _GNU_SOURCE
#include "bench.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/tcp.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

enum { CONNS = 64, SIZE = 64 };

/* ---- The server -------------------------------------------------------------------------- */

static void echo(void *arg)
{
	weft_conn c = (weft_conn)(intptr_t)arg;
	char buf[4096];
	int64_t n;

	while ((n = weft_read(c, buf, sizeof buf)) > 0 && weft_write(c, buf, (size_t)n) == n)
		;
	weft_conn_close(c);
}

static void serve(void *arg)
{
	weft_conn l = (weft_conn)(intptr_t)arg, c;

	while ((c = weft_accept(l)) > 0)
		weft_go(echo, (void *)(intptr_t)c);
}

/* ---- The clients, in plain C ------------------------------------------------------------- */

static int dial(int port)
{
	struct sockaddr_in at = {.sin_family = AF_INET,
				 .sin_port = htons((uint16_t)port),
				 .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

	bench_check(fd >= 0 && connect(fd, (struct sockaddr *)&at, sizeof at) == 0);
	setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &(int){1}, sizeof(int));
	return fd;
}

static void ask(int fd)
{
	static const char request[SIZE];

	bench_check(send(fd, request, SIZE, MSG_NOSIGNAL) == SIZE);
}

/* n round trips, or until the time `until`; how many. */
static uint64_t load(int port, uint64_t n, double until)
{
	struct epoll_event ev, events[CONNS];
	int ep = epoll_create1(EPOLL_CLOEXEC), fd[CONNS];
	uint64_t asked = 0, done = 0;
	char answer[SIZE];

	for (int i = 0; i < CONNS; i++) {
		fd[i] = dial(port);
		ev = (struct epoll_event){.events = EPOLLIN, .data.fd = fd[i]};
		bench_check(epoll_ctl(ep, EPOLL_CTL_ADD, fd[i], &ev) == 0);
	}
	for (int i = 0; i < CONNS && asked < n; i++, asked++)
		ask(fd[i]);
	while (done < asked) {
		int got = epoll_wait(ep, events, CONNS, -1);

		for (int i = 0; i < got; i++, done++) {
			bench_check(recv(events[i].data.fd, answer, SIZE, MSG_WAITALL) == SIZE);
			if (asked < n && (done % 64 || bench_now() < until)) {
				ask(events[i].data.fd);
				asked++;
			} else {
				n = asked;
			}
		}
	}
	for (int i = 0; i < CONNS; i++)
		close(fd[i]);
	close(ep);
	return done;
}

static int port_of(weft_conn l)
{
	char addr[64];

	bench_check(weft_conn_local_addr(l, addr, sizeof addr) == 0);
	return atoi(strrchr(addr, ':') + 1);
}

/* An operation is a round trip.  The clients' thread blocks, and loses its worker for it. */
static void tcp_echo(uint64_t n)
{
	weft_conn l = weft_listen("127.0.0.1:0");

	bench_check(l > 0);
	weft_go(serve, (void *)(intptr_t)l);
	bench_check(load(port_of(l), n, 1e300) == n);
	weft_conn_close(l);
}

static int serve_for_ever(void *arg)
{
	weft_conn l = weft_listen("127.0.0.1:0");

	(void)arg;
	printf("%d\n", port_of(l));
	fflush(stdout);
	serve((void *)(intptr_t)l);
	return 1;
}

static const struct bench benches[] = {
	{"TCPEcho/conns=64", tcp_echo},
};

int main(int argc, char **argv)
{
	if (argc == 2 && !strcmp(argv[1], "serve"))
		return weft_run(serve_for_ever, NULL);
	if (argc == 4 && !strcmp(argv[1], "load")) {
		double start = bench_now(), seconds = atof(argv[3]);
		uint64_t n = load(atoi(argv[2]), UINT64_MAX, start + seconds * 1e9);

		return printf("%.0f requests/s\n", (double)n / (bench_now() - start) * 1e9) < 0;
	}
	return bench_main(argc, argv, benches, sizeof benches / sizeof *benches);
}
