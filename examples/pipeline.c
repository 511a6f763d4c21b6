/* SPDX-License-Identifier: MIT */
/* A pipeline with a slow stage and a hot lock: import -> lines -> 6 x query -> the sum.
 *
 * Run:   build/weft record -o run.db -- build/examples/pipeline && build/weft report run.db
 * Look:  the mutex db is the first row of the contention: one query has it and waits for the
 *        database, five wait for db.  So lines is full, and import waits to send.
 *        `pipeline 6` has six connections, each with a lock of its own.  Record that, and compare.
 */
#include <stdio.h>
#include <stdlib.h>
#include <weft.h>

enum { LINES = 120, QUERIES = 6 };
typedef weft_chan_of(uint64_t) line_chan;
static line_chan lines;
static weft_mutex db[QUERIES];
static weft_waitgroup queries;
static _Atomic uint64_t sum;

static uint64_t compute(uint64_t x)
{
	for (int i = 0; i < 400000; i++)
		x = x * 6364136223846793005 + 1442695040888963407;
	return x;
}

static void query(void *connection)
{
	weft_range(lines, line) {
		weft_mutex_lock(connection);
		weft_region_begin("ask the database");
		weft_sleep(3 * WEFT_MS);
		weft_region_end();
		weft_mutex_unlock(connection);
		sum += compute(line);
	}
	weft_waitgroup_done(&queries);
}

static int import(void *connections)
{
	lines = weft_make(line_chan, 8);
	weft_name(lines.chan, "lines");
	weft_name(&db[0], "db");
	weft_waitgroup_add(&queries, QUERIES);
	for (int i = 0; i < QUERIES; i++)
		weft_go(query, &db[i % atoi(connections)]);
	for (uint64_t i = 0; i < LINES; i++)
		weft_send(lines, compute(i));
	weft_close(lines);
	weft_waitgroup_wait(&queries);
	weft_log("import", "sum %llx", (unsigned long long)sum);
	return printf("sum %llx\n", (unsigned long long)sum) < 0;
}

int main(int argc, char **argv)
{
	return weft_run(import, argc > 1 ? argv[1] : "1");
}
