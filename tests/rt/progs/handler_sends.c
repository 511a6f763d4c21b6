/* SPDX-License-Identifier: MIT */
/* A handler on the alternate stack that would not have to wait, which only the debug build minds.
 *
 * only under: debug
 * status: 2
 * says: ^weft: fatal: weft_chan_try_send was called in a signal handler, on the alternate stack$
 * says: see weft_signal_notify$
 */
#include <signal.h>
#include <weft.h>

static weft_chan *c;

static void on_signal(int sig)
{
	weft_chan_try_send(c, &sig);
}

static int app(void *arg)
{
	struct sigaction sa = {.sa_handler = on_signal, .sa_flags = SA_ONSTACK};

	(void)arg;
	c = weft_chan_make(sizeof(int), 1);
	sigaction(SIGUSR1, &sa, NULL);
	raise(SIGUSR1);
	return 0;
}

int main(void)
{
	return weft_run(app, NULL);
}
