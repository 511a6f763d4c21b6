/* SPDX-License-Identifier: MIT */
/* A hundred goroutines that block in read(2), with a thread for each: they lose their workers, so
 * that the main goroutine comes to release them.  An argument says how many instead.
 *
 * env: WEFT_MAXTHREADS=20000
 * status: 0
 * prints: ^100 came back
 * silent
 */
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>
#include <weft.h>

static weft_waitgroup wg;
static int fds[2], n = 100, blocked, back;

static void block(void *arg)
{
	char c;

	(void)arg;
	__atomic_fetch_add(&blocked, 1, __ATOMIC_RELAXED);
	if (read(fds[0], &c, 1) == 1)
		__atomic_fetch_add(&back, 1, __ATOMIC_RELAXED);
	weft_waitgroup_done(&wg);
}

static int app(void *arg)
{
	int64_t began = weft_now(), all;

	(void)arg;
	weft_waitgroup_add(&wg, n);
	for (int i = 0; i < n; i++)
		weft_go(block, NULL);
	while (__atomic_load_n(&blocked, __ATOMIC_RELAXED) < n)
		weft_yield();
	all = weft_now();
	for (int i = 0; i < n; i++)
		if (write(fds[1], "x", 1) != 1)
			return 9;
	weft_waitgroup_wait(&wg);
	printf("%d came back, blocked after %ld ms, back after %ld more\n", back,
	       (long)((all - began) / WEFT_MS), (long)((weft_now() - all) / WEFT_MS));
	return 0;
}

int main(int argc, char **argv)
{
	if (argc > 1)
		n = atoi(argv[1]);
	return pipe(fds) < 0 ? 9 : weft_run(app, NULL);
}
