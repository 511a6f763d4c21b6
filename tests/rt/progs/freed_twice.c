/* SPDX-License-Identifier: MIT */
/* One reference, dropped twice.
 *
 * only under: debug
 * status: 2
 * says: ^weft: fatal: weft_chan_unref of the channel 0x[0-9a-f]+, which was freed$
 * says: ^    made at .*freed_twice.c:17 by goroutine 1$
 * says: ^    freed, with its last reference, by goroutine 1 \(app\)$
 */
#include <weft.h>

static int app(void *arg)
{
	weft_chan *c;

	(void)arg;
	c = weft_chan_make(1, 0);
	weft_chan_unref(c);
	weft_chan_unref(c);
	return 0;
}

int main(void)
{
	return weft_run(app, NULL);
}
