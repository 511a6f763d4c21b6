/* SPDX-License-Identifier: MIT */
/* Mutexes are waited for, unlocked, and their memory unmapped, while the check for deadlocks looks
 * at them as often as it can: it neither crashes nor says anything.
 *
 * env: WEFT_DEADLOCK=1ms
 * status: 0
 * silent
 */
#include <sys/mman.h>
#include <weft.h>

struct shared {
	weft_mutex mu;
	weft_rwmutex rw;
	weft_waitgroup left;
};

static void wants(void *arg)
{
	struct shared *s = arg;

	weft_mutex_lock(&s->mu);
	weft_mutex_unlock(&s->mu);
	weft_rwmutex_rlock(&s->rw);
	weft_rwmutex_runlock(&s->rw);
	weft_waitgroup_done(&s->left);
}

static void one_life(void)
{
	struct shared *s =
		mmap(NULL, sizeof *s, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	weft_waitgroup_add(&s->left, 4);
	weft_mutex_lock(&s->mu);
	weft_rwmutex_lock(&s->rw);
	for (int i = 0; i < 4; i++)
		weft_go(wants, s);
	weft_sleep(2 * WEFT_MS);
	weft_mutex_unlock(&s->mu);
	weft_sleep(2 * WEFT_MS);
	weft_rwmutex_unlock(&s->rw);
	weft_waitgroup_wait(&s->left);
	munmap(s, sizeof *s);
}

static int app(void *arg)
{
	int64_t until = weft_now() + 400 * WEFT_MS;

	(void)arg;
	while (weft_now() < until)
		one_life();
	return 0;
}

int main(void)
{
	return weft_run(app, NULL);
}
