/* SPDX-License-Identifier: MIT */
/* A flood of readers: each reads for long under the lock, and the writer waits for all of them.
 *
 * Run:   build/weft record -o run.db -- build/examples/bottlenecks/reader_flood && build/weft why
 * run.db Look:  update waits to write table until the last search has given it back; those that
 * come meanwhile wait behind update. Mend:  copy what is needed under the lock, and search without
 * it.
 */
#include <stdio.h>
#include <weft.h>

enum { READERS = 6, ROUNDS = 10 };
static weft_rwmutex table_lock;
static weft_waitgroup all;
static uint64_t table;

static void search(void *arg)
{
	for (int i = 0; i < ROUNDS; i++) {
		weft_rwmutex_rlock(&table_lock);
		weft_sleep(10 * WEFT_MS + (intptr_t)arg * WEFT_MS); // the bottleneck
		weft_rwmutex_runlock(&table_lock);
	}
	weft_waitgroup_done(&all);
}

static void update(void *arg)
{
	(void)arg;
	for (int i = 0; i < ROUNDS; i++) {
		weft_sleep(WEFT_MS);
		weft_rwmutex_lock(&table_lock);
		table++;
		weft_rwmutex_unlock(&table_lock);
	}
	weft_waitgroup_done(&all);
}

static int app(void *arg)
{
	(void)arg;
	weft_name(&table_lock, "table");
	weft_waitgroup_add(&all, READERS + 1);
	for (intptr_t i = 0; i < READERS; i++)
		weft_go(search, (void *)i);
	weft_go(update, NULL);
	weft_waitgroup_wait(&all);
	return printf("%llu updates\n", (unsigned long long)table) < 0;
}

int main(void)
{
	return weft_run(app, NULL);
}
