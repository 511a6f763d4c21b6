/* SPDX-License-Identifier: MIT */
/* Goroutines that are left behind do not matter.
 *
 * status: 3
 * prints: done
 * silent
 */
#include <stdio.h>
#include <weft.h>

static void waits(void *arg)
{
	weft_chan_recv(arg, NULL);
}

static int app(void *arg)
{
	weft_chan *c = weft_chan_make(1, 0);

	(void)arg;
	for (int i = 0; i < 10; i++)
		weft_go(waits, c);
	weft_yield();
	printf("done\n");
	return 3;
}

int main(void)
{
	return weft_run(app, NULL);
}
