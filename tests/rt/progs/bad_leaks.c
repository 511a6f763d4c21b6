/* SPDX-License-Identifier: MIT */
/* status: 2
 * env: WEFT_LEAKS=yes
 * says: weft: WEFT_LEAKS=yes: give a number from 0 to 1
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
