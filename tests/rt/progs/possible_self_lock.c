/* SPDX-License-Identifier: MIT */
/* While others run a goroutine locks what it has locked: that is said once, and the program goes on.
 *
 * env: WEFT_DEADLOCK=50ms
 * status: 0
 * once: ^weft: possible deadlock: goroutine 2 \(again\) locks the mutex "db" that it holds itself, locked at .*possible_self_lock.c:20$
 * once: ^goroutine 2 \(again\): waiting in mutex lock at .*possible_self_lock.c:21 for
 * once: ^goroutine
 * never: fatal
 */
#include "hear.h"

#include <weft.h>

static weft_mutex db;

static void again(void *arg)
{
	(void)arg;
	weft_mutex_lock(&db);
	weft_mutex_lock(&db);
}

static int app(void *arg)
{
	(void)arg;
	hear_begin();
	weft_name(&db, "db");
	weft_go(again, NULL);
	hear("spawned");
	weft_sleep(300 * WEFT_MS); // it is found again and again, and not said
	hear_end();
	return 0;
}

int main(void)
{
	return weft_run(app, NULL);
}
