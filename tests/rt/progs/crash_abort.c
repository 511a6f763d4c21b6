/* SPDX-License-Identifier: MIT */
/* abort() says in which goroutine.
 *
 * not under: thread
 * signal: 6
 * says: weft: fatal: SIGABRT in goroutine 1 \(app\)$
 * says: libc.so.6\+0x[0-9a-f]+ abort$
 * says: ^ +/[^ ]+/crash_abort\+0x[0-9a-f]+$
 */
#include <stdlib.h>
#include <weft.h>

static int app(void *arg)
{
	(void)arg;
	abort();
}

int main(void)
{
	return weft_run(app, NULL);
}
