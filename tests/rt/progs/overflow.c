/* SPDX-License-Identifier: MIT */
/* Recursion without an end.
 *
 * not under: address
 * status: 2
 * says: weft: fatal: goroutine 2 \(deep, spawned at .*overflow.c:24\) overflowed its 64 KiB stack
 */
#include <weft.h>

static int recurse(volatile int *depth)
{
	volatile char frame[100] = {(char)*depth};

	return ++*depth < 0 ? 0 : recurse(depth) + frame[0];
}

static void deep(void *arg)
{
	recurse(arg);
}

static int app(void *arg)
{
	weft_go(deep, arg);
	weft_sleep(60 * WEFT_S);
	return 0;
}

int main(void)
{
	int depth = 0;

	return weft_run(app, &depth);
}
