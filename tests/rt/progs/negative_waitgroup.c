/* SPDX-License-Identifier: MIT */
/* status: 2
 * says: weft: panic: negative WaitGroup counter
 * says: running at .*negative_waitgroup.c:15
 */
#include <weft.h>

static int app(void *arg)
{
	weft_waitgroup wg = {0};

	(void)arg;
	weft_waitgroup_add(&wg, 1);
	weft_waitgroup_done(&wg);
	weft_waitgroup_done(&wg);
	return 0;
}

int main(void)
{
	return weft_run(app, NULL);
}
