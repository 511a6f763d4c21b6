/* SPDX-License-Identifier: MIT */
/* Nothing traps the panic: the deferred functions run, then the report says where it was.
 *
 * status: 2
 * prints: unlocked
 * prints: closed
 * says: weft: panic: no file data.csv
 * says: goroutine 2 \(reader\): running at .*panic_deferred.c:30
 * says: spawned at .*panic_deferred.c:44
 */
#include <stdio.h>
#include <weft.h>

static void close_file(void *arg)
{
	(void)arg;
	printf("closed\n");
}

static void unlock(void *arg)
{
	weft_mutex_unlock((weft_mutex *)arg);
	printf("unlocked\n");
}

static void read_file(weft_mutex *mu)
{
	weft_mutex_lock(mu);
	weft_defer(unlock, mu);
	weft_panic("no file %s", "data.csv");
}

static void reader(void *arg)
{
	weft_mutex mu = {0};

	weft_defer(close_file, arg);
	read_file(&mu);
}

static int app(void *arg)
{
	(void)arg;
	weft_go(reader, NULL);
	weft_chan_recv(weft_chan_make(0, 0), NULL);
	return 0;
}

int main(void)
{
	return weft_run(app, NULL);
}
