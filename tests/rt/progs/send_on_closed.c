/* SPDX-License-Identifier: MIT */
/* status: 2
 * says: weft: panic: send on closed channel
 * says: goroutine 1 \(app\): running at .*send_on_closed.c:16
 * says: started at .*send_on_closed.c:22
 */
#include <weft.h>

static int app(void *arg)
{
	weft_chan *c = weft_chan_make(1, 1);
	char v = 0;

	(void)arg;
	weft_chan_close(c);
	weft_chan_send(c, &v);
	return 0;
}

int main(void)
{
	return weft_run(app, NULL);
}
