/* SPDX-License-Identifier: MIT */
/* A report of ten thousand goroutines is short.
 *
 * not under: thread
 * env: ASAN_OPTIONS=detect_leaks=0:detect_stack_use_after_return=0
 * status: 2
 * once: ^    no peer left: goroutine 2 \(worker\) and 9999 more wait in chan receive at .* for channel "jobs" \(0 of 0 buffered\), and nobody is left who could send$
 * once: ^    9999 more goroutines wait like this one: ([0-9]+ \(worker\), ){4}\.\.\.; the longest is [0-9]+, for [0-9a-z ]+$
 * once: ^goroutine 2 \(worker\): waiting in chan receive at
 * once: ^    499 more goroutines wait like this one, but for other objects: [0-9]
 * once: ^goroutine [0-9]+ \(worker\)
 */
#include <weft.h>

static void worker(void *arg)
{
	weft_chan_recv(arg, NULL);
}

static void alone(void *arg)
{
	(void)arg;
	weft_chan_recv(weft_chan_make(0, 0), NULL);
}

static int app(void *arg)
{
	weft_chan *jobs = weft_chan_make(0, 0);

	(void)arg;
	weft_name(jobs, "jobs");
	for (int i = 0; i < 10000; i++)
		weft_go_with(worker, jobs, .stack = 16 << 10);
	for (int i = 0; i < 500; i++)
		weft_go_with(alone, NULL, .stack = 16 << 10);
	weft_chan_recv(jobs, NULL);
	return 0;
}

int main(void)
{
	return weft_run(app, NULL);
}
