/* SPDX-License-Identifier: MIT */
/* status: 2
 * env: WEFT_DEADLOCK=10s,quit
 * says: weft: WEFT_DEADLOCK=10s,quit: give a time
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
