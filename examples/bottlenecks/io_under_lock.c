/* SPDX-License-Identifier: MIT */
/* I/O in a critical section: refill reads from a slow disk (a pipe) and has the cache's lock all
 * the time.
 *
 * Run:   build/weft record -o run.db -- build/examples/bottlenecks/io_under_lock && build/weft why
 * run.db Look:  lookup waits for the mutex cache, which refill holds while it waits in read. Mend:
 * read first, then lock and put it in.
 */
#include <stdio.h>
#include <unistd.h>
#include <weft.h>

enum { READERS = 4, LOOKUPS = 50, BLOCKS = 8 };
static weft_mutex cache_lock;
static weft_waitgroup readers;
static uint64_t cache, hits;
static int disk[2];

static void spin(void *arg)
{
	(void)arg;
	for (int i = 0; i < BLOCKS; i++) {
		weft_sleep(20 * WEFT_MS);
		if (write(disk[1], "block", 5) != 5)
			weft_panic("the disk is gone");
	}
}

static void refill(void *arg)
{
	weft_conn conn = weft_conn_open(disk[0]);
	char block[5];

	(void)arg;
	for (int i = 0; i < BLOCKS; i++) {
		weft_mutex_lock(&cache_lock);
		weft_read_full(conn, block, sizeof block); // the bottleneck
		cache += (uint64_t)block[0];
		weft_mutex_unlock(&cache_lock);
	}
	weft_waitgroup_done(&readers);
}

static void lookup(void *arg)
{
	(void)arg;
	for (int i = 0; i < LOOKUPS; i++) {
		weft_sleep(2 * WEFT_MS);
		weft_mutex_lock(&cache_lock);
		hits += cache != 0;
		weft_mutex_unlock(&cache_lock);
	}
	weft_waitgroup_done(&readers);
}

static int app(void *arg)
{
	(void)arg;
	if (pipe(disk) < 0)
		return 1;
	weft_name(&cache_lock, "cache");
	weft_waitgroup_add(&readers, READERS + 1);
	weft_go(spin, NULL);
	weft_go(refill, NULL);
	for (int i = 0; i < READERS; i++)
		weft_go(lookup, NULL);
	weft_waitgroup_wait(&readers);
	return printf("%llu hits\n", (unsigned long long)hits) < 0;
}

int main(void)
{
	return weft_run(app, NULL);
}
