/* SPDX-License-Identifier: MIT */
/* Four producers and a slow consumer, with a buffer between them.
 *
 * Run:   build/weft record -o jobs.db -- build/examples/producer_consumer
 *        build/weft contention jobs.db -o jobs.svg
 * Look:  jobs is full all the time, and its senders wait: the first row.  A larger buffer would
 *        not help: only a faster (or a second) consumer would.
 */
#include <stdio.h>
#include <weft.h>

enum { PRODUCERS = 4, JOBS = 50, CAP = 8 };

typedef weft_chan_of(uint32_t) job_chan;

static weft_waitgroup producers;

static void producer(void *arg)
{
	job_chan jobs = {arg};

	for (uint32_t i = 1; i <= JOBS; i++)
		weft_send(jobs, i);
	weft_waitgroup_done(&producers);
}

static void closer(void *arg)
{
	weft_waitgroup_wait(&producers);
	weft_chan_close(arg);
}

static int app(void *arg)
{
	(void)arg;
	job_chan jobs = weft_make(job_chan, CAP);
	uint64_t sum = 0;

	weft_name(jobs.chan, "jobs");
	weft_waitgroup_add(&producers, PRODUCERS);
	for (int i = 0; i < PRODUCERS; i++)
		weft_go(producer, jobs.chan);
	weft_go(closer, jobs.chan);
	weft_range(jobs, job) {
		for (uint32_t i = 0; i < 200000; i++) /* consumes */
			job = job * 1664525 + 1013904223;
		sum += job;
	}
	printf("%d jobs, checksum %llx\n", PRODUCERS * JOBS, (unsigned long long)sum);
	return 0;
}

int main(void)
{
	return weft_run(app, NULL);
}
