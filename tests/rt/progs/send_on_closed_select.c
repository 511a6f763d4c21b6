/* SPDX-License-Identifier: MIT */
/* status: 2
 * says: weft: panic: send on closed channel
 * says: goroutine 1 \(app\): running at .*send_on_closed_select.c:17
 */
#include <weft.h>

static int app(void *arg)
{
	weft_chan *c = weft_chan_make(1, 0), *never = weft_chan_make(1, 0);
	char v = 0;

	(void)arg;
	weft_chan_close(c);
	/* One line, the place that is reported. */
	weft_case cases[] = {weft_on_send(c, &v), weft_on_recv(never, &v)};
	weft_select_cases(cases, 2);
	return 0;
}

int main(void)
{
	return weft_run(app, NULL);
}
