/* SPDX-License-Identifier: MIT */
/* status: 2
 * says: weft: fatal: unlock of unlocked RWMutex
 * says: running at .*unlock_read_locked.c:14
 */
#include <weft.h>

static int app(void *arg)
{
	weft_rwmutex rw = {0};

	(void)arg;
	weft_rwmutex_rlock(&rw);
	weft_rwmutex_unlock(&rw);
	return 0;
}

int main(void)
{
	return weft_run(app, NULL);
}
