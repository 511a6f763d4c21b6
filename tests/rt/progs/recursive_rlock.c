/* SPDX-License-Identifier: MIT */
/* A goroutine reads what it reads already, and a writer came in between: both wait for ever.
 *
 * status: 2
 * says: weft: fatal: all goroutines are asleep - deadlock!
 * says: goroutine 1 \(app\): waiting in RWMutex rlock at .*recursive_rlock.c:3[0-9]
 * says: for RWMutex "cache", read-locked 1 time by goroutine 1 \(app\), and goroutine 2 waits to write
 * says: ^    goroutine 1 \(app\) locks for reading the RWMutex "cache" that it reads itself, and goroutine 2 \(writer\) waits to write in between$
 * says: goroutine 2 \(writer\): waiting in RWMutex lock at .*recursive_rlock.c:1[0-9]
 */
#include <weft.h>

static weft_rwmutex cache;

static void writer(void *arg)
{
	(void)arg;
	weft_rwmutex_lock(&cache);
}

static int app(void *arg)
{
	(void)arg;
	weft_name(&cache, "cache");
	weft_rwmutex_rlock(&cache);
	weft_go(writer, NULL);
	while (weft_rwmutex_try_rlock(&cache)) {
		weft_rwmutex_runlock(&cache);
		weft_yield();
	}
	weft_rwmutex_rlock(&cache);
	return 0;
}

int main(void)
{
	return weft_run(app, NULL);
}
