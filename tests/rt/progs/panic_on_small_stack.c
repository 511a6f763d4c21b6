/* SPDX-License-Identifier: MIT */
/* The report does not need the goroutine's stack, of which little is left.
 *
 * not under: address
 * status: 2
 * says: weft: panic: close of closed channel
 * says: goroutine 2 \(closer\): running at .*panic_on_small_stack.c:19
 */
#include <string.h>
#include <weft.h>

static void closer(void *arg)
{
	char most[8 << 10];

	memset(most, 1, sizeof most);
	__asm__ volatile("" : : "r"(most) : "memory");
	weft_chan_close(arg);
	weft_chan_close(arg);
}

static int app(void *arg)
{
	(void)arg;
	weft_go_with(closer, weft_chan_make(1, 0), .stack = 16 << 10);
	weft_sleep(5 * WEFT_S);
	return 0;
}

int main(void)
{
	return weft_run(app, NULL);
}
