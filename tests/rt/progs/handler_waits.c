/* SPDX-License-Identifier: MIT */
/* A handler on the thread's alternate stack, which came while the goroutine was in its own code,
 * waits.  If the goroutine's slice is over by then, on a slow machine, it gives way before it waits.
 *
 * not under: debug
 * status: 2
 * says: ^weft: fatal: (chan receive at .*handler_waits.c:20|a function of weft that gives way) was called in a signal handler, on the alternate stack$
 * says: ^    a handler may call nothing of weft's: .* see weft_signal_notify$
 * says: ^goroutine 2 \(main loop\): (waiting in chan receive at .*handler_waits.c:20|running)
 */
#include <signal.h>
#include <stddef.h>
#include <weft.h>

static weft_chan *c;

static void on_signal(int sig)
{
	(void)sig;
	weft_chan_recv(c, NULL);
}

static void loop(void *arg)
{
	struct sigaction sa = {.sa_handler = on_signal, .sa_flags = SA_ONSTACK};

	(void)arg;
	c = weft_chan_make(1, 1);
	sigaction(SIGUSR1, &sa, NULL);
	raise(SIGUSR1);
}

static int app(void *arg)
{
	(void)arg;
	weft_go_with(loop, NULL, .name = "main loop");
	weft_sleep(60 * WEFT_S);
	return 0;
}

int main(void)
{
	return weft_run(app, NULL);
}
