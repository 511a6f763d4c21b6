/* SPDX-License-Identifier: MIT */
/* env: WEFT_PROCS=two
 * status: 2
 * says: weft: WEFT_PROCS=two: give a number from 1 to 256
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
