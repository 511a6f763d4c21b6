/* SPDX-License-Identifier: MIT */
/* status: 2
 * env: WEFT_DEADLOCK=10
 * says: weft: WEFT_DEADLOCK=10: give a time as in 10s or 500ms
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
