/* SPDX-License-Identifier: MIT */
/* One frame that is larger than the stack and the guard below it.  The compiler is told to touch each
 * page of a frame (-fstack-clash-protection, see the Makefile), so nothing is stepped over.
 *
 * not under: address
 * status: 2
 * says: weft: fatal: goroutine 2 \(large, spawned at .*overflow_huge_frame.c:23\) overflowed its 64 KiB stack
 * says: give it a larger one with weft_go_with
 */
#include <weft.h>

static void large(void *arg)
{
	char frame[1 << 20];

	frame[0] = 1; // the far end, beyond the guard
	__asm__ volatile("" : : "r"(frame), "r"(arg) : "memory"); // nothing is optimised away
}

static int app(void *arg)
{
	(void)arg;
	weft_go(large, NULL);
	weft_sleep(60 * WEFT_S);
	return 0;
}

int main(void)
{
	return weft_run(app, NULL);
}
