/* SPDX-License-Identifier: MIT */
/* Waiting for no event.
 *
 * status: 2
 * says: weft: panic: weft_wait_fd for events 0
 */
#include <weft.h>

static int app(void *arg)
{
	(void)arg;
	return weft_wait_fd(0, 0, -1);
}

int main(void)
{
	return weft_run(app, NULL);
}
