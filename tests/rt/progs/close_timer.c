/* SPDX-License-Identifier: MIT */
/* status: 2
 * says: weft: panic: close of the channel of a timer
 * says: running at .*close_timer.c:[0-9]
 */
#include <weft.h>

static int app(void *arg)
{
	(void)arg;
	weft_chan_close(weft_after(0));
	return 0;
}

int main(void)
{
	return weft_run(app, NULL);
}
