/* SPDX-License-Identifier: MIT */
/* Eight goroutines and one mutex that each holds most of its time.
 *
 * Run:   build/weft record -o hot.db -- build/examples/hot_mutex
 *        build/weft contention hot.db -o hot.svg
 * Look:  the mutex named total is the first row: seven wait while one computes under it, so two
 *        workers are no faster than one.  Move the loop in front of the lock, and look again.
 */
#include <stdio.h>
#include <weft.h>

enum { GOROUTINES = 8, ROUNDS = 300 };

static weft_mutex lock;
static weft_waitgroup all;
static uint64_t total, checksum;

static void adder(void *arg)
{
	uint64_t x = *(const uint64_t *)arg;

	for (int i = 0; i < ROUNDS; i++) {
		weft_mutex_lock(&lock);
		for (int j = 0; j < 100000; j++) /* needs no lock */
			x = x * 6364136223846793005 + 1442695040888963407;
		total++;
		checksum += x;
		weft_mutex_unlock(&lock);
	}
	weft_waitgroup_done(&all);
}

static int app(void *arg)
{
	(void)arg;
	static uint64_t seeds[GOROUTINES];

	weft_name(&lock, "total");
	weft_waitgroup_add(&all, GOROUTINES);
	for (int i = 0; i < GOROUTINES; i++) {
		seeds[i] = i;
		weft_go(adder, &seeds[i]);
	}
	weft_waitgroup_wait(&all);
	printf("total %llu, checksum %llx\n", (unsigned long long)total,
	       (unsigned long long)checksum);
	return 0;
}

int main(void)
{
	return weft_run(app, NULL);
}
