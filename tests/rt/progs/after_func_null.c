/* SPDX-License-Identifier: MIT */
/* status: 2
 * says: weft: panic: weft_after_func of a NULL function
 * says: running at .*after_func_null.c:[0-9]
 */
#include <weft.h>

static int app(void *arg)
{
	(void)arg;
	weft_after_func(1, NULL, NULL);
	return 0;
}

int main(void)
{
	return weft_run(app, NULL);
}
