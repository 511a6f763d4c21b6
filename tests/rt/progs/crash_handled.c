/* SPDX-License-Identifier: MIT */
/* The program's own handlers go on working, whether they were there before the runtime or came
 * after.
 *
 * status: 7
 * silent
 * prints: caught 11
 * prints: caught  6
 */
#include <signal.h>
#include <stdlib.h>
#include <unistd.h>
#include <weft.h>

static void caught(int sig)
{
	char said[] = "caught   \n";

	said[7] = sig < 10 ? ' ' : '0' + sig / 10;
	said[8] = '0' + sig % 10;
	if (write(STDOUT_FILENO, said, sizeof said - 1) < 0) // printf is not for handlers
		_exit(1);
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
