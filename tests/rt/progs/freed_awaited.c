/* SPDX-License-Identifier: MIT */
/* The last reference to a channel is dropped while another goroutine, which has none, waits; or is
 * about to, if it is held up.
 *
 * only under: debug
 * status: 2
 * says: ^weft: fatal: (the last reference to the channel 0x[0-9a-f]+ "results" was dropped while goroutine 2 \(wait\) waits for it at .*freed_awaited.c:19; who waits must hold one|weft_chan_recv of the channel 0x[0-9a-f]+ "results", which was freed)$
 * says: ^    made at .*freed_awaited.c:27 by goroutine 1$
 */
#include <weft.h>

static weft_chan *results;
static int waits;

static void wait(void *arg)
{
	(void)arg;
	__atomic_store_n(&waits, 1, __ATOMIC_RELAXED);
	weft_chan_recv(results, NULL);
}

static int app(void *arg)
{
	weft_chan *c;

	(void)arg;
	c = weft_chan_make(1, 0);
	weft_name(c, "results");
	results = c;
	weft_go(wait, NULL);
	while (!__atomic_load_n(&waits, __ATOMIC_RELAXED))
		weft_yield();
	weft_sleep(200 * WEFT_MS);
	weft_chan_unref(c);
	weft_sleep(60 * WEFT_S);
	return 0;
}

int main(void)
{
	return weft_run(app, NULL);
}
