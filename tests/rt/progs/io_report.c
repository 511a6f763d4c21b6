/* SPDX-License-Identifier: MIT */
/* Goroutines that wait for the world, in a report: it says for which connection.
 *
 * status: 2
 * says: weft: panic: weft_connect to a NULL address
 * says: \(acceptor\): waiting in accept at .*io_report.c:2[0-9] for
 * says: for connection "front door", descriptor [0-9]+, 127.0.0.1:[0-9]+$
 * says: \(reader\): waiting in read at .*io_report.c:29 for
 * says: for connection 0x[0-9a-f]+, descriptor [0-9]+, 127.0.0.1:[0-9]+ -> 127.0.0.1:[0-9]+$
 * says: \(waiter\): waiting in wait for a descriptor at .*io_report.c:3[0-9] for
 */
#include <stdlib.h>
#include <unistd.h>
#include <weft.h>

static _Atomic int waiting;

static void acceptor(void *arg)
{
	waiting++;
	weft_accept((weft_conn)(intptr_t)arg);
}

static void reader(void *arg)
{
	char buf[8];

	waiting++;
	weft_read((weft_conn)(intptr_t)arg, buf, sizeof buf);
}

static void waiter(void *arg)
{
	waiting++;
	weft_wait_fd(*(int *)arg, WEFT_READABLE, -1);
}

static int app(void *arg)
{
	weft_conn l = weft_listen("127.0.0.1:0"), c;
	char addr[64];
	int fd[2];

	(void)arg;
	weft_conn_name(l, "front door");
	weft_conn_local_addr(l, addr, sizeof addr);
	c = weft_connect(addr);
	weft_accept(l);
	if (pipe(fd))
		return 1;
	weft_go(acceptor, (void *)(intptr_t)l);
	weft_go(reader, (void *)(intptr_t)c);
	weft_go(waiter, fd);
	while (waiting < 3)
		weft_yield();
	weft_sleep(200 * WEFT_MS);
	weft_connect(NULL);
	return 0;
}

int main(void)
{
	return weft_run(app, NULL);
}
