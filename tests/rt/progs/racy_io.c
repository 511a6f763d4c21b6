/* SPDX-License-Identifier: MIT */
/* What a goroutine wrote happens before what another does once it has read what came after; but the
 * buffer of a read belongs to it until it returns.
 *
 * only under: thread
 * status: 66
 * prints: ordered: 1
 * says: WARNING: ThreadSanitizer: data race
 * says: meddle .*racy_io.c:29
 */
#include <stdio.h>
#include <weft.h>

static volatile int before;
static volatile char buf[8];
static weft_conn conn;

static void ask(void *addr)
{
	weft_conn c = weft_connect(addr);

	before = 1;
	weft_write(c, "x", 1);
}

static void meddle(void *arg)
{
	(void)arg;
	buf[0] = 'y';
}

static int app(void *arg)
{
	weft_conn l = weft_listen("127.0.0.1:0");
	char addr[64];

	(void)arg;
	weft_conn_local_addr(l, addr, sizeof addr);
	weft_go(ask, addr);
	conn = weft_accept(l);
	weft_go(meddle, NULL);
	weft_read(conn, (void *)buf, sizeof buf);
	printf("ordered: %d\n", before);
	weft_sleep(200 * WEFT_MS);
	return 0;
}

int main(void)
{
	return weft_run(app, NULL);
}
