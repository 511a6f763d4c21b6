/* SPDX-License-Identifier: MIT */
/* A crash that is no stack overflow stays a crash, and says in which goroutine, and where.
 *
 * not under: address thread undefined
 * signal: 11
 * says: weft: fatal: SIGSEGV at address 0x10 \(nothing is there\) in goroutine 2 \(parser\)$
 * says: goroutine 2 \(parser\): running$
 * says: spawned by goroutine 1 at .*crash.c:28$
 * says: ^ +/[^ ]+/crash\+0x[0-9a-f]+$
 */
#include <weft.h>

/* Two calls deep: tests/progs.c cannot see that, tests/e2e/dump.sh does. */
__attribute__((noinline)) static void store(volatile int *p)
{
	*p = 1;
}

static void parse(void *arg)
{
	store(arg);
	__asm__ volatile(""); // not a tail call
}

static int app(void *arg)
{
	(void)arg;
	weft_go_with(parse, (void *)16, .name = "parser");
	weft_sleep(60 * WEFT_S);
	return 0;
}

int main(void)
{
	return weft_run(app, NULL);
}
