/* SPDX-License-Identifier: MIT */
/* One frame that is as large as the stack.
 *
 * not under: address
 * status: 2
 * says: weft: fatal: goroutine 2 \(big one, spawned at .*overflow_frame.c:24\) overflowed its 32 KiB stack
 * says: give it a larger one .* WEFT_STACK=64K
 */
#include <string.h>
#include <weft.h>

static void large(void *arg)
{
	volatile char frame[32 << 10];

	(void)arg;
	frame[0] = 1;
	(void)frame[0];
}

static int app(void *arg)
{
	(void)arg;
	weft_go_with(large, NULL, .name = "big one", .stack = 20 << 10);
	weft_sleep(60 * WEFT_S);
	return 0;
}

int main(void)
{
	return weft_run(app, NULL);
}
