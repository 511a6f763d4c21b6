/* SPDX-License-Identifier: MIT */
/* At the bound of threads a goroutine that blocks keeps its worker; one whose thread has come back
 * since loses it again.
 *
 * env: WEFT_MAXTHREADS=8
 * status: 0
 * prints: went on 10 times
 * silent
 */
#include <stdio.h>
#include <unistd.h>
#include <weft.h>

static int fds[2];

static void reader(void *arg)
{
	char c;

	(void)arg;
	if (read(fds[0], &c, 1) != 1)
		_exit(9);
}

static int app(void *arg)
{
	int n = 0;

	(void)arg;
	if (pipe(fds) < 0)
		return 9;
	for (int i = 0; i < 10; i++) {
		weft_go(reader, NULL);
		weft_yield(); // returns while the reader blocks
		n++;
		if (write(fds[1], "x", 1) != 1)
			return 9;
		while (weft_count() > 1)
			weft_yield();
	}
	printf("went on %d times\n", n);
	return 0;
}

int main(void)
{
	return weft_run(app, NULL);
}
