/* SPDX-License-Identifier: MIT */
/* The background context is never done: who waits for that alone waits for ever.
 *
 * status: 2
 * says: weft: fatal: all goroutines are asleep - deadlock!
 * says: goroutine 1 \(app\): waiting in nil channel at .*wait_for_background.c:[0-9]
 */
#include <weft.h>

static int app(void *arg)
{
	(void)arg;
	weft_chan_recv(weft_ctx_done(weft_ctx_background()), NULL);
	return 0;
}

int main(void)
{
	return weft_run(app, NULL);
}
