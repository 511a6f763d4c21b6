/* SPDX-License-Identifier: MIT */
/* status: 2
 * env: WEFT_DEBUG=sched=1,shced=2
 * says: ^weft: WEFT_DEBUG=sched=1,shced=2: give settings from this list, with commas between them: chaos=NUMBER guard=NUMBER sched=NUMBER$
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
