/* SPDX-License-Identifier: MIT */
/* status: 2
 * says: weft: panic: wait at a barrier of 0 parties
 * says: running at .*barrier_of_none.c:13
 */
#include <weft.h>

static int app(void *arg)
{
	weft_barrier b = {0};

	(void)arg;
	weft_barrier_wait(&b);
	return 0;
}

int main(void)
{
	return weft_run(app, NULL);
}
