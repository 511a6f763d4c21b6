/* SPDX-License-Identifier: MIT */
/* status: 2
 * says: weft: panic: weft_ctx_err of a NULL context
 * says: running
 */
#include <weft.h>

static int app(void *arg)
{
	(void)arg;
	weft_ctx_err(NULL);
	return 0;
}

int main(void)
{
	return weft_run(app, NULL);
}
