/* SPDX-License-Identifier: MIT */
/* What was caught in one goroutine is passed on in another.
 *
 * status: 2
 * says: weft: panic: close of NULL channel \(in goroutine 2\)
 * says: goroutine 1 \(app\): running at .*repanic.c:15
 */
#include <weft.h>

typedef weft_chan_of(weft_caught) caught_chan;

static void misuse(void *arg)
{
	(void)arg;
	weft_chan_close(NULL);
}

static void worker(void *arg)
{
	caught_chan c = {arg};
	weft_caught caught;

	if (!weft_try(misuse, NULL, &caught))
		weft_send(c, caught);
}

static int app(void *arg)
{
	caught_chan c = weft_make(caught_chan, 1);
	weft_caught caught;

	(void)arg;
	weft_go(worker, c.chan);
	if (weft_recv(c, &caught))
		weft_repanic(&caught);
	return 0;
}

int main(void)
{
	return weft_run(app, NULL);
}
