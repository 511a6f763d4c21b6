/* SPDX-License-Identifier: MIT */
/* status: 2
 * says: weft: fatal: unlock of unlocked mutex
 * says: running at .*unlock_unlocked.c:15
 */
#include <weft.h>

static int app(void *arg)
{
	weft_mutex mu = {0};

	(void)arg;
	weft_mutex_lock(&mu);
	weft_mutex_unlock(&mu);
	weft_mutex_unlock(&mu);
	return 0;
}

int main(void)
{
	return weft_run(app, NULL);
}
