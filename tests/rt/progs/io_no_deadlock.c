/* SPDX-License-Identifier: MIT */
/* While a goroutine waits for the world there is no deadlock; when that wait has ended there is.
 *
 * status: 2
 * prints: ended by its deadline
 * says: weft: fatal: all goroutines are asleep - deadlock!
 * says: goroutine 1 \(app\): waiting in chan receive
 */
#include <errno.h>
#include <stdio.h>
#include <unistd.h>
#include <weft.h>

static void reader(void *arg)
{
	weft_conn c = weft_conn_open(*(int *)arg);
	char buf[8];

	weft_conn_set_read_deadline(c, weft_now() + 50 * WEFT_MS);
	if (weft_read(c, buf, sizeof buf) == -ETIMEDOUT)
		puts("ended by its deadline");
}

static int app(void *arg)
{
	weft_chan *never = weft_chan_make(1, 0);
	int fd[2];

	(void)arg;
	if (pipe(fd))
		return 1;
	weft_go(reader, fd);
	weft_chan_recv(never, NULL);
	return 0;
}

int main(void)
{
	return weft_run(app, NULL);
}
