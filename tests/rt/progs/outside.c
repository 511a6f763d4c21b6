/* SPDX-License-Identifier: MIT */
/* status: 2
 * says: weft: fatal: weft_chan_send was called outside a goroutine; start with weft_run
 */
#include <weft.h>

int main(void)
{
	weft_chan_send(weft_chan_make(1, 1), "x");
	return 0;
}
