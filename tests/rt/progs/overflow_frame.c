/* SPDX-License-Identifier: MIT */
/* One frame that is as large as the stack.
 *
 * not under: address
 * status: 2
 * says: weft: fatal: goroutine 2 \(big one, spawned at .*overflow_frame.c:23\) overflowed its 32 KiB stack
 * says: give it a larger one .* WEFT_STACK=64K
 */
#include <string.h>
#include <weft.h>

static void large(void *arg)
{
	char frame[32 << 10];

	memset(frame, 1, sizeof frame);
	__asm__ volatile("" : : "r"(frame), "r"(arg) : "memory"); // nothing is optimised away
}

static int app(void *arg)
{
	(void)arg;
	weft_go_with(large, NULL, .name = "big one", .stack = 20 << 10);
	weft_sleep(5 * WEFT_S);
	return 0;
}

int main(void)
{
	return weft_run(app, NULL);
}
