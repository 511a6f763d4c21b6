/* SPDX-License-Identifier: MIT */
/* Most signals that a process is sent come to its first thread, which waits in weft_run: there a
 * handler that sends is none of a goroutine's.
 *
 * not under: thread
 * status: 2
 * says: ^weft: fatal: weft_chan_send was called in a signal handler, which interrupted weft_run$
 * says: see weft_signal_notify$
 */
#include <pthread.h>
#include <signal.h>
#include <weft.h>

static pthread_t first;
static weft_chan *c;

static void on_signal(int sig)
{
	weft_chan_send(c, &sig);
}

static int app(void *arg)
{
	(void)arg;
	c = weft_chan_make(sizeof(int), 1);
	signal(SIGUSR1, on_signal);
	pthread_kill(first, SIGUSR1);
	weft_sleep(60 * WEFT_S);
	return 0;
}

int main(void)
{
	first = pthread_self();
	return weft_run(app, NULL);
}
