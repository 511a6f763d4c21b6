/* SPDX-License-Identifier: MIT */
/* A fatal error is not a panic: no trap stops it, and nothing deferred runs.
 *
 * status: 2
 * says: weft: fatal: unlock of unlocked mutex
 * says: goroutine 1 \(app\): running at .*fatal_in_a_trap.c:23
 */
#include <stdio.h>
#include <unistd.h>
#include <weft.h>

static void deferred(void *arg)
{
	(void)arg;
	_exit(1);
}

static void unlock(void *arg)
{
	weft_mutex mu = {0};

	weft_defer(deferred, arg);
	weft_mutex_unlock(&mu);
}

static int app(void *arg)
{
	weft_try(unlock, arg, NULL);
	return 0;
}

int main(void)
{
	return weft_run(app, NULL);
}
