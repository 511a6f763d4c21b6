/* SPDX-License-Identifier: MIT */
/* Goroutines for a debugger to find: each waits in another way, one computes, and one that has not
 * begun is behind it.  For one worker.
 * With CRASH in the environment it leaves a core file there. */
#include <stdatomic.h>
#include <stdlib.h>
#include <weft.h>

static weft_mutex mu;
static weft_chan *jobs;
static atomic_int waiting;
volatile unsigned long turns;

static void receiver(void *arg)
{
	volatile int answer = 42;
	int job;

	waiting++;
	weft_chan_recv(jobs, &job); // LINE receiver
	answer += *(int *)arg;
}

static void locker(void *arg)
{
	(void)arg;
	waiting++;
	weft_mutex_lock(&mu); // LINE locker
	weft_mutex_unlock(&mu);
}

static void sleeper(void *arg)
{
	(void)arg;
	waiting++;
	weft_sleep(3600 * WEFT_S); // LINE sleeper
	waiting--;
}

static void late(void *arg)
{
	(void)arg;
}

__attribute__((noinline)) static void everybody_waits(void)
{
	turns++; // LINE stop
	if (getenv("CRASH"))
		abort();
}

static int app(void *arg)
{
	static int one = 1;

	(void)arg;
	jobs = weft_chan_make(sizeof(int), 0);
	weft_mutex_lock(&mu);
	weft_go_with(receiver, &one, .name = "rec");
	weft_go(locker, NULL);
	weft_go(sleeper, NULL);
	while (waiting < 3)
		weft_yield();
	weft_go(late, NULL);
	everybody_waits();
	weft_chan_send(jobs, &one);
	weft_mutex_unlock(&mu);
	return 7;
}

int main(void)
{
	return weft_run(app, NULL);
}
