/* SPDX-License-Identifier: MIT */
/* Two goroutines take two mutexes in opposite order; a third is held up by them.
 *
 * status: 2
 * says: weft: fatal: all goroutines are asleep - deadlock!
 * once: ^    order cycle: goroutine (1 -> 2 -> 1|2 -> 1 -> 2)$
 * says: ^        goroutine 1 \(app\) waits for the mutex "b", locked by goroutine 2 \(other\) at .*:19$
 * says: ^        goroutine 2 \(other\) waits for the mutex "a", locked by goroutine 1 \(app\) at .*:34$
 * says: goroutine 3 \(third\): waiting in mutex lock at
 * never: no peer left
 */
#include <weft.h>

static weft_mutex a, b;

static void other(void *arg)
{
	(void)arg;
	weft_mutex_lock(&b);
	weft_mutex_lock(&a);
}

static void third(void *arg)
{
	(void)arg;
	weft_mutex_lock(&a);
}

static int app(void *arg)
{
	(void)arg;
	weft_name(&a, "a");
	weft_name(&b, "b");
	weft_mutex_lock(&a);
	weft_go(other, NULL);
	weft_go(third, NULL);
	while (weft_mutex_try_lock(&b)) {
		weft_mutex_unlock(&b);
		weft_yield();
	}
	weft_mutex_lock(&b);
	return 0;
}

int main(void)
{
	return weft_run(app, NULL);
}
