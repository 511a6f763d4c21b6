/* SPDX-License-Identifier: MIT */
/* The program's own handlers go on working, whether they were there before the runtime or came
 * after.
 *
 * status: 7
 * silent
 * prints: caught 11
 * prints: caught 6
 */
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>
#include <weft.h>

static void caught(int sig)
{
	printf("caught %d\n", sig);
	fflush(stdout);
	if (sig == SIGABRT)
		_exit(7);
}

static int app(void *arg)
{
	(void)arg;
	signal(SIGABRT, caught);
	raise(SIGSEGV);
	raise(SIGABRT);
	return 0;
}

int main(void)
{
	signal(SIGSEGV, caught);
	return weft_run(app, NULL);
}
