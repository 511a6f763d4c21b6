/* SPDX-License-Identifier: MIT */
/* A timer with a function, and one that is waited for, keep a program going where all wait.
 *
 * status: 0
 * silent
 */
#include <weft.h>

static weft_chan *c;

static void wake(void *arg)
{
	(void)arg;
	weft_chan_close(c);
}

static int app(void *arg)
{
	weft_timer *ticker = weft_ticker_make(WEFT_MS);

	(void)arg;
	c = weft_chan_make(0, 0);
	weft_timer_unref(weft_after_func(30 * WEFT_MS, wake, NULL));
	weft_chan_recv(c, NULL);
	weft_chan_recv(weft_timer_chan(ticker), NULL);
	weft_chan_recv(weft_after(30 * WEFT_MS), NULL);
	return 0;
}

int main(void)
{
	return weft_run(app, NULL);
}
