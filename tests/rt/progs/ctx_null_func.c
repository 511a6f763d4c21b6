/* SPDX-License-Identifier: MIT */
/* status: 2
 * says: weft: panic: weft_ctx_after_func of a NULL function
 * says: running at .*ctx_null_func.c:[0-9]
 */
#include <weft.h>

static int app(void *arg)
{
	(void)arg;
	weft_ctx_after_func(weft_ctx_background(), NULL, NULL);
	return 0;
}

int main(void)
{
	return weft_run(app, NULL);
}
