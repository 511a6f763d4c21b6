/* SPDX-License-Identifier: MIT */
/* What came before a timer was set happens before its function; what came after it does not.
 *
 * only under: thread
 * status: 66
 * says: WARNING: ThreadSanitizer: data race
 * says: touch .*racy_timer.c:17
 */
#include <weft.h>

static volatile int before, after, ran; /* ran: atomic, and no edge */

static void touch(void *arg)
{
	(void)arg;
	before++;
	after++;
	__atomic_store_n(&ran, 1, __ATOMIC_RELAXED);
}

static int app(void *arg)
{
	(void)arg;
	before = 1;
	weft_timer_unref(weft_after_func(WEFT_MS, touch, NULL));
	after = 1;
	while (!__atomic_load_n(&ran, __ATOMIC_RELAXED)) // however slow the machine is
		weft_sleep(WEFT_MS);
	return 0;
}

int main(void)
{
	return weft_run(app, NULL);
}
