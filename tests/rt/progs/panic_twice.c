/* SPDX-License-Identifier: MIT */
/* A panic in an exit handler, which runs because of a panic.
 *
 * status: 2
 * says: weft: panic: close of NULL channel
 */
#include <stdlib.h>
#include <weft.h>

static void at_exit(void)
{
	weft_chan_close(NULL);
}

static int app(void *arg)
{
	(void)arg;
	atexit(at_exit);
	weft_chan_close(NULL);
	return 0;
}

int main(void)
{
	return weft_run(app, NULL);
}
