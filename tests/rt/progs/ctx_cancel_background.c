/* SPDX-License-Identifier: MIT */
/* status: 2
 * says: weft: panic: weft_ctx_cancel of the background context
 * says: running at .*ctx_cancel_background.c:[0-9]
 */
#include <weft.h>

static int app(void *arg)
{
	(void)arg;
	weft_ctx_cancel(weft_ctx_background(), 0);
	return 0;
}

int main(void)
{
	return weft_run(app, NULL);
}
