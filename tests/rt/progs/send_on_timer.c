/* SPDX-License-Identifier: MIT */
/* status: 2
 * says: weft: panic: send on the channel of a timer
 * says: running at .*send_on_timer.c:[0-9]
 */
#include <weft.h>

static int app(void *arg)
{
	(void)arg;
	weft_chan_send(weft_after(0), &(int64_t){1});
	return 0;
}

int main(void)
{
	return weft_run(app, NULL);
}
