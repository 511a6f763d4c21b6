/* SPDX-License-Identifier: MIT */
/* status: 2
 * says: weft: fatal: all goroutines are asleep - deadlock!
 * says: goroutine 1 \(app\): waiting in barrier wait at .*deadlock_barrier.c:15
 * says: for barrier "round", 1 of 2 arrived
 */
#include <weft.h>

static weft_barrier round = {.parties = 2};

static int app(void *arg)
{
	(void)arg;
	weft_name(&round, "round");
	weft_barrier_wait(&round);
	return 0;
}

int main(void)
{
	return weft_run(app, NULL);
}
