/* SPDX-License-Identifier: MIT */
/* A timer is stopped after its last reference was dropped.
 *
 * only under: debug
 * status: 2
 * says: ^weft: fatal: weft_timer_stop of the timer 0x[0-9a-f]+, which was freed$
 * says: ^    made at .*freed_timer.c:14 by goroutine 1$
 * says: ^    freed, with its last reference, by goroutine 1 \(app\)$
 */
#include <weft.h>

static int app(void *arg)
{
	weft_timer *t = weft_timer_make(WEFT_S);

	(void)arg;
	weft_timer_unref(t);
	weft_timer_stop(t);
	return 0;
}

int main(void)
{
	return weft_run(app, NULL);
}
