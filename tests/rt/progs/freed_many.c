/* SPDX-License-Identifier: MIT */
/* What is freed is kept for a while only.
 *
 * only under: debug
 * status: 0
 * prints: ^the memory is bounded$
 * silent
 */
#include <malloc.h>
#include <stdio.h>
#include <weft.h>

static int app(void *arg)
{
	size_t used;

	(void)arg;
	for (int i = 0; i < 20000; i++) {
		weft_ctx *ctx = weft_ctx_with_cancel(weft_ctx_background());

		weft_chan_unref(weft_chan_make(1000, i % 100));
		weft_timer_unref(weft_timer_make(WEFT_S));
		weft_chan_recv(weft_after(0), NULL);
		weft_ctx_unref(ctx);
	}
	used = mallinfo2().uordblks;
	if (used < 64 << 20)
		puts("the memory is bounded");
	else
		printf("%zu bytes\n", used);
	return 0;
}

int main(void)
{
	return weft_run(app, NULL);
}
