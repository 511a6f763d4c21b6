/* SPDX-License-Identifier: MIT */
/* After a peak of goroutines the memory of their stacks goes back to the kernel, and the stacks can
 * be used again, guards and all.
 *
 *     stacks_given_back [GOROUTINES]
 *
 * status: 0
 * prints: ^[0-9]+ KiB at first, [0-9]+ at the peak, [0-9]+ after it$
 * silent
 * not under: address thread aarch64
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <weft.h>

enum { DEEP = 48 << 10, STACK = 64 << 10, GUARD = 64 << 10 };

static int n = 2000;
static weft_waitgroup used, ended;
static weft_chan *go_on;
static int probe[2]; /* a pipe: the kernel says whether an address can be read */

static long resident(void)
{
	FILE *f = fopen("/proc/self/statm", "r");
	long pages = 0;

	if (!f || fscanf(f, "%*d %ld", &pages) != 1)
		exit(1);
	fclose(f);
	return pages * (sysconf(_SC_PAGESIZE) >> 10);
}

static void go_deep(void *arg)
{
	volatile char deep[DEEP];

	(void)arg;
	for (int i = 0; i < DEEP; i += 512)
		deep[i] = (char)i;
	if (write(probe[1], (char *)__builtin_frame_address(0) - STACK - GUARD / 2, 1) >= 0 ||
	    errno != EFAULT)
		exit(1);
	weft_waitgroup_done(&used);
	weft_chan_recv(go_on, NULL);
	for (int i = 0; i < DEEP; i += 512)
		if (deep[i] != (char)i)
			exit(1);
	weft_waitgroup_done(&ended);
}

static long peak(void)
{
	long kb;

	weft_waitgroup_add(&used, n);
	weft_waitgroup_add(&ended, n);
	for (int i = 0; i < n; i++)
		weft_go(go_deep, NULL);
	weft_waitgroup_wait(&used);
	kb = resident();
	for (int i = 0; i < n; i++)
		weft_chan_send(go_on, NULL);
	weft_waitgroup_wait(&ended);
	return kb;
}

static int app(void *arg)
{
	long first = resident(), most, after;

	(void)arg;
	go_on = weft_chan_make(0, 0);
	most = peak();
	if (most - first < (long)n * (DEEP >> 10))
		return 1;
	while (after = resident(), after - first > (most - first) / 4)
		weft_sleep(20 * WEFT_MS);
	printf("%ld KiB at first, %ld at the peak, %ld after it\n", first, most, after);
	return peak() < most / 2; // on the same stacks
}

int main(int argc, char **argv)
{
	if (pipe2(probe, O_CLOEXEC | O_NONBLOCK) < 0)
		return 1;
	if (argc > 1)
		n = atoi(argv[1]);
	return weft_run(app, NULL);
}
