/* SPDX-License-Identifier: MIT */
/* status: 2
 * says: weft: panic: send on the channel of a timer
 * says: running at .*select_send_on_timer.c:[0-9]
 */
#include <weft.h>

static int app(void *arg)
{
	(void)arg;
	weft_select(weft_on_send(weft_after(0), &(int64_t){1}), weft_on_default());
	return 0;
}

int main(void)
{
	return weft_run(app, NULL);
}
