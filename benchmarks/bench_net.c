/* SPDX-License-Identifier: MIT */
/* What a round trip over TCP costs: 64 B there and back, 64 connections at once.  The clients are a
 * process of their own, one thread around epoll in plain C, and the same for every server:
 *
 *     bench_net trips PORT N        n round trips; prints ns/op
 *     bench_net load PORT SECONDS   as many as there is time for; prints requests/s
 */
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

/* A client whose server is bound to one cpu keeps off that one. */
static void leave_cpu(void)
{
	cpu_set_t cpus;

	if (sched_getaffinity(0, sizeof cpus, &cpus) != 0 || CPU_COUNT(&cpus) != 1)
		return;
	for (int i = 0; i < CPU_SETSIZE; i++) {
		if (CPU_ISSET(i, &cpus))
			CPU_CLR(i, &cpus);
		else
			CPU_SET(i, &cpus);
	}
	(void)sched_setaffinity(0, sizeof cpus, &cpus); // there may be no other
}

static int client(const char *what, int port, const char *much)
{
	double start;
	uint64_t n;

	leave_cpu();
	load(port, CONNS, 1e300); // the server has accepted once, and has its threads
	start = bench_now();
	if (!strcmp(what, "trips")) {
		n = strtoull(much, NULL, 10);
		bench_check(load(port, n, 1e300) == n);
		return printf("%f\n", (bench_now() - start) / n) < 0;
	}
	n = load(port, UINT64_MAX, start + atof(much) * 1e9);
	return printf("%.0f requests/s\n", (double)n / (bench_now() - start) * 1e9) < 0;
}

/* ---- The benchmark ----------------------------------------------------------------------- */

static int port_of(weft_conn l)
{
	char addr[64];

	bench_check(weft_conn_local_addr(l, addr, sizeof addr) == 0);
	return atoi(strrchr(addr, ':') + 1);
}

/* An operation is a round trip.  The goroutine blocks, and loses its worker for it. */
static void tcp_echo(uint64_t n, uint64_t unused)
{
	weft_conn l = weft_listen("127.0.0.1:0");
	char self[256], command[400];
	ssize_t len = readlink("/proc/self/exe", self, sizeof self - 1);
	double ns;
	FILE *f;

	(void)unused;
	bench_check(l > 0 && len > 0);
	self[len] = 0;
	weft_go(serve, (void *)(intptr_t)l);
	snprintf(command, sizeof command, "'%s' trips %d %" PRIu64, self, port_of(l), n);
	f = popen(command, "re");
	bench_check(f && fscanf(f, "%lf", &ns) == 1 && pclose(f) == 0);
	bench_report(ns, "ns/op");
	weft_conn_close(l);
}

static const struct bench benches[] = {
	{"TCPEcho/conns=64", tcp_echo},
};

int main(int argc, char **argv)
{
	if (argc == 4 && (!strcmp(argv[1], "trips") || !strcmp(argv[1], "load")))
		return client(argv[1], atoi(argv[2]), argv[3]);
	return bench_main(argc, argv, benches, sizeof benches / sizeof *benches);
}
