/* SPDX-License-Identifier: MIT */
/* Two goroutines, one variable, nothing between them but what orders nothing (relaxed); with one
 * worker too it is a race.
 *
 * only under: thread
 * status: 66
 * says: WARNING: ThreadSanitizer: data race
 * says: bump .*racy_counter.c:21
 * says: Thread T[0-9]+ 'goroutine [23] \(bump\) of racy_counter.c:2[89]'
 */
#include <weft.h>

static int n, turn;

static void bump(void *arg)
{
	int mine = (int)(intptr_t)arg;

	while (__atomic_load_n(&turn, __ATOMIC_RELAXED) != mine)
		weft_yield();
	n++;
	__atomic_store_n(&turn, mine + 1, __ATOMIC_RELAXED);
}

static int app(void *arg)
{
	(void)arg;
	weft_go(bump, (void *)0);
	weft_go(bump, (void *)1);
	while (__atomic_load_n(&turn, __ATOMIC_RELAXED) != 2)
		weft_yield();
	return 0;
}

int main(void)
{
	return weft_run(app, NULL);
}
