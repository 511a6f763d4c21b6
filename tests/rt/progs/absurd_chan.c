/* SPDX-License-Identifier: MIT */
/* The most that a channel buffers, and one more.
 *
 * status: 2
 * says: weft: fatal: a channel of 4294967295 elements: it may buffer 4294967294
 * says: running at .*absurd_chan.c:14
 */
#include <weft.h>

static int app(void *arg)
{
	(void)arg;
	weft_chan_make(0, UINT32_MAX - 1);
	weft_chan_make(0, UINT32_MAX);
	return 0;
}

int main(void)
{
	return weft_run(app, NULL);
}
