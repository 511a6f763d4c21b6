/* SPDX-License-Identifier: MIT */
/* An echo server: one goroutine for each connection, written as if reading and writing blocked.
 *
 * Run:   build/weft record -o echo.db -- build/examples/echo 127.0.0.1:7007 3
 *        and meanwhile, elsewhere: nc 127.0.0.1 7007   (3 is for how many seconds; 0: for ever)
 * Look:  select * from conn_total, with build/weft sql echo.db; in the timeline the goroutines wait
 *        for the world (brown), and no worker waits with them.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <weft.h>

static weft_waitgroup open_conns;
static _Atomic int64_t conns;

static void echo(void *arg)
{
	weft_conn c = (weft_conn)(intptr_t)arg;
	char buf[4096];
	int64_t n;

	while ((n = weft_read(c, buf, sizeof buf)) > 0)
		if (weft_write(c, buf, (size_t)n) < 0)
			break;
	weft_conn_close(c);
	weft_counter("open connections", --conns);
	weft_waitgroup_done(&open_conns);
}

static int serve(void *arg)
{
	char **argv = arg, addr[64];
	int64_t seconds = argv[1] && argv[2] ? atoll(argv[2]) : 0;
	weft_conn l = weft_listen(argv[1] ? argv[1] : "127.0.0.1:7007"), c;
	weft_ctx *stop = weft_ctx_with_timeout(weft_ctx_background(),
					       seconds ? seconds * WEFT_S : INT64_MAX);

	if (l < 0)
		return fprintf(stderr, "echo: cannot listen: %s\n", strerror((int)-l)), 1;
	weft_conn_local_addr(l, addr, sizeof addr);
	printf("listening at %s\n", addr);
	fflush(stdout);
	weft_conn_set_ctx(l, stop); // ends accept
	while ((c = weft_accept(l)) >= 0 || c == -EMFILE || c == -ENFILE) {
		if (c < 0) {
			weft_sleep(10 * WEFT_MS); // until somebody closes one
			continue;
		}
		weft_conn_set_ctx(c, stop); // and every read and write
		weft_waitgroup_add(&open_conns, 1);
		weft_counter("open connections", ++conns);
		weft_go(echo, (void *)(intptr_t)c);
	}
	weft_conn_close(l);
	weft_waitgroup_wait(&open_conns);
	return 0;
}

int main(int argc, char **argv)
{
	return argc > 3 ? 2 : weft_run(serve, argv);
}
