/* SPDX-License-Identifier: MIT */
/* A WaitGroup with one goroutine.
 *
 * Run:   build/weft record -o wg1.db -- build/examples/waitgroup1   (and press Enter)
 *        build/weft timeline wg1.db --lanes goroutines -o wg1.svg
 * Look:  main waits for the WaitGroup while the worker computes; its last act, done, wakes main.
 */
#include <stdio.h>
#include <weft.h>

static void worker(void *arg)
{
	weft_waitgroup *wg = arg;
	uint64_t sum = 0;

	for (uint64_t i = 1; i <= 1000000; i++)
		sum += i * i % 7;
	printf("worker: %llu\n", (unsigned long long)sum);
	weft_waitgroup_done(wg);
}

static int app(void *arg)
{
	weft_waitgroup *wg = arg;

	weft_waitgroup_add(wg, 1);
	weft_go(worker, wg);
	weft_waitgroup_wait(wg);
	puts("the worker is done; press Enter to end");
	getchar();
	return 0;
}

int main(void)
{
	weft_waitgroup wg = {0};

	setvbuf(stdout, NULL, _IOLBF, 0);
	return weft_run(app, &wg);
}
