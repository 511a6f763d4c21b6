/* SPDX-License-Identifier: MIT */
/* SIGILL.
 *
 * not under: address thread undefined
 * signal: 4
 * says: weft: fatal: SIGILL at address 0x[0-9a-f]+ in goroutine 1 \(app\)$
 * says: ^ +/[^ ]+/crash_illegal\+0x[0-9a-f]+$
 */
#include <weft.h>

static int app(void *arg)
{
	(void)arg;
#if defined(__x86_64__)
	__asm__ volatile("ud2");
#else
	__asm__ volatile("udf #0");
#endif
	return 0;
}

int main(void)
{
	return weft_run(app, NULL);
}
