/* SPDX-License-Identifier: MIT */
/* status: 2
 * says: weft: fatal: unlock of unlocked mutex
 * says: running at .*cond_unlocked.c:14
 */
#include <weft.h>

static int app(void *arg)
{
	weft_mutex mu = {0};
	weft_cond c = {0};

	(void)arg;
	weft_cond_wait(&c, &mu);
	return 0;
}

int main(void)
{
	return weft_run(app, NULL);
}
