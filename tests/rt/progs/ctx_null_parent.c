/* SPDX-License-Identifier: MIT */
/* status: 2
 * says: weft: panic: weft_ctx_with_cancel of a NULL context
 * says: running at .*ctx_null_parent.c:[0-9]
 */
#include <weft.h>

static int app(void *arg)
{
	(void)arg;
	weft_ctx_with_cancel(NULL);
	return 0;
}

int main(void)
{
	return weft_run(app, NULL);
}
