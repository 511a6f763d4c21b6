/* SPDX-License-Identifier: MIT */
/* Who waits for signals that were stopped waits for ever; also a signal that comes to others.
 *
 * status: 2
 * says: weft: fatal: all goroutines are asleep - deadlock!
 */
#include <signal.h>
#include <unistd.h>
#include <weft.h>

static int app(void *arg)
{
	weft_chan *sigs = weft_chan_make(sizeof(int), 1), *others = weft_chan_make(sizeof(int), 1);

	(void)arg;
	weft_signal_notify(sigs, SIGINT);
	weft_signal_notify(others, SIGTERM);
	weft_signal_stop(sigs);
	kill(getpid(), SIGTERM);
	weft_chan_recv(sigs, NULL);
	return 0;
}

int main(void)
{
	return weft_run(app, NULL);
}
