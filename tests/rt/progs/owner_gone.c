/* SPDX-License-Identifier: MIT */
/* A goroutine returns with a mutex locked; others come and go before somebody wants it.
 *
 * status: 2
 * says: ^    goroutine 1 \(app\) waits for the mutex "db", which was locked by goroutine 2 \(careless one\), which has ended, at .*owner_gone.c:16: nobody has unlocked it$
 * says: for mutex "db", locked by goroutine 2 \(careless one\), which has ended, at .*owner_gone.c:16$
 */
#include <weft.h>

static weft_mutex db;
static weft_waitgroup wg;

static void careless(void *arg)
{
	(void)arg;
	weft_mutex_lock(&db);
	weft_waitgroup_done(&wg);
}

static void other(void *arg)
{
	(void)arg;
	weft_waitgroup_done(&wg);
}

static int app(void *arg)
{
	(void)arg;
	weft_name(&db, "db");
	weft_waitgroup_add(&wg, 1);
	weft_go_with(careless, NULL, .name = "careless one");
	weft_waitgroup_wait(&wg);
	weft_waitgroup_add(&wg, 10);
	for (int i = 0; i < 10; i++)
		weft_go(other, NULL);
	weft_waitgroup_wait(&wg);
	weft_mutex_lock(&db);
	return 0;
}

int main(void)
{
	return weft_run(app, NULL);
}
