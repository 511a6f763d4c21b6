/* SPDX-License-Identifier: MIT */
/* The main goroutine ends itself; the others go on, and when the last has ended nobody is left.
 *
 * status: 2
 * prints: the other went on
 * says: weft: fatal: no goroutines \(main called weft_exit\) - deadlock!
 */
#include <stdio.h>
#include <weft.h>

static void other(void *arg)
{
	(void)arg;
	weft_sleep(10 * WEFT_MS);
	printf("the other went on\n");
}

static int app(void *arg)
{
	(void)arg;
	weft_go(other, NULL);
	weft_exit();
}

int main(void)
{
	return weft_run(app, NULL);
}
