/* SPDX-License-Identifier: MIT */
/* Tasks that nest and span goroutines, regions, messages and counters; and channels that are freed
 * by whoever completes another's receive. */
#include <weft.h>

static void part(void *arg)
{
	weft_log("part", "number %d", 7);
	weft_counter("parts", 1);
	weft_waitgroup_done((weft_waitgroup *)arg);
}

static void receiver(void *arg)
{
	weft_chan_recv(arg, NULL);
}

static int app(void *arg)
{
	weft_waitgroup wg = {0};
	uint64_t outer, inner;

	(void)arg;
	outer = weft_task_begin("outer");
	inner = weft_task_begin("inner");
	weft_waitgroup_add(&wg, 1);
	weft_go(part, &wg);
	weft_waitgroup_wait(&wg);
	weft_task_end(inner);
	weft_region_begin("after inner");
	weft_region_begin("within");
	weft_region_end();
	weft_region_end();
	weft_task_end(outer);
	weft_counter("parts", 0);
	weft_counter("least", INT64_MIN);
	weft_log("none", "outside");
	for (int i = 0; i < 100; i++) {
		weft_chan *c = weft_chan_make(1, 0);

		weft_go(receiver, c);
		weft_chan_send(c, "x");
		weft_chan_unref(c);
	}
	return 0;
}

int main(void)
{
	return weft_run(app, NULL);
}
