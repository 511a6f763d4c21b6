/* SPDX-License-Identifier: MIT */
/* SIGFPE: a division by zero, where the machine minds.
 *
 * not under: address thread undefined aarch64
 * signal: 8
 * says: weft: fatal: SIGFPE at address 0x[0-9a-f]+ \(division by zero\) in goroutine 1 \(app\)$
 * says: ^ +/[^ ]+/crash_divide\+0x[0-9a-f]+$
 */
#include <weft.h>

static int app(void *arg)
{
	volatile int zero = arg != NULL;

	return 100 / zero;
}

int main(void)
{
	return weft_run(app, NULL);
}
