/* SPDX-License-Identifier: MIT */
/* Owners that wait for something else: a channel, a condition, a WaitGroup, a semaphore, NULL, and
 * the function of a Once, and readers.
 *
 * status: 2
 * says: for the mutex "m0", which goroutine [0-9]+ \(on_chan\) holds while it waits itself, in chan receive at .*owner_blocked.c:[0-9]+ for channel
 * says: for the mutex "m1", which goroutine [0-9]+ \(on_cond\) holds while it waits itself, in cond wait at
 * says: for the mutex "m2", which goroutine [0-9]+ \(on_waitgroup\) holds while it waits itself, in waitgroup wait at .*, counter 1$
 * says: for the mutex "m3", which goroutine [0-9]+ \(on_semaphore\) holds while it waits itself, in semaphore acquire at .*, 1 of 1 held$
 * says: for the mutex "m4", which goroutine [0-9]+ \(on_select\) holds while it waits itself, in select at .* for one of channel
 * says: for the Once "once", which goroutine [0-9]+ \(on_once\) runs while it waits itself, in chan send at
 * says: for the RWMutex "rw", which goroutine [0-9]+ \(on_rw\) reads while it waits itself, in chan receive at
 * says: ^    no peer left: goroutine 1 \(app\) waits in waitgroup wait at
 */
#include <stdio.h>
#include <weft.h>

static weft_mutex m[5], cond_mu;
static weft_rwmutex rw;
static weft_cond cond;
static weft_waitgroup never, all, held;
static weft_semaphore sem = {.size = 1};
static weft_once once;
static weft_chan *c;

static void on_chan(void *arg)
{
	weft_mutex_lock(arg);
	weft_waitgroup_done(&held);
	weft_chan_recv(c, NULL);
}

static void on_cond(void *arg)
{
	weft_mutex_lock(arg);
	weft_mutex_lock(&cond_mu);
	weft_waitgroup_done(&held);
	weft_cond_wait(&cond, &cond_mu);
}

static void on_waitgroup(void *arg)
{
	weft_mutex_lock(arg);
	weft_waitgroup_done(&held);
	weft_waitgroup_wait(&never);
}

static void on_semaphore(void *arg)
{
	weft_mutex_lock(arg);
	weft_semaphore_acquire(&sem, 1);
	weft_waitgroup_done(&held);
	weft_semaphore_acquire(&sem, 1);
}

static void on_select(void *arg)
{
	weft_chan *d = weft_chan_make(0, 0);

	weft_mutex_lock(arg);
	weft_waitgroup_done(&held);
	weft_select(weft_on_recv(c, NULL), weft_on_recv(d, NULL));
}

static void init(void *arg)
{
	(void)arg;
	weft_waitgroup_done(&held);
	weft_chan_send(weft_chan_make(0, 0), NULL);
}

static void on_once(void *arg)
{
	(void)arg;
	weft_once_do(&once, init, NULL);
}

static void on_rw(void *arg)
{
	(void)arg;
	weft_rwmutex_rlock(&rw);
	weft_waitgroup_done(&held);
	weft_chan_recv(c, NULL);
}

static void wants_mutex(void *arg)
{
	weft_mutex_lock(arg);
}

static void wants_once(void *arg)
{
	(void)arg;
	weft_once_do(&once, init, NULL);
}

static void wants_rw(void *arg)
{
	(void)arg;
	weft_rwmutex_lock(&rw);
}

static int app(void *arg)
{
	char name[16];

	(void)arg;
	c = weft_chan_make(0, 0);
	weft_name(&once, "once");
	weft_name(&rw, "rw");
	weft_waitgroup_add(&never, 1);
	weft_waitgroup_add(&all, 1);
	weft_waitgroup_add(&held, 7);
	for (int i = 0; i < 5; i++) {
		snprintf(name, sizeof name, "m%d", i);
		weft_name(&m[i], name);
	}
	weft_go(on_chan, &m[0]);
	weft_go(on_cond, &m[1]);
	weft_go(on_waitgroup, &m[2]);
	weft_go(on_semaphore, &m[3]);
	weft_go(on_select, &m[4]);
	weft_go(on_once, NULL);
	weft_go(on_rw, NULL);
	weft_waitgroup_wait(&held);
	for (int i = 0; i < 5; i++)
		weft_go(wants_mutex, &m[i]);
	weft_go(wants_once, NULL);
	weft_go(wants_rw, NULL);
	weft_waitgroup_wait(&all);
	return 0;
}

int main(void)
{
	return weft_run(app, NULL);
}
