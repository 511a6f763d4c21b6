/* SPDX-License-Identifier: MIT */
/* not under: address thread
 * status: 2
 * says: weft: fatal: no memory for a channel of 18446744073709551615 elements of 8 bytes
 * says: running at .*absurd_chan.c:12
 */
#include <weft.h>

static int app(void *arg)
{
	(void)arg;
	weft_chan_make(8, (size_t)-1);
	return 0;
}

int main(void)
{
	return weft_run(app, NULL);
}
