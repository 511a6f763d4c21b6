/* SPDX-License-Identifier: MIT */
/* Two goroutines that write with a lock for reading only.
 *
 * only under: thread
 * status: 66
 * says: WARNING: ThreadSanitizer: data race
 * says: bump .*racy_readers.c:19
 */
#include <weft.h>

static weft_rwmutex rw;
static int n;

static void bump(void *arg)
{
	weft_rwmutex_rlock(&rw);
	weft_yield();
	weft_yield();
	n++;
	weft_rwmutex_runlock(&rw);
	weft_waitgroup_done((weft_waitgroup *)arg);
}

static int app(void *arg)
{
	weft_waitgroup wg = {0};

	(void)arg;
	weft_waitgroup_add(&wg, 2);
	weft_go(bump, &wg);
	weft_go(bump, &wg);
	weft_waitgroup_wait(&wg);
	return 0;
}

int main(void)
{
	return weft_run(app, NULL);
}
