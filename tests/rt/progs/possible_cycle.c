/* SPDX-License-Identifier: MIT */
/* An order cycle while others run.
 *
 * env: WEFT_DEADLOCK=50ms
 * status: 0
 * once: ^weft: possible deadlock: order cycle: goroutine (2 -> 3 -> 2|3 -> 2 -> 3)$
 * once: ^    goroutine 2 \(left\) waits for the mutex "b", locked by goroutine 3 \(right\) at
 * once: ^    goroutine 3 \(right\) waits for the mutex "a", locked by goroutine 2 \(left\) at
 * once: ^goroutine 2 \(left\): waiting in mutex lock at
 * once: ^goroutine 3 \(right\): waiting in mutex lock at
 * never: fatal
 */
#include "hear.h"

#include <weft.h>

static weft_mutex a, b;
static weft_barrier both = {.parties = 2};

static void left(void *arg)
{
	(void)arg;
	weft_mutex_lock(&a);
	weft_barrier_wait(&both);
	weft_mutex_lock(&b);
}

static void right(void *arg)
{
	(void)arg;
	weft_mutex_lock(&b);
	weft_barrier_wait(&both);
	weft_mutex_lock(&a);
}

static int app(void *arg)
{
	(void)arg;
	hear_begin();
	weft_name(&a, "a");
	weft_name(&b, "b");
	weft_go(left, NULL);
	weft_go(right, NULL);
	hear("goroutine 3 (right): ");
	weft_sleep(300 * WEFT_MS); // it is found again and again, and not said
	hear_end();
	return 0;
}

int main(void)
{
	return weft_run(app, NULL);
}
