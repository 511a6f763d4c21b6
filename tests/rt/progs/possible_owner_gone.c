/* SPDX-License-Identifier: MIT */
/* Goroutines wait for the locks of others that have ended, while the main one runs.
 *
 * env: WEFT_DEADLOCK=50ms
 * status: 0
 * once: ^weft: possible deadlock: goroutine [0-9]+ \(wants_mutex\) waits for the mutex "db" \(as do 2 more\), which was locked by goroutine [23] \(locks\), which has ended, at .*: nobody has unlocked it$
 * once: ^weft: possible deadlock: goroutine [0-9]+ \(wants_rwmutex\) waits for the RWMutex "cache", which is read by goroutine [23] \(reads\), which has ended: nobody has unlocked it$
 * never: fatal
 */
#include "hear.h"

#include <weft.h>

static weft_mutex db;
static weft_rwmutex cache;
static weft_waitgroup wg;

static void locks(void *arg)
{
	weft_mutex_lock(arg);
	weft_waitgroup_done(&wg);
}

static void reads(void *arg)
{
	weft_rwmutex_rlock(arg);
	weft_waitgroup_done(&wg);
}

static void wants_mutex(void *arg)
{
	weft_mutex_lock(arg);
}

static void wants_rwmutex(void *arg)
{
	weft_rwmutex_lock(arg);
}

static int app(void *arg)
{
	(void)arg;
	hear_begin();
	weft_name(&db, "db");
	weft_name(&cache, "cache");
	weft_waitgroup_add(&wg, 2);
	weft_go(locks, &db);
	weft_go(reads, &cache);
	weft_waitgroup_wait(&wg);
	weft_go(wants_mutex, &db);
	weft_go(wants_mutex, &db);
	weft_go(wants_mutex, &db);
	weft_go(wants_rwmutex, &cache);
	hear("mutex \"db\"");
	hear("RWMutex \"cache\"");
	weft_sleep(300 * WEFT_MS); // it is found again and again, and not said
	hear_end();
	return 0;
}

int main(void)
{
	return weft_run(app, NULL);
}
