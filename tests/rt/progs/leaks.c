/* SPDX-License-Identifier: MIT */
/* Goroutines of each kind are left when the main function returns.
 *
 * env: WEFT_LEAKS=1
 * status: 3
 * says: ^weft: 9 goroutines were left when the main function returned:$
 * says: ^    goroutine 3 \(wants\) waits for the mutex "db", which was locked by goroutine 2 \(locks\), which has ended, at
 * says: ^goroutine 3 \(wants\): waiting in mutex lock at .*leaks.c:[0-9]+ for
 * says: ^    for mutex "db", locked by goroutine 2 \(locks\), which has ended, at .*leaks.c:[0-9]+$
 * says: ^goroutine 4 \(receiver\): waiting in chan receive at .*leaks.c
 * says: ^    2 more goroutines wait like this one: 5 \(receiver\), 6 \(receiver\)$
 * says: ^goroutine 7 \(waiter\): waiting in waitgroup wait at .*leaks.c
 * says: ^goroutine 8 \(chooser\): waiting in select at .*leaks.c
 * says: ^    for one of channel "jobs", channel 0x[0-9a-f]+, or a time-out$
 * says: ^goroutine 9 \(sleeper\): waiting in sleep at .*leaks.c
 * says: ^goroutine 10 \(busy\): running
 * says: ^goroutine 11 \(lonely\): waiting in nil channel at .*leaks.c
 * says: ^    spawned by goroutine 1 at .*leaks.c
 * never: no peer left
 * never: ^goroutine 1 \(
 */
#include <weft.h>

static weft_mutex db;
static weft_chan *jobs;
static weft_waitgroup locked, never;
static volatile bool on = true;

static void locks(void *arg)
{
	(void)arg;
	weft_mutex_lock(&db);
	weft_waitgroup_done(&locked);
}

static void wants(void *arg)
{
	(void)arg;
	weft_mutex_lock(&db);
}

static void receiver(void *arg)
{
	(void)arg;
	weft_chan_recv(jobs, NULL);
}

static void waiter(void *arg)
{
	(void)arg;
	weft_waitgroup_wait(&never);
}

static void chooser(void *arg)
{
	weft_select(weft_on_recv(jobs, NULL), weft_on_recv(arg, NULL),
		    weft_on_timeout(3600 * WEFT_S));
}

static void sleeper(void *arg)
{
	(void)arg;
	weft_sleep(3600 * WEFT_S);
}

static void busy(void *arg)
{
	(void)arg;
	while (on)
		;
}

static void lonely(void *arg)
{
	(void)arg;
	weft_chan_recv(NULL, NULL);
}

static int app(void *arg)
{
	(void)arg;
	jobs = weft_chan_make(0, 0);
	weft_name(&db, "db");
	weft_name(jobs, "jobs");
	weft_waitgroup_add(&locked, 1);
	weft_waitgroup_add(&never, 1);
	weft_go(locks, NULL);
	weft_waitgroup_wait(&locked);
	weft_go(wants, NULL);
	for (int i = 0; i < 3; i++)
		weft_go(receiver, NULL);
	weft_go(waiter, NULL);
	weft_go(chooser, weft_chan_make(0, 0));
	weft_go(sleeper, NULL);
	weft_go(busy, NULL);
	weft_go(lonely, NULL);
	weft_sleep(100 * WEFT_MS); // until each is where it stays
	return 0;
}

int main(void)
{
	return weft_run(app, NULL);
}
