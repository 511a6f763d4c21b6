/* SPDX-License-Identifier: MIT */
/* A WaitGroup with two goroutines.
 *
 * Run:   build/weft record -o wg2.db -- build/examples/waitgroup2   (and press Enter)
 *        build/weft timeline wg2.db --lanes workers -o wg2.svg
 * Look:  with two workers the goroutines run side by side, and the first done wakes nobody; with
 *        WEFT_PROCS=1 one runs after the other.
 */
#include <stdio.h>
#include <weft.h>

static weft_waitgroup wg;

static void worker(void *arg)
{
	uint64_t sum = 0;

	for (uint64_t i = 1; i <= 1000000; i++)
		sum += i * i % 7;
	printf("%s: %llu\n", (const char *)arg, (unsigned long long)sum);
	weft_waitgroup_done(&wg);
}

static int app(void *arg)
{
	(void)arg;
	weft_name(&wg, "both");
	weft_waitgroup_add(&wg, 2);
	weft_go_with(worker, "left", .name = "left");
	weft_go_with(worker, "right", .name = "right");
	weft_waitgroup_wait(&wg);
	puts("both are done; press Enter to end");
	getchar();
	return 0;
}

int main(void)
{
	setvbuf(stdout, NULL, _IOLBF, 0);
	return weft_run(app, NULL);
}
