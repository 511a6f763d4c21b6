/* SPDX-License-Identifier: MIT */
/* A goroutine ends with an RWMutex locked for reading.
 *
 * status: 2
 * says: ^    goroutine 1 \(app\) waits for the RWMutex "cache", which is read by goroutine 2 \(reader\), which has ended: nobody has unlocked it$
 * says: for RWMutex "cache", read-locked 1 time by goroutine 2 \(reader\), which has ended$
 */
#include <weft.h>

static weft_rwmutex cache;
static weft_waitgroup wg;

static void reader(void *arg)
{
	(void)arg;
	weft_rwmutex_rlock(&cache);
	weft_waitgroup_done(&wg);
	weft_exit();
}

static int app(void *arg)
{
	(void)arg;
	weft_name(&cache, "cache");
	weft_waitgroup_add(&wg, 1);
	weft_go(reader, NULL);
	weft_waitgroup_wait(&wg);
	weft_rwmutex_lock(&cache);
	return 0;
}

int main(void)
{
	return weft_run(app, NULL);
}
