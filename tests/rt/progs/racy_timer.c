/* SPDX-License-Identifier: MIT */
/* What came before a timer was set happens before its function; what came after it does not.
 *
 * only under: thread
 * status: 66
 * says: WARNING: ThreadSanitizer: data race
 * says: touch .*racy_timer.c:17
 */
#include <weft.h>

static volatile int before, after;

static void touch(void *arg)
{
	(void)arg;
	before++;
	after++;
}

static int app(void *arg)
{
	(void)arg;
	before = 1;
	weft_timer_unref(weft_after_func(WEFT_MS, touch, NULL));
	after = 1;
	weft_sleep(20 * WEFT_MS);
	return 0;
}

int main(void)
{
	return weft_run(app, NULL);
}
