/* SPDX-License-Identifier: MIT */
/* Goroutines that are left are nobody's business unless it is asked for.
 *
 * status: 0
 * silent
 */
#include <weft.h>

static void receiver(void *arg)
{
	weft_chan_recv(arg, NULL);
}

static int app(void *arg)
{
	(void)arg;
	weft_go(receiver, weft_chan_make(0, 0));
	weft_yield();
	return 0;
}

int main(void)
{
	return weft_run(app, NULL);
}
