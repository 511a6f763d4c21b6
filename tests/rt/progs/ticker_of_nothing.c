/* SPDX-License-Identifier: MIT */
/* status: 2
 * says: weft: panic: weft_ticker_make of a period of 0 ns
 * says: running at .*ticker_of_nothing.c:[0-9]
 */
#include <weft.h>

static int app(void *arg)
{
	(void)arg;
	weft_ticker_make(0);
	return 0;
}

int main(void)
{
	return weft_run(app, NULL);
}
