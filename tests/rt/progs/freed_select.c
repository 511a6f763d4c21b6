/* SPDX-License-Identifier: MIT */
/* A select of channels of which one was freed.
 *
 * only under: debug
 * status: 2
 * says: ^weft: fatal: weft_select of the channel 0x[0-9a-f]+, which was freed$
 * says: ^    made at .*freed_select.c:14 by goroutine 1$
 */
#include <weft.h>

static int app(void *arg)
{
	weft_chan *a = weft_chan_make(1, 1);
	weft_chan *b = weft_chan_make(1, 1);

	(void)arg;
	weft_chan_unref(b);
	weft_select(weft_on_recv(a, NULL), weft_on_recv(b, NULL), weft_on_default());
	return 0;
}

int main(void)
{
	return weft_run(app, NULL);
}
