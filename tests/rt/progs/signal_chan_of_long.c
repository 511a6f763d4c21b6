/* SPDX-License-Identifier: MIT */
/* status: 2
 * says: weft: panic: weft_signal_notify of a channel that is not of int
 */
#include <signal.h>
#include <weft.h>

static int app(void *arg)
{
	(void)arg;
	return weft_signal_notify(weft_chan_make(sizeof(long), 1), SIGTERM);
}

int main(void)
{
	return weft_run(app, NULL);
}
