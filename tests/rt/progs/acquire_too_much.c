/* SPDX-License-Identifier: MIT */
/* status: 2
 * says: weft: panic: acquire of 4 from a semaphore of 3
 * says: running at .*acquire_too_much.c:13
 */
#include <weft.h>

static int app(void *arg)
{
	weft_semaphore s = {.size = 3};

	(void)arg;
	weft_semaphore_acquire(&s, 4);
	return 0;
}

int main(void)
{
	return weft_run(app, NULL);
}
