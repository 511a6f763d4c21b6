/* SPDX-License-Identifier: MIT */
/* A lock convoy: eight goroutines take the same short lock at every turn.
 *
 * Run:   build/weft record -o run.db -- build/examples/bottlenecks/convoy && build/weft stat run.db
 * Look:  the mutex log has nearly all of the waiting, and many short waits: each holder is brief,
 * but the others queue behind it, one after the other. Mend:  count in a variable of each
 * goroutine's own, and add them up at the end.
 */
#include <stdio.h>
#include <weft.h>

enum { SERVERS = 8, REQUESTS = 200 };
static weft_mutex log_lock;
static weft_waitgroup all;
static uint64_t lines;

static uint64_t compute(uint64_t x, int n)
{
	for (int i = 0; i < n; i++)
		x = x * 6364136223846793005 + 1442695040888963407;
	return x;
}

static void serve(void *arg)
{
	uint64_t x = (uintptr_t)arg;

	for (int i = 0; i < REQUESTS; i++) {
		x = compute(x, 2000);
		weft_mutex_lock(&log_lock);
		x = compute(x, 20000);
		lines += x != 0;
		weft_mutex_unlock(&log_lock); // the bottleneck
	}
	weft_waitgroup_done(&all);
}

static int app(void *arg)
{
	(void)arg;
	weft_name(&log_lock, "log");
	weft_waitgroup_add(&all, SERVERS);
	for (uintptr_t i = 0; i < SERVERS; i++)
		weft_go(serve, (void *)i);
	weft_waitgroup_wait(&all);
	return printf("%llu lines\n", (unsigned long long)lines) < 0;
}

int main(void)
{
	return weft_run(app, NULL);
}
