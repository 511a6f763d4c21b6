/* SPDX-License-Identifier: MIT */
/* A program that handles SIGQUIT itself goes on doing so.
 *
 * status: 7
 * silent
 */
#include <signal.h>
#include <unistd.h>
#include <weft.h>

static void quit(int sig)
{
	(void)sig;
	_exit(7);
}

static int app(void *arg)
{
	(void)arg;
	kill(getpid(), SIGQUIT);
	weft_sleep(60 * WEFT_S);
	return 0;
}

int main(void)
{
	signal(SIGQUIT, quit);
	return weft_run(app, NULL);
}
