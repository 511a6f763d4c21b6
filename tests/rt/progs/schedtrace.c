/* SPDX-License-Identifier: MIT */
/* A line about the scheduler each millisecond, also with all workers idle, and with goroutines that
 * have to wait for one.
 *
 * status: 0
 * env: WEFT_DEBUG=sched=1
 * says: ^weft: sched [1-9][0-9]*ms: workers=[128] idle=[0-8] threads=[0-9]+ spinning=[0-9] idlethreads=[0-9]+ detached=[0-9]+ globalqueue=[0-9]+ queues=\[[0-9]+( [0-9]+)*\] goroutines=[0-9]+$
 * says: queues=.* goroutines=51$
 * never: ^weft: sched 0ms
 */
#include <weft.h>

static void wait(void *arg)
{
	weft_chan_recv(arg, NULL);
}

static int app(void *arg)
{
	weft_chan *c = weft_chan_make(0, 0);

	(void)arg;
	for (int i = 0; i < 50; i++)
		weft_go(wait, c);
	weft_sleep(100 * WEFT_MS);
	weft_chan_close(c);
	return 0;
}

int main(void)
{
	return weft_run(app, NULL);
}
