/* SPDX-License-Identifier: MIT */
/* status: 2
 * says: weft: panic: weft_timer_reset of a ticker to a period of -1 ns
 * says: running at .*ticker_reset_negative.c:[0-9]
 */
#include <weft.h>

static int app(void *arg)
{
	(void)arg;
	weft_timer_reset(weft_ticker_make(WEFT_S), -1);
	return 0;
}

int main(void)
{
	return weft_run(app, NULL);
}
