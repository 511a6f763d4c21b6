/* SPDX-License-Identifier: MIT */
/* status: 2
 * says: weft: fatal: no memory for a channel of 2 elements of 18446744073709551615 bytes
 * says: running at .*absurd_chan_size.c:[0-9]
 */
#include <weft.h>

static int app(void *arg)
{
	(void)arg;
	weft_chan_make((size_t)-1, 2);
	return 0;
}

int main(void)
{
	return weft_run(app, NULL);
}
