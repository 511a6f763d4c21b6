/* SPDX-License-Identifier: MIT */
/* Long waits that are normal: nothing is said of them.
 *
 * env: WEFT_DEADLOCK=20ms
 * status: 0
 * silent
 */
#include <stdlib.h>
#include <weft.h>

static weft_mutex slow, timed, ticked;
static weft_rwmutex read_elsewhere;
static weft_chan *idle;
static weft_waitgroup all;

/* A server's idle worker. */
static void worker(void *arg)
{
	(void)arg;
	weft_chan_recv(idle, NULL);
}

/* Owners that go on by themselves. */
static void sleeper(void *arg)
{
	weft_mutex_lock(arg);
	weft_sleep(300 * WEFT_MS);
	weft_mutex_unlock(arg);
	weft_waitgroup_done(&all);
}

static void chooser(void *arg)
{
	weft_mutex_lock(arg);
	weft_select(weft_on_recv(idle, NULL), weft_on_timeout(300 * WEFT_MS));
	weft_mutex_unlock(arg);
	weft_waitgroup_done(&all);
}

static void on_timer(void *arg)
{
	weft_mutex_lock(arg);
	weft_chan_recv(weft_after(300 * WEFT_MS), NULL);
	weft_mutex_unlock(arg);
	weft_waitgroup_done(&all);
}

static void wants(void *arg)
{
	weft_sleep(10 * WEFT_MS);
	weft_mutex_lock(arg);
	weft_mutex_unlock(arg);
	weft_waitgroup_done(&all);
}

/* What one locks for reading and another unlocks is nobody's. */
static void runlocks(void *arg)
{
	weft_rwmutex_runlock(arg);
	weft_waitgroup_done(&all);
}

static void reads_elsewhere(void)
{
	for (int i = 0; i < 10; i++) {
		weft_rwmutex_rlock(&read_elsewhere);
		weft_waitgroup_add(&all, 1);
		weft_go(runlocks, &read_elsewhere);
	}
}

/* Mutexes that are contended, and freed when they are unlocked. */
static void short_lives(void *arg)
{
	(void)arg;
	for (int64_t until = weft_now() + 300 * WEFT_MS; weft_now() < until;) {
		weft_mutex *mu = malloc(sizeof *mu);

		*mu = (weft_mutex){0};
		weft_mutex_lock(mu);
		weft_waitgroup_add(&all, 1);
		weft_go(wants, mu);
		weft_sleep(30 * WEFT_MS);
		weft_mutex_unlock(mu);
		weft_mutex_lock(mu);
		weft_mutex_unlock(mu);
	}
	weft_waitgroup_done(&all);
}

static int app(void *arg)
{
	weft_mutex *locked[] = {&slow, &timed, &ticked};
	void (*const owner[])(void *) = {sleeper, chooser, on_timer};

	(void)arg;
	idle = weft_chan_make(0, 0);
	weft_waitgroup_add(&all, 7);
	for (int i = 0; i < 3; i++) {
		weft_go(owner[i], locked[i]);
		weft_go(wants, locked[i]);
		weft_go(worker, NULL);
	}
	weft_go(short_lives, NULL);
	reads_elsewhere();
	weft_waitgroup_wait(&all);
	return 0;
}

int main(void)
{
	return weft_run(app, NULL);
}
