/* SPDX-License-Identifier: MIT */
/* Hello from a goroutine.
 *
 * Run:   build/weft record -o hello.db -- build/examples/hello      (and press Enter)
 *        build/weft timeline hello.db --lanes goroutines -o hello.svg
 * Look:  main waits in the kernel for your line, and yet hello runs.  With WEFT_PROCS=1 the only
 *        worker is taken from main for that: main's lane goes on "without a worker".
 */
#include <stdio.h>
#include <weft.h>

static void hello(void *arg)
{
	(void)arg;
	puts("hello from a goroutine");
}

static int app(void *arg)
{
	(void)arg;
	weft_go(hello, NULL);
	puts("hello from main; press Enter to end");
	getchar();
	return 0;
}

int main(void)
{
	setvbuf(stdout, NULL, _IOLBF, 0);
	return weft_run(app, NULL);
}
