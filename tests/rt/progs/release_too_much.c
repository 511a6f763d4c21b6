/* SPDX-License-Identifier: MIT */
/* status: 2
 * says: weft: panic: release of 3 to a semaphore of which 2 are held
 * says: running at .*release_too_much.c:14
 */
#include <weft.h>

static int app(void *arg)
{
	weft_semaphore s = {.size = 3};

	(void)arg;
	weft_semaphore_acquire(&s, 2);
	weft_semaphore_release(&s, 3);
	return 0;
}

int main(void)
{
	return weft_run(app, NULL);
}
