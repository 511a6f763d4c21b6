/* SPDX-License-Identifier: MIT */
/* status: 2
 * env: WEFT_DEBUG=sched=often
 * says: ^weft: WEFT_DEBUG=sched=often: give sched a number from 1 to 1000000000
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
