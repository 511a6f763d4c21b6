/* SPDX-License-Identifier: MIT */
/* Tickers and timers that nobody waits for do not hide a deadlock.
 *
 * status: 2
 * says: weft: fatal: all goroutines are asleep - deadlock!
 * says: goroutine 1 \(app\): waiting in chan receive at .*ticker_deadlock.c:
 * says: goroutine 2 \(on_stopped\): waiting in chan receive at .*ticker_deadlock.c:
 * says: for channel "stopped" of a timer
 */
#include <weft.h>

static void on_stopped(void *arg)
{
	weft_chan_recv(weft_timer_chan(arg), NULL);
}

static int app(void *arg)
{
	weft_timer *stopped = weft_timer_make(WEFT_S);

	(void)arg;
	weft_name(weft_timer_chan(stopped), "stopped");
	weft_ticker_make(WEFT_MS);
	weft_timer_make(3600 * WEFT_S);
	weft_go(on_stopped, stopped);
	weft_sleep(5 * WEFT_MS);
	weft_timer_stop(stopped);
	weft_chan_recv(weft_chan_make(0, 0), NULL);
	return 0;
}

int main(void)
{
	return weft_run(app, NULL);
}
