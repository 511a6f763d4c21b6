/* SPDX-License-Identifier: MIT */
/* weft_exit of the main goroutine is not stopped by a trap.
 *
 * status: 2
 * prints: deferred
 * says: weft: fatal: no goroutines \(main called weft_exit\) - deadlock!
 */
#include <stdio.h>
#include <weft.h>

static void deferred(void *arg)
{
	(void)arg;
	printf("deferred\n");
}

static void leave(void *arg)
{
	weft_defer(deferred, arg);
	weft_exit();
}

static int app(void *arg)
{
	weft_try(leave, arg, NULL);
	return 0;
}

int main(void)
{
	return weft_run(app, NULL);
}
