/* SPDX-License-Identifier: MIT */
/* A context's deadline runs a function: a deadlock is reported when it has passed.
 *
 * status: 2
 * says: weft: fatal: all goroutines are asleep - deadlock!
 * once: ^goroutine
 */
#include <weft.h>

static int app(void *arg)
{
	weft_ctx *ctx = weft_ctx_with_timeout(weft_ctx_background(), 50 * WEFT_MS);

	weft_chan_recv(weft_chan_make(0, 0), arg);
	weft_ctx_unref(ctx);
	return 0;
}

int main(void)
{
	return weft_run(app, NULL);
}
