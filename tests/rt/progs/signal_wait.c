/* SPDX-License-Identifier: MIT */
/* Who waits for a signal, itself or through a context, is in no deadlock.
 *
 * status: 0
 * prints: signal 15
 * prints: cause 2
 * silent
 */
#include <signal.h>
#include <stdio.h>
#include <sys/wait.h>
#include <unistd.h>
#include <weft.h>

/* When this process sleeps in all its threads, for all that can be seen. */
static void signal_later(int sig)
{
	pid_t parent = getpid();

	if (fork() == 0) {
		usleep(200000);
		kill(parent, sig);
		_exit(0);
	}
}

static void wait_in_context(void *arg)
{
	weft_chan_recv(weft_ctx_done(arg), NULL);
	printf("cause %d\n", weft_ctx_cause(arg));
}

static int app(void *arg)
{
	weft_chan *sigs = weft_chan_make(sizeof(int), 1);
	weft_ctx *ctx = weft_ctx_with_signals(weft_ctx_background(), SIGINT);
	int sig;

	(void)arg;
	weft_signal_notify(sigs, SIGTERM);
	signal_later(SIGTERM);
	weft_chan_recv(sigs, &sig);
	printf("signal %d\n", sig);
	weft_signal_stop(sigs);
	weft_go(wait_in_context, weft_ctx_with_cancel(ctx));
	signal_later(SIGINT);
	while (weft_count() > 1)
		weft_select(weft_on_recv(weft_ctx_done(ctx), NULL));
	return 0;
}

int main(void)
{
	return weft_run(app, NULL);
}
