/* SPDX-License-Identifier: MIT */
/* Two goroutines, one variable, nothing between them; with one worker too it is a race.
 *
 * only under: thread
 * status: 66
 * says: WARNING: ThreadSanitizer: data race
 * says: bump .*racy_counter.c:15
 */
#include <weft.h>

static int n;

static void bump(void *arg)
{
	n++;
	weft_waitgroup_done((weft_waitgroup *)arg);
}

static int app(void *arg)
{
	weft_waitgroup wg = {0};

	(void)arg;
	weft_waitgroup_add(&wg, 2);
	weft_go(bump, &wg);
	weft_go(bump, &wg);
	weft_waitgroup_wait(&wg);
	return 0;
}

int main(void)
{
	return weft_run(app, NULL);
}
