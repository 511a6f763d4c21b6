/* SPDX-License-Identifier: MIT */
/* status: 2
 * says: weft: fatal: weft_run was called a second time
 * says: at .*run_twice.c:16
 */
#include <weft.h>

static int app(void *arg)
{
	(void)arg;
	return 7;
}

int main(void)
{
	return weft_run(app, NULL) == 7 ? weft_run(app, NULL) : 1;
}
