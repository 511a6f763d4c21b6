/* SPDX-License-Identifier: MIT */
/* status: 2
 * says: weft: fatal: all goroutines are asleep - deadlock!
 * says: goroutine 1 \(app\): waiting in semaphore acquire at .*deadlock_semaphore.c:16
 * says: for semaphore "slots", 2 of 3 held
 */
#include <weft.h>

static weft_semaphore slots = {.size = 3};

static int app(void *arg)
{
	(void)arg;
	weft_name(&slots, "slots");
	weft_semaphore_acquire(&slots, 2);
	weft_semaphore_acquire(&slots, 2);
	return 0;
}

int main(void)
{
	return weft_run(app, NULL);
}
