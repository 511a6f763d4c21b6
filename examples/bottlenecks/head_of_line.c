/* SPDX-License-Identifier: MIT */
/* Head-of-line blocking: jobs are dealt to four workers in turn, and one of them is slow.
 *
 * Run:   build/weft record -o run.db -- build/examples/bottlenecks/head_of_line && build/weft why
 * run.db Look:  deal waits to send to queue 2, which is full, while the others' queues are empty:
 * three workers have nothing to do because of the fourth. Mend:  one queue that all workers receive
 * from.
 */
#include <stdio.h>
#include <weft.h>

enum { WORKERS = 4, JOBS = 48, SLOW = 2 };
typedef weft_chan_of(int) job_chan;
static job_chan queue[WORKERS];
static weft_waitgroup all;
static _Atomic int done;

static void fast(void *arg)
{
	job_chan jobs = {arg};

	weft_range(jobs, job)
		done += job >= 0;
	weft_waitgroup_done(&all);
}

static void slow(void *arg)
{
	job_chan jobs = {arg};

	weft_range(jobs, job) {
		weft_sleep(20 * WEFT_MS); // the bottleneck
		done += job >= 0;
	}
	weft_waitgroup_done(&all);
}

static int deal(void *arg)
{
	static char name[WORKERS][16];

	(void)arg;
	weft_waitgroup_add(&all, WORKERS);
	for (int i = 0; i < WORKERS; i++) {
		queue[i] = weft_make(job_chan, 2);
		snprintf(name[i], sizeof name[i], "queue %d", i);
		weft_name(queue[i].chan, name[i]);
		if (i == SLOW)
			weft_go(slow, queue[i].chan);
		else
			weft_go(fast, queue[i].chan);
	}
	for (int i = 0; i < JOBS; i++)
		weft_send(queue[i % WORKERS], i);
	for (int i = 0; i < WORKERS; i++)
		weft_close(queue[i]);
	weft_waitgroup_wait(&all);
	return printf("%d jobs\n", done) < 0;
}

int main(void)
{
	return weft_run(deal, NULL);
}
