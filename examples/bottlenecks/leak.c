/* SPDX-License-Identifier: MIT */
/* A leak: whoever asks gives up after a millisecond, and the goroutine that has the answer by then
 * waits for ever to send it.
 *
 * Run:   build/weft record -o run.db -- build/examples/bottlenecks/leak && build/weft stat run.db
 * Look:  goroutines of fetch are left at the end, each in a send on a channel that nobody receives
 *        from.
 * Mend:  a buffer of one element: the send does not wait, and the goroutine ends.
 */
#include <stdio.h>
#include <weft.h>

enum { REQUESTS = 20 };

static void fetch(void *reply)
{
	int answer = 42;

	weft_sleep(40 * WEFT_MS);
	weft_chan_send(reply, &answer); // the bottleneck
	weft_chan_unref(reply);
}

static int app(void *arg)
{
	int answer, given_up = 0;

	(void)arg;
	for (int i = 0; i < REQUESTS; i++) {
		weft_chan *reply = weft_chan_make(sizeof answer, 0);

		weft_name(reply, "reply");
		weft_go(fetch, weft_chan_ref(reply));
		given_up +=
			weft_select(weft_on_recv(reply, &answer), weft_on_timeout(WEFT_MS)) == 1;
		weft_chan_unref(reply);
	}
	weft_sleep(60 * WEFT_MS);
	return printf("gave up %d times\n", given_up) < 0;
}

int main(void)
{
	return weft_run(app, NULL);
}
