/* SPDX-License-Identifier: MIT */
/* A close that nothing orders after the send is a race, which the thread sanitizer reports.
 *
 * not under: thread
 * status: 2
 * says: weft: panic: send on closed channel
 * says: goroutine 2 \(sender\): running at .*send_on_closed_parked.c:15
 */
#include <weft.h>

static void sender(void *arg)
{
	char v = 0;

	weft_chan_send(arg, &v);
}

static int app(void *arg)
{
	weft_chan *c = weft_chan_make(1, 0);

	(void)arg;
	weft_go(sender, c);
	weft_sleep(100 * WEFT_MS);
	weft_chan_close(c);
	weft_sleep(60 * WEFT_S);
	return 0;
}

int main(void)
{
	return weft_run(app, NULL);
}
