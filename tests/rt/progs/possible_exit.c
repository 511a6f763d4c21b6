/* SPDX-License-Identifier: MIT */
/* A possible deadlock ends the program where that is asked for.
 *
 * env: WEFT_DEADLOCK=50ms,exit
 * status: 2
 * once: ^weft: possible deadlock: goroutine 2 \(again\) locks the mutex
 * once: ^weft: fatal: possible deadlock \(WEFT_DEADLOCK has ,exit\)$
 */
#include <weft.h>

static void again(void *arg)
{
	weft_mutex_lock(arg);
	weft_mutex_lock(arg);
}

static int app(void *arg)
{
	weft_mutex mu = {0};

	(void)arg;
	weft_go(again, &mu);
	weft_sleep(25 * WEFT_S);
	return 0;
}

int main(void)
{
	return weft_run(app, NULL);
}
