/* SPDX-License-Identifier: MIT */
/* Goroutines that block in C while they have the one worker, so that others get it on other threads, and hand a
 * mutex and a value to one another meanwhile. */
#define _GNU_SOURCE
#include <unistd.h>
#include <weft.h>

enum { GOROUTINES = 4, ROUNDS = 20, US = 2000 };

static weft_mutex mu;
static weft_chan *c;
static weft_waitgroup wg;

static void work(void *arg)
{
	uint64_t v = 0;

	(void)arg;
	for (int i = 0; i < ROUNDS; i++) {
		weft_mutex_lock(&mu);
		usleep(US);
		weft_mutex_unlock(&mu);
		weft_chan_send(c, &v);
		usleep(US);
		weft_chan_recv(c, &v);
	}
	weft_waitgroup_done(&wg);
}

static int app(void *arg)
{
	(void)arg;
	c = weft_chan_make(sizeof(uint64_t), GOROUTINES);
	weft_waitgroup_add(&wg, GOROUTINES);
	for (int i = 0; i < GOROUTINES; i++)
		weft_go(work, NULL);
	weft_waitgroup_wait(&wg);
	weft_chan_unref(c);
	return 0;
}

int main(void)
{
	return weft_run(app, NULL);
}
