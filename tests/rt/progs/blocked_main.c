/* SPDX-License-Identifier: MIT */
/* The main goroutine blocks in read(2); with one worker too, the others go on, one of which writes
 * what it reads.
 *
 * status: 0
 * prints: read x
 * silent
 */
#include <stdio.h>
#include <unistd.h>
#include <weft.h>

static int fds[2];

static void writer(void *arg)
{
	(void)arg;
	weft_sleep(WEFT_MS);
	if (write(fds[1], "x", 1) != 1)
		_exit(9);
}

static int app(void *arg)
{
	char c = 0;

	(void)arg;
	if (pipe(fds) < 0)
		return 9;
	weft_go(writer, NULL);
	if (read(fds[0], &c, 1) != 1)
		return 9;
	printf("read %c\n", c);
	return 0;
}

int main(void)
{
	return weft_run(app, NULL);
}
