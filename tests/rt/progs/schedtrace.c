/* SPDX-License-Identifier: MIT */
/* A line about the scheduler each millisecond, also with all workers idle, and with goroutines that
 * have to wait for one.
 *
 * status: 0
 * env: WEFT_DEBUG=sched=1
 * says: ^weft: sched [1-9][0-9]*ms: workers=[128] idle=[0-8] threads=[0-9]+ spinning=[0-9] idlethreads=[0-9]+ detached=[0-9]+ globalqueue=[0-9]+ queues=\[[0-9]+( [0-9]+)*\] goroutines=[0-9]+$
 * says: queues=.* goroutines=51$
 * never: ^weft: sched 0ms
 */
#include <weft.h>

#include <stdio.h>
#include <string.h>
#include <unistd.h>

static void wait(void *arg)
{
	weft_chan_recv(arg, NULL);
}

/* Until there has been a line with all goroutines, however late the monitor is. */
static void read_lines(FILE *from, FILE *to)
{
	char line[1024] = "";

	while (!strstr(line, " goroutines=51\n") && fgets(line, sizeof line, from))
		fputs(line, to);
	fflush(to);
}

static int app(void *arg)
{
	weft_chan *c = weft_chan_make(0, 0);
	FILE *terminal = fdopen(dup(2), "w");
	int fd[2];

	(void)arg;
	if (!terminal || pipe(fd) < 0 || dup2(fd[1], 2) < 0)
		return 1;
	for (int i = 0; i < 50; i++)
		weft_go(wait, c);
	weft_sleep(50 * WEFT_MS);
	read_lines(fdopen(fd[0], "r"), terminal);
	dup2(fileno(terminal), 2);
	weft_chan_close(c);
	return 0;
}

int main(void)
{
	return weft_run(app, NULL);
}
