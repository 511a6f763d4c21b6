/* SPDX-License-Identifier: MIT */
/* A pointer that is no channel: the crash is the runtime's, the fault the goroutine's.
 *
 * not under: address thread undefined
 * signal: 11
 * says: weft: fatal: SIGSEGV at address .* in goroutine 1 \(app\), inside the runtime$
 * says: ^ +/[^ ]+/crash_runtime\+0x[0-9a-f]+$
 */
#include <weft.h>

static int app(void *arg)
{
	(void)arg;
	weft_chan_send((weft_chan *)64, "x");
	return 0;
}

int main(void)
{
	return weft_run(app, NULL);
}
