/* SPDX-License-Identifier: MIT */
/* status: 2
 * says: weft: fatal: runlock of an RWMutex that is not read-locked
 * says: running at .*runlock_unlocked.c:14
 */
#include <weft.h>

static int app(void *arg)
{
	weft_rwmutex rw = {0};

	(void)arg;
	weft_rwmutex_lock(&rw);
	weft_rwmutex_runlock(&rw);
	return 0;
}

int main(void)
{
	return weft_run(app, NULL);
}
