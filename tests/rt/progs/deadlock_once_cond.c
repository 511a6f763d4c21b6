/* SPDX-License-Identifier: MIT */
/* A Once's function that waits for a signal that never comes, and one who waits for it.
 *
 * status: 2
 * says: weft: fatal: all goroutines are asleep - deadlock!
 * says: goroutine 1 \(app\): waiting in cond wait at .*deadlock_once_cond.c:2[0-9]
 * says: for cond "ready"
 * says: goroutine 2 \(late\): waiting in Once at .*deadlock_once_cond.c:3[0-9]
 * says: for Once "config", run by goroutine 1 \(app\) at .*deadlock_once_cond.c:38
 */
#include <weft.h>

static weft_once config;
static weft_mutex mu;
static weft_cond ready;

static void late(void *arg);

static void init(void *arg)
{
	(void)arg;
	weft_go(late, NULL);
	weft_mutex_lock(&mu);
	weft_cond_wait(&ready, &mu);
}

static void late(void *arg)
{
	(void)arg;
	weft_once_do(&config, init, NULL);
}

static int app(void *arg)
{
	(void)arg;
	weft_name(&config, "config");
	weft_name(&ready, "ready");
	weft_once_do(&config, init, NULL);
	return 0;
}

int main(void)
{
	return weft_run(app, NULL);
}
