/* SPDX-License-Identifier: MIT */
/* status: 2
 * says: weft: panic: weft_ctx_with_value of a NULL context
 * says: running at .*ctx_null_parent_value.c:[0-9]
 */
#include <weft.h>

static int app(void *arg)
{
	(void)arg;
	weft_ctx_with_value(NULL, "k", NULL);
	return 0;
}

int main(void)
{
	return weft_run(app, NULL);
}
