/* SPDX-License-Identifier: MIT */
/* Eight goroutines and a million channel operations. */
#include <weft.h>

enum { PAIRS = 4, SENDS = 500000 / PAIRS };

typedef weft_chan_of(long) long_chan;

static weft_waitgroup done;
static weft_chan *work;

static void producer(void *arg)
{
	long_chan c = {work};

	(void)arg;
	for (long i = 0; i < SENDS; i++)
		weft_send(c, i);
	weft_waitgroup_done(&done);
}

static void consumer(void *arg)
{
	long_chan c = {work};
	long v;

	(void)arg;
	for (long i = 0; i < SENDS; i++)
		weft_recv(c, &v);
	weft_waitgroup_done(&done);
}

static int app(void *arg)
{
	(void)arg;
	work = weft_make(long_chan, 16).chan;
	weft_waitgroup_add(&done, 2 * PAIRS);
	for (int i = 0; i < PAIRS; i++) {
		weft_go(producer, NULL);
		weft_go(consumer, NULL);
	}
	weft_waitgroup_wait(&done);
	weft_chan_unref(work);
	return 0;
}

int main(void)
{
	return weft_run(app, NULL);
}
