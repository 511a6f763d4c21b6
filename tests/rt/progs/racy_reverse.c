/* SPDX-License-Identifier: MIT */
/* A receive from a buffered channel happens before the send that reuses its slot, not before the
 * sends that fill other slots.
 *
 * only under: thread
 * status: 66
 * says: WARNING: ThreadSanitizer: data race
 * says: receiver .*racy_reverse.c:21
 */
#include <weft.h>

typedef weft_chan_of(int) int_chan;

static volatile int n;

static void receiver(void *arg)
{
	int_chan c = {((weft_chan **)arg)[0]}, done = {((weft_chan **)arg)[1]};
	int v;

	n = 1;
	weft_recv(c, &v);
	weft_send(done, 1);
}

static int app(void *arg)
{
	int_chan c = weft_make(int_chan, 10), done = weft_make(int_chan, 1);
	weft_chan *both[] = {c.chan, done.chan};
	int v;

	(void)arg;
	weft_go(receiver, both);
	weft_sleep(100 * WEFT_MS);
	weft_send(c, 0);
	n = 2;
	weft_recv(done, &v);
	return 0;
}

int main(void)
{
	return weft_run(app, NULL);
}
