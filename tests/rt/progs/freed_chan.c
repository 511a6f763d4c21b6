/* SPDX-License-Identifier: MIT */
/* A goroutine drops the last reference to a channel that another goes on to use.
 *
 * only under: debug
 * status: 2
 * says: ^weft: fatal: weft_chan_send of the channel 0x[0-9a-f]+ "jobs", which was freed$
 * says: ^    made at .*freed_chan.c:29 by goroutine 1$
 * says: ^    freed, with its last reference, by goroutine 2 \(careless one\)$
 * says: ^ +/[^ ]+/freed_chan\+0x[0-9a-f]+$
 * says: ^goroutine 1 \(app\): running at .*freed_chan.c:34$
 */
#include <weft.h>

static weft_chan *jobs;
static weft_waitgroup wg;

static void careless(void *arg)
{
	(void)arg;
	weft_chan_unref(jobs);
	weft_waitgroup_done(&wg);
}

static int app(void *arg)
{
	int job = 1;

	(void)arg;
	jobs = weft_chan_make(sizeof(int), 4);
	weft_name(jobs, "jobs");
	weft_waitgroup_add(&wg, 1);
	weft_go_with(careless, NULL, .name = "careless one");
	weft_waitgroup_wait(&wg);
	weft_chan_send(jobs, &job);
	return 0;
}

int main(void)
{
	return weft_run(app, NULL);
}
