/* SPDX-License-Identifier: MIT */
/* A program to be dumped: N goroutines that wait on a channel, one in an endless loop, one blocked
 * in read(2), one that sleeps in poll(2) and says if that was interrupted.
 *
 *     dump [N]        prints "ready" when they are there
 */
#include <errno.h>
#include <poll.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>
#include <weft.h>

static volatile int spins;
static atomic_int started; // by goroutines that run at once
static int fds[2];

__attribute__((noinline)) static void wait_for_work(weft_chan *jobs)
{
	int job;

	weft_chan_recv(jobs, &job);
	__asm__ volatile("");
}

static void worker(void *arg)
{
	wait_for_work(arg);
	__asm__ volatile(""); // or that is a jump, and leaves no trace
}

__attribute__((noinline)) static void endless(void)
{
	for (;;)
		spins++;
}

static void computer(void *arg)
{
	(void)arg;
	started++;
	endless();
}

static void reader(void *arg)
{
	char c;

	(void)arg;
	started++;
	if (read(fds[0], &c, 1) < 0)
		printf("read: %d\n", errno);
}

static void poller(void *arg)
{
	struct pollfd p = {.fd = fds[0], .events = POLLIN};

	(void)arg;
	started++;
	if (poll(&p, 1, -1) < 0)
		printf("poll was interrupted\n");
	fflush(stdout);
}

static int app(void *arg)
{
	weft_chan *jobs = weft_chan_make(sizeof(int), 0);
	int n = arg ? atoi(arg) : 1;

	if (pipe(fds) < 0)
		return 9;
	weft_name(jobs, "jobs");
	for (int i = 0; i < n; i++)
		weft_go(worker, jobs);
	weft_go(computer, NULL);
	weft_go_with(reader, NULL, .name = "standard input");
	weft_go(poller, NULL);
	while (started < 3)
		weft_sleep(WEFT_MS);
	weft_sleep(50 * WEFT_MS);
	printf("ready\n");
	fflush(stdout);
	weft_sleep(60 * WEFT_S);
	return 0;
}

int main(int argc, char **argv)
{
	return weft_run(app, argc > 1 ? argv[1] : NULL);
}
