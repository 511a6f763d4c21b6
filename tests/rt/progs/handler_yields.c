/* SPDX-License-Identifier: MIT */
/* A handler on the alternate stack that gives way.
 *
 * not under: debug
 * status: 2
 * says: ^weft: fatal: a function of weft that gives way was called in a signal handler, on the alternate stack$
 * says: ^goroutine 1 \(app\): running$
 */
#include <signal.h>
#include <stddef.h>
#include <weft.h>

static void on_signal(int sig)
{
	(void)sig;
	weft_yield();
}

static int app(void *arg)
{
	struct sigaction sa = {.sa_handler = on_signal, .sa_flags = SA_ONSTACK};

	(void)arg;
	sigaction(SIGUSR1, &sa, NULL);
	raise(SIGUSR1);
	return 0;
}

int main(void)
{
	return weft_run(app, NULL);
}
