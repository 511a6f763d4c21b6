/* SPDX-License-Identifier: MIT */
/* Where guards cost a mapping each, as before Linux 6.13, the kernel's limit on them is met with a
 * clear message.
 *
 * status: 2
 * says: weft: fatal: no stack for goroutine [0-9]+: its guard page cannot be made.*max_map_count
 * env: WEFT_DEBUG=guard=0
 * not under: address thread aarch64
 */
#include <weft.h>

static void wait(void *arg)
{
	weft_chan_recv(arg, NULL);
}

static int app(void *arg)
{
	weft_chan *never = weft_chan_make(1, 0);

	(void)arg;
	for (int i = 0; i < 200000; i++)
		weft_go_with(wait, never, .stack = 16 << 10);
	return 0;
}

int main(void)
{
	return weft_run(app, NULL);
}
