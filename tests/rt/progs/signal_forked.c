/* SPDX-License-Identifier: MIT */
/* A forked child is killed by a signal that its parent listens for.
 *
 * status: 0
 * prints: the child was killed by signal 15
 * silent
 * not under: thread
 */
#include <signal.h>
#include <stdio.h>
#include <sys/wait.h>
#include <unistd.h>
#include <weft.h>

static int app(void *arg)
{
	weft_chan *sigs = weft_chan_make(sizeof(int), 1);
	int status;
	pid_t child;

	(void)arg;
	weft_signal_notify(sigs, SIGTERM);
	child = fork();
	if (!child) {
		raise(SIGTERM);
		_exit(0);
	}
	waitpid(child, &status, 0);
	if (WIFSIGNALED(status))
		printf("the child was killed by signal %d\n", WTERMSIG(status));
	return weft_chan_len(sigs) != 0;
}

int main(void)
{
	return weft_run(app, NULL);
}
