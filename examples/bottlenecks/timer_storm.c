/* SPDX-License-Identifier: MIT */
/* A storm of timers: 500 goroutines wake up every millisecond to find nothing to do.
 *
 * Run:   build/weft record -o run.db -- build/examples/bottlenecks/timer_storm && build/weft stat run.db
 * Look:  poll has most of the wake-ups, and most of the time of the workers; work, which has something
 *        to do, waits for a worker behind it at every turn.
 * Mend:  wait on a channel for what is to come, instead of looking for it.
 */
#include <stdio.h>
#include <weft.h>

enum { POLLERS = 500, STEPS = 200 };
typedef weft_chan_of(uint64_t) result_chan;
static result_chan result;
static _Atomic bool over;
static _Atomic uint64_t polls;

static void poll(void *arg)
{
	volatile int found = 0;

	(void)arg;
	while (!over) {
		weft_sleep(WEFT_MS); // the bottleneck
		for (int i = 0; i < 6000; i++)
			found = found * 3 + 1;
		polls++;
	}
}

static void work(void *arg)
{
	uint64_t x = 1;

	(void)arg;
	for (int i = 0; i < STEPS; i++) {
		for (int j = 0; j < 10000; j++)
			x = x * 6364136223846793005 + 1442695040888963407;
		weft_yield();
	}
	weft_send(result, x);
}

static int app(void *arg)
{
	uint64_t x;

	(void)arg;
	weft_procs(1);
	result = weft_make(result_chan, 0);
	weft_name(result.chan, "result");
	for (int i = 0; i < POLLERS; i++)
		weft_go(poll, NULL);
	weft_go(work, NULL);
	weft_recv(result, &x);
	over = true;
	return printf("%llx after %llu polls\n", (unsigned long long)x, (unsigned long long)polls) <
	       0;
}

int main(void)
{
	return weft_run(app, NULL);
}
