/* SPDX-License-Identifier: MIT */
/* Another goroutine than the one that locked a mutex unlocks it: whose it is by then is who locks it
 * next, and who reads an RWMutex is not who once did.
 *
 * status: 2
 * says: ^    goroutine 1 \(app\) waits for the mutex "db", which was locked by goroutine 3 \(locks\), which has ended,
 * says: for mutex "db", locked by goroutine 3 \(locks\), which has ended, at
 * never: itself
 * never: RWMutex
 */
#include <weft.h>

static weft_mutex db;
static weft_rwmutex cache;
static weft_waitgroup wg;

static void unlocks(void *arg)
{
	(void)arg;
	weft_mutex_unlock(&db);
	weft_rwmutex_runlock(&cache);
	weft_waitgroup_done(&wg);
}

static void locks(void *arg)
{
	(void)arg;
	weft_mutex_lock(&db);
	weft_rwmutex_lock(&cache);
	weft_rwmutex_unlock(&cache);
	weft_waitgroup_done(&wg);
}

static int app(void *arg)
{
	(void)arg;
	weft_name(&db, "db");
	weft_mutex_lock(&db);
	weft_rwmutex_rlock(&cache);
	weft_waitgroup_add(&wg, 1);
	weft_go(unlocks, NULL);
	weft_waitgroup_wait(&wg);
	weft_waitgroup_add(&wg, 1);
	weft_go(locks, NULL);
	weft_waitgroup_wait(&wg);
	weft_mutex_lock(&db);
	return 0;
}

int main(void)
{
	return weft_run(app, NULL);
}
