/* SPDX-License-Identifier: MIT */
/* A deadlock is found after workers have come and gone, also by who had to give one up.
 *
 * status: 2
 * says: weft: fatal: all goroutines are asleep - deadlock!
 */
#include <weft.h>

static void wait(void *arg)
{
	weft_yield();
	weft_chan_recv(arg, NULL);
}

static int app(void *arg)
{
	weft_chan *never = weft_chan_make(1, 0);

	(void)arg;
	weft_procs(8);
	for (int i = 0; i < 20; i++)
		weft_go(wait, never);
	weft_yield();
	weft_procs(2);
	weft_chan_recv(never, NULL);
	return 0;
}

int main(void)
{
	return weft_run(app, NULL);
}
