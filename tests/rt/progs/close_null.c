/* SPDX-License-Identifier: MIT */
/* status: 2
 * says: weft: panic: close of NULL channel
 * says: running at .*close_null.c:11
 */
#include <weft.h>

static int app(void *arg)
{
	(void)arg;
	weft_chan_close(NULL);
	return 0;
}

int main(void)
{
	return weft_run(app, NULL);
}
