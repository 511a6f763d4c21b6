/* SPDX-License-Identifier: MIT */
/* Of a goroutine that is left it is not said that no peer is, while a timer has yet to run a function.
 *
 * env: WEFT_LEAKS=1
 * status: 3
 * says: ^weft: 1 goroutine was left when the main function returned:$
 * says: ^goroutine 2 \(receiver\): waiting in chan receive at
 * never: no peer left
 */
#include <weft.h>

static void receiver(void *arg)
{
	weft_chan_recv(arg, NULL);
}

static void sends(void *arg)
{
	weft_chan_send(arg, NULL);
}

static int app(void *arg)
{
	weft_chan *c = weft_chan_make(0, 0);

	(void)arg;
	weft_go(receiver, c);
	weft_timer_unref(weft_after_func(3600 * WEFT_S, sends, c));
	return 0;
}

int main(void)
{
	return weft_run(app, NULL);
}
