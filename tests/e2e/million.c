/* SPDX-License-Identifier: MIT */
/* Eight goroutines and a million channel operations, or as many as the argument says. */
#include <weft.h>

#include <stdlib.h>

enum { PAIRS = 4 };

static long sends = 500000 / PAIRS;

typedef weft_chan_of(long) long_chan;

static weft_waitgroup done;
static weft_chan *work;

static void producer(void *arg)
{
	long_chan c = {work};

	(void)arg;
	for (long i = 0; i < sends; i++)
		weft_send(c, i);
	weft_waitgroup_done(&done);
}

static void consumer(void *arg)
{
	long_chan c = {work};
	long v;

	(void)arg;
	for (long i = 0; i < sends; i++)
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

int main(int argc, char **argv)
{
	if (argc > 1)
		sends = atol(argv[1]) / (2 * PAIRS);
	return weft_run(app, NULL);
}
