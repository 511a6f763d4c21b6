/* SPDX-License-Identifier: MIT */
/* Starvation: goroutines that compute and never wait have the only worker.
 *
 * Run:   build/weft record -o run.db -- build/examples/bottlenecks/starvation && build/weft why
 * run.db Look:  ask waits for the channel pong; serve has been woken and could answer, but it is
 * runnable all that time: crunch runs.  (After some milliseconds the runtime takes the worker
 * away.) Mend:  call weft_yield in the loop of crunch, or have a worker more.
 */
#include <stdio.h>
#include <weft.h>

enum { ROUNDS = 8 };
static weft_chan *ping, *pong;

static void crunch(void *arg)
{
	volatile uint64_t x = (uintptr_t)arg;

	for (int i = 0; i < 20000000; i++)
		x = x * 6364136223846793005 + 1442695040888963407;
}

static void serve(void *arg)
{
	int n;

	(void)arg;
	while (weft_chan_recv(ping, &n))
		weft_chan_send(pong, &n);
}

static int ask(void *arg)
{
	int n;

	(void)arg;
	weft_procs(1);
	ping = weft_chan_make(sizeof n, 1);
	pong = weft_chan_make(sizeof n, 1);
	weft_name(ping, "ping");
	weft_name(pong, "pong");
	weft_go(serve, NULL);
	for (n = 0; n < ROUNDS; n++) {
		weft_chan_send(ping, &n);
		weft_go(crunch, NULL); // the bottleneck
		weft_chan_recv(pong, &n);
	}
	return printf("%d rounds\n", n) < 0;
}

int main(void)
{
	return weft_run(ask, NULL);
}
