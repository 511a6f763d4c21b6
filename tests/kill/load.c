/* SPDX-License-Identifier: MIT */
/* A program that is to be killed: both workers write events as fast as they can, until then.
 *
 * The file that it is given tells afterwards what it did: how many waits for a WaitGroup have
 * ended, after the event of each; and, by CLOCK_MONOTONIC, when it began and how far it came.  It
 * began after the event that says so, and looked at the clock before the event of a wait that has
 * ended: however long the system holds it up in between, the trace reaches as far after that first
 * event.
 */
#define _GNU_SOURCE
#include <weft.h>

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <time.h>
#include <unistd.h>

typedef weft_chan_of(int) int_chan;

static struct {
	int64_t began, reached, waits;
} * life;

static weft_mutex mutex;

static int64_t now(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return t.tv_sec * 1000000000LL + t.tv_nsec;
}

static void child(void *arg)
{
	weft_mutex_lock(&mutex);
	weft_yield();
	weft_mutex_unlock(&mutex);
	weft_waitgroup_done(arg);
}

static void echo(void *arg)
{
	int_chan *c = arg;

	weft_range(c[0], v)
		weft_send(c[1], v + 1);
}

static void live(void *arg)
{
	int_chan c[2] = {weft_make(int_chan, 0), weft_make(int_chan, 2)};
	int v = 0;

	(void)arg;
	weft_go(echo, c);
	for (;;) {
		weft_waitgroup wg = {0};
		int64_t reached;

		weft_waitgroup_add(&wg, 2);
		weft_go(child, &wg);
		weft_go(child, &wg);
		for (int i = 0; i < 10; i++) {
			weft_send(c[0], v);
			weft_recv(c[1], &v);
		}
		reached = now();
		weft_waitgroup_wait(&wg);
		__atomic_fetch_add(&life->waits, 1, __ATOMIC_RELAXED);
		__atomic_store_n(&life->reached, reached, __ATOMIC_RELAXED);
	}
}

static int app(void *arg)
{
	(void)arg;
	for (int i = 0; i < 4; i++)
		weft_go(live, NULL);
	weft_log("kill", "began");
	life->began = now();
	puts("ready");
	fflush(stdout);
	weft_sleep(3600 * WEFT_S);
	return 0;
}

int main(int argc, char **argv)
{
	int fd = argc > 1 ? open(argv[1], O_RDWR | O_CREAT | O_TRUNC, 0644) : -1;

	if (fd < 0 || ftruncate(fd, sizeof *life) < 0)
		return 2;
	life = mmap(NULL, sizeof *life, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	if (life == MAP_FAILED)
		return 2;
	return weft_run(app, NULL);
}
