/* SPDX-License-Identifier: MIT */
/* The owner of a lock waits for what may never come, while others run.
 *
 * env: WEFT_DEADLOCK=50ms
 * status: 0
 * once: ^weft: possible deadlock: goroutine 3 \(wants\) waits for the mutex "db", which goroutine 2 \(holds\) holds while it waits itself, in chan receive at .* for channel "jobs" \(0 of 0 buffered\); both wait for somebody to send$
 * once: ^goroutine 3 \(wants\): waiting in mutex lock at
 * once: ^goroutine 2 \(holds\): waiting in chan receive at
 * never: fatal
 */
#include "hear.h"

#include <weft.h>

static weft_mutex db;
static weft_chan *jobs;
static weft_waitgroup held, done;

static void holds(void *arg)
{
	(void)arg;
	weft_mutex_lock(&db);
	weft_waitgroup_done(&held);
	weft_chan_recv(jobs, NULL);
	weft_mutex_unlock(&db);
	weft_waitgroup_done(&done);
}

static void wants(void *arg)
{
	(void)arg;
	weft_mutex_lock(&db);
	weft_waitgroup_done(&done);
}

static int app(void *arg)
{
	(void)arg;
	hear_begin();
	jobs = weft_chan_make(0, 0);
	weft_name(jobs, "jobs");
	weft_name(&db, "db");
	weft_waitgroup_add(&held, 1);
	weft_waitgroup_add(&done, 2);
	weft_go(holds, NULL);
	weft_waitgroup_wait(&held);
	weft_go(wants, NULL);
	hear("goroutine 2 (holds): ");
	weft_sleep(300 * WEFT_MS);
	weft_chan_send(jobs, NULL);
	weft_waitgroup_wait(&done);
	hear_end();
	return 0;
}

int main(void)
{
	return weft_run(app, NULL);
}
