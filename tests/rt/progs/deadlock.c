/* SPDX-License-Identifier: MIT */
/* Six goroutines, each waiting in another way for what never comes.
 *
 * status: 2
 * prints: printed before
 * says: weft: fatal: all goroutines are asleep - deadlock!
 * says: goroutine 1 \(app\): waiting in chan receive at .*deadlock.c:7[0-9] for (less than 10|[0-9]+) ms,
 * says: for channel "results" \(0 of 3 buffered\)
 * says: goroutine 2 \(sender\): waiting in chan send at .*deadlock.c:2[0-9] for (less than 10|[0-9]+) ms,
 * says: for channel 0x[0-9a-f]+ \(0 of 0 buffered\)
 * says: goroutine 3 \(locker\): waiting in mutex lock at .*deadlock.c:3[0-9] for (less than 10|[0-9]+) ms,
 * says: for mutex "db", locked by goroutine 1 \(app\) at .*deadlock.c:6[0-9]
 * says: goroutine 4 \(waiter\): waiting in waitgroup wait at .*deadlock.c
 * says: for WaitGroup 0x[0-9a-f]+, counter 1
 * says: goroutine 5 \(chooser\): waiting in select at
 * says: goroutine 6 \(lonely\): waiting in nil channel at
 * says: spawned by goroutine 1 at .*deadlock.c:6[0-9]
 */
#include <stdio.h>
#include <weft.h>

static weft_mutex db;
static weft_waitgroup wg;

static void sender(void *arg)
{
	weft_chan_send(arg, "x");
}

static void locker(void *arg)
{
	(void)arg;
	weft_mutex_lock(&db);
}

static void waiter(void *arg)
{
	(void)arg;
	weft_waitgroup_wait(&wg);
}

static void chooser(void *arg)
{
	weft_chan *a = weft_chan_make(1, 0), *b = weft_chan_make(1, 0);

	(void)arg;
	weft_select(weft_on_recv(a, NULL), weft_on_recv(b, NULL));
}

static void lonely(void *arg)
{
	(void)arg;
	weft_chan_recv(NULL, NULL);
}

static int app(void *arg)
{
	weft_chan *results = weft_chan_make(1, 3);

	(void)arg;
	weft_name(results, "results");
	weft_name(&db, "db");
	weft_mutex_lock(&db);
	weft_waitgroup_add(&wg, 1);
	weft_go(sender, weft_chan_make(1, 0));
	weft_go(locker, NULL);
	weft_go(waiter, NULL);
	weft_go(chooser, NULL);
	weft_go_with(lonely, NULL, .name = "lonely");
	printf("printed before\n");
	weft_sleep(100 * WEFT_MS);
	weft_chan_recv(results, NULL);
	return 0;
}

int main(void)
{
	return weft_run(app, NULL);
}
