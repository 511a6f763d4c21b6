/* SPDX-License-Identifier: MIT */
/* A deferred function panics too: both are told.
 *
 * status: 2
 * says: weft: panic: second; in a function deferred when first at .*panic_in_deferred.c:20
 * says: goroutine 1 \(app\): running at .*panic_in_deferred.c:13
 */
#include <weft.h>

static void cleanup(void *arg)
{
	(void)arg;
	weft_panic("second");
}

static int app(void *arg)
{
	(void)arg;
	weft_defer(cleanup, NULL);
	weft_panic("first");
	return 0;
}

int main(void)
{
	return weft_run(app, NULL);
}
