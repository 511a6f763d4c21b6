/* SPDX-License-Identifier: MIT */
/* status: 2
 * env: WEFT_DEBUG=sched
 * says: ^weft: WEFT_DEBUG=sched: give settings from this list.* sched=NUMBER$
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
