/* SPDX-License-Identifier: MIT */
/* A pointer that is no channel, to memory that is there.
 *
 * only under: debug
 * status: 2
 * says: ^weft: fatal: weft_chan_recv of 0x[0-9a-f]+, which is nothing of the kind, or was freed long ago$
 * says: ^goroutine 1 \(app\): running at .*freed_never.c:16$
 */
#include <weft.h>

static char memory[4096] __attribute__((aligned(64)));

static int app(void *arg)
{
	(void)arg;
	weft_chan_recv((weft_chan *)memory, NULL);
	return 0;
}

int main(void)
{
	return weft_run(app, NULL);
}
