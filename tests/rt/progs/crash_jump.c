/* SPDX-License-Identifier: MIT */
/* A call of what is no function: where it came from is said.
 *
 * not under: address thread undefined
 * signal: 11
 * says: weft: fatal: SIGSEGV at address 0x0 \(nothing is there\) in goroutine 1 \(app\)$
 * says: ^ +/[^ ]+/crash_jump\+0x[0-9a-f]+$
 */
#include <weft.h>

static int (*volatile f)(void);

static int app(void *arg)
{
	(void)arg;
	return f() + 1;
}

int main(void)
{
	return weft_run(app, NULL);
}
