/* SPDX-License-Identifier: MIT */
/* Pinned goroutines whose threads sleep do not hide a deadlock.
 *
 * status: 2
 * says: weft: fatal: all goroutines are asleep - deadlock!
 * says: goroutine 1 \(app\): waiting in chan receive at .*deadlock_pinned.c:
 * says: goroutine 2 \(pinned\): waiting in chan receive at .*deadlock_pinned.c:
 * says: goroutine 3 \(pinned\): waiting in chan receive at .*deadlock_pinned.c:
 */
#include <weft.h>

static void pinned(void *arg)
{
	weft_pin();
	weft_chan_recv(arg, NULL);
}

static int app(void *arg)
{
	weft_chan *c = weft_chan_make(0, 0);

	(void)arg;
	weft_pin();
	weft_go(pinned, c);
	weft_go(pinned, c);
	weft_sleep(2 * WEFT_MS);
	weft_chan_recv(c, NULL);
	return 0;
}

int main(void)
{
	return weft_run(app, NULL);
}
