/* SPDX-License-Identifier: MIT */
/* status: 2
 * says: weft: panic: close of closed channel
 * says: running at .*close_twice.c:14
 */
#include <weft.h>

static int app(void *arg)
{
	weft_chan *c = weft_chan_make(1, 1);

	(void)arg;
	weft_chan_close(c);
	weft_chan_close(c);
	return 0;
}

int main(void)
{
	return weft_run(app, NULL);
}
