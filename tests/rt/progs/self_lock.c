/* SPDX-License-Identifier: MIT */
/* A goroutine locks what it has locked.
 *
 * status: 2
 * says: weft: fatal: all goroutines are asleep - deadlock!
 * says: ^    goroutine 1 \(app\) locks the mutex "db" that it holds itself, locked at .*self_lock.c:19$
 * says: goroutine 1 \(app\): waiting in mutex lock at .*self_lock.c:20 for
 * says: for mutex "db", locked by goroutine 1 \(app\) at .*self_lock.c:19$
 * never: no peer left
 */
#include <weft.h>

static weft_mutex db;

static int app(void *arg)
{
	(void)arg;
	weft_name(&db, "db");
	weft_mutex_lock(&db);
	weft_mutex_lock(&db);
	return 0;
}

int main(void)
{
	return weft_run(app, NULL);
}
