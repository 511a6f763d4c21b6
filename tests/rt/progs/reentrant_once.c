/* SPDX-License-Identifier: MIT */
/* status: 2
 * says: weft: fatal: weft_once_do called from the function that it runs
 * says: running at .*reentrant_once.c:13
 */
#include <weft.h>

static weft_once once;

static void init(void *arg)
{
	(void)arg;
	weft_once_do(&once, init, NULL);
}

static int app(void *arg)
{
	(void)arg;
	weft_once_do(&once, init, NULL);
	return 0;
}

int main(void)
{
	return weft_run(app, NULL);
}
