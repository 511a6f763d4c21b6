/* SPDX-License-Identifier: MIT */
/* env: WEFT_STACK=1T
 * status: 2
 * says: weft: WEFT_STACK=1T: give a number from 16384 to 1073741824, in bytes, or as in 64K or 1M
 */
#include <weft.h>

static int app(void *arg)
{
	(void)arg;
	return 0;
}

int main(void)
{
	return weft_run(app, NULL);
}
