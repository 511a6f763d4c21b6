/* SPDX-License-Identifier: MIT */
/* What ends in the moment after the main function is no leak, nor is a timer that has yet to start
 * its function.
 *
 * env: WEFT_LEAKS=1
 * status: 0
 * silent
 */
#include <weft.h>

static void short_work(void *arg)
{
	weft_yield();
	weft_chan_send(arg, NULL);
	weft_yield();
}

static int app(void *arg)
{
	weft_chan *c = weft_chan_make(0, 1);

	weft_timer_unref(weft_after_func(3600 * WEFT_S, short_work, c));
	weft_ticker_make(WEFT_MS);
	weft_go(short_work, c);
	weft_chan_recv(c, arg);
	return 0;
}

int main(void)
{
	return weft_run(app, NULL);
}
