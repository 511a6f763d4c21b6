/* SPDX-License-Identifier: MIT */
/* A select of no cases waits for ever.
 *
 * status: 2
 * says: weft: fatal: all goroutines are asleep - deadlock!
 * says: goroutine 1 \(app\): waiting in select at .*select_of_none.c:13
 */
#include <weft.h>

static int app(void *arg)
{
	(void)arg;
	weft_select_cases(NULL, 0);
	return 0;
}

int main(void)
{
	return weft_run(app, NULL);
}
