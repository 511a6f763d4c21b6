/* SPDX-License-Identifier: MIT */
/* A crash that is no stack overflow stays a crash.
 *
 * not under: address thread undefined
 * signal: 11
 */
#include <weft.h>

static int app(void *arg)
{
	*(volatile int *)arg = 1;
	return 0;
}

int main(void)
{
	return weft_run(app, NULL);
}
