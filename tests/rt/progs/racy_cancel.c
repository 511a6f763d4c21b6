/* SPDX-License-Identifier: MIT */
/* What comes after a cancel does not happen before what the cancel wakes.
 *
 * only under: thread
 * status: 66
 * says: WARNING: ThreadSanitizer: data race
 * says: waiter .*racy_cancel.c:17
 */
#include <weft.h>

static volatile int before, after;

static void waiter(void *arg)
{
	weft_chan_recv(weft_ctx_done(arg), NULL);
	before++;
	after++;
}

static int app(void *arg)
{
	weft_ctx *ctx = weft_ctx_with_cancel(weft_ctx_background());

	(void)arg;
	weft_go(waiter, ctx);
	weft_sleep(50 * WEFT_MS);
	before = 1;
	weft_ctx_cancel(ctx, 0);
	after = 1;
	weft_sleep(200 * WEFT_MS);
	return 0;
}

int main(void)
{
	return weft_run(app, NULL);
}
