/* SPDX-License-Identifier: MIT */
/* Channels and contexts that signals would come to, and nobody waits for, hide no deadlock.
 *
 * status: 2
 * says: weft: fatal: all goroutines are asleep - deadlock!
 * says: goroutine 1 \(app\): waiting in chan receive
 */
#include <signal.h>
#include <weft.h>

static int app(void *arg)
{
	weft_chan *sigs = weft_chan_make(sizeof(int), 1), *never = weft_chan_make(1, 0);
	weft_ctx *ctx = weft_ctx_with_signals(weft_ctx_background(), SIGINT);

	(void)arg;
	weft_signal_notify(sigs, SIGINT, SIGTERM);
	weft_ctx_done(weft_ctx_with_cancel(ctx));
	weft_chan_recv(never, NULL);
	return 0;
}

int main(void)
{
	return weft_run(app, NULL);
}
