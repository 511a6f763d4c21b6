/* SPDX-License-Identifier: MIT */
/* An inversion: what is urgent waits in the same queue as what is not.
 *
 * Run:   build/weft record -o run.db -- build/examples/bottlenecks/inversion && build/weft why
 * run.db alarm Look:  alarm waits to send to requests, or for its answer, while store works through
 * what batch had put there before. Mend:  a channel of its own for what is urgent, which store
 * looks at first.
 */
#include <stdio.h>
#include <weft.h>

enum { BATCHES = 3, ITEMS = 12, ALARMS = 5 };
struct request {
	weft_chan *answer; /* NULL: nobody waits for it */
};
typedef weft_chan_of(struct request) request_chan;
static request_chan requests;
static weft_waitgroup all;

static void store(void *arg)
{
	int ok = 1;

	(void)arg;
	weft_range(requests, r) {
		weft_sleep(5 * WEFT_MS); // the bottleneck
		if (r.answer)
			weft_chan_send(r.answer, &ok);
	}
}

static void batch(void *arg)
{
	(void)arg;
	for (int i = 0; i < ITEMS; i++)
		weft_send(requests, (struct request){NULL});
	weft_waitgroup_done(&all);
}

static void alarm(void *arg)
{
	weft_chan *answer = weft_chan_make(sizeof(int), 0);
	int ok;

	(void)arg;
	weft_name(answer, "answer");
	for (int i = 0; i < ALARMS; i++) {
		weft_sleep(5 * WEFT_MS);
		weft_send(requests, (struct request){answer});
		weft_chan_recv(answer, &ok);
	}
	weft_chan_unref(answer);
	weft_waitgroup_done(&all);
}

static int app(void *arg)
{
	(void)arg;
	requests = weft_make(request_chan, 8);
	weft_name(requests.chan, "requests");
	weft_waitgroup_add(&all, BATCHES + 1);
	weft_go(store, NULL);
	for (int i = 0; i < BATCHES; i++)
		weft_go(batch, NULL);
	weft_go(alarm, NULL);
	weft_waitgroup_wait(&all);
	return printf("%d alarms\n", ALARMS) < 0;
}

int main(void)
{
	return weft_run(app, NULL);
}
