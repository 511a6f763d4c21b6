/* SPDX-License-Identifier: MIT */
/* Ten thousand goroutines that block in read(2), of which twenty threads can block at a time: those
 * then keep their workers.  All come back when another process lets them.
 *
 * not under: thread aarch64
 * env: WEFT_MAXTHREADS=20
 * status: 0
 * prints: ^10000 came back, on 20 threads at most$
 * silent
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <weft.h>

enum { N = 10000 };

static weft_waitgroup wg;
static int fds[2], back;

static void block(void *arg)
{
	char c;

	(void)arg;
	if (read(fds[0], &c, 1) == 1)
		__atomic_fetch_add(&back, 1, __ATOMIC_RELAXED);
	weft_waitgroup_done(&wg);
}

/* Of this process, but the thread that called weft_run and the monitor. */
static int threads(void)
{
	FILE *f = fopen("/proc/self/status", "r");
	char line[256];
	int n = 0;

	while (f && fgets(line, sizeof line, f))
		if (strncmp(line, "Threads:", 8) == 0)
			n = atoi(line + 8);
	if (f)
		fclose(f);
	return n - 2;
}

static int app(void *arg)
{
	int n;

	(void)arg;
	weft_waitgroup_add(&wg, N);
	for (int i = 0; i < N; i++)
		weft_go(block, NULL);
	weft_waitgroup_wait(&wg);
	n = threads();
	if (n <= 20)
		printf("%d came back, on 20 threads at most\n", back);
	else
		printf("%d threads\n", n);
	return 0;
}

/* Another process, since here nobody may run until it has. */
static void let_go(void)
{
	static char bytes[N];

	sleep(1);
	_exit(write(fds[1], bytes, N) != N);
}

int main(void)
{
	setenv("WEFT_DEADLOCK", "0", 1); // which would have a thread of its own after a while
	if (pipe(fds) < 0)
		return 9;
	if (fork() == 0)
		let_go();
	return weft_run(app, NULL);
}
