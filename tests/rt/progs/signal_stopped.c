/* SPDX-License-Identifier: MIT */
/* A signal that no channel is notified of any more ends the program as ever.
 *
 * signal: 15
 * prints: signal 15
 */
#include <signal.h>
#include <stdio.h>
#include <weft.h>

static int app(void *arg)
{
	weft_chan *sigs = weft_chan_make(sizeof(int), 1);
	int sig;

	(void)arg;
	weft_signal_notify(sigs, SIGTERM);
	raise(SIGTERM);
	weft_chan_recv(sigs, &sig);
	printf("signal %d\n", sig);
	fflush(stdout);
	weft_signal_stop(sigs);
	raise(SIGTERM);
	return 0;
}

int main(void)
{
	return weft_run(app, NULL);
}
