/* SPDX-License-Identifier: MIT */
/* A forked child may not call weft: it ends, and its parent goes on.
 *
 * status: 0
 * once: ^weft: fatal: weft was called in a forked child: only exec and _exit may follow fork$
 * never: goroutine
 * prints: ^the child ended with 2, the parent received 1$
 * not under: thread
 */
#include <stdio.h>
#include <sys/wait.h>
#include <unistd.h>
#include <weft.h>

static void send_one(void *arg)
{
	weft_chan_send(arg, &(int){1});
}

static int app(void *arg)
{
	weft_chan *c = weft_chan_make(sizeof(int), 0);
	int status = 0, v = 0;
	pid_t child;

	(void)arg;
	child = fork();
	if (!child) {
		send_one(c);
		_exit(0);
	}
	waitpid(child, &status, 0);
	weft_go(send_one, c);
	weft_chan_recv(c, &v);
	printf("the child ended with %d, the parent received %d\n", WEXITSTATUS(status), v);
	return 0;
}

int main(void)
{
	return weft_run(app, NULL);
}
