/* SPDX-License-Identifier: MIT */
/* WaitGroups.
 *
 * wg->lock protects the queue, and the counter's way to zero: it falls to zero only under the lock,
 * and a waiter looks at it under the lock.  So when wait returns, the last add has left the memory
 * alone, and it may be freed.
 *
 * For the thread sanitizer what takes from the counter happens before the return of wait.  An add
 * from zero that a wait may miss is a race, also when it was in time: the add reads, and the first
 * that waits writes.
 */
#include "lock.h"
#include "throw.h"
#include "waitq.h"

static struct rt_spin *lock_of(weft_waitgroup *wg)
{
	return (struct rt_spin *)&wg->lock;
}

/* Add without the lock, if that does not lead to zero or below.  Acquire as well as release, as in
 * add_slow: the last add, which lets the waiters go, hands on what all before it released. */
static bool add_fast(weft_waitgroup *wg, int64_t delta)
{
	int64_t count = __atomic_load_n(&wg->count, __ATOMIC_RELAXED), sum;

	while (count > 0 && !__builtin_add_overflow(count, delta, &sum) && sum > 0)
		if (__atomic_compare_exchange_n(&wg->count, &count, sum, true, __ATOMIC_ACQ_REL,
						__ATOMIC_RELAXED))
			return true;
	return false;
}

/* Under the lock.  When recorded every add is, so the counter is still what it was. */
static bool set_count(weft_waitgroup *wg, int64_t *from, int64_t to)
{
	if (!rt_trace_on())
		return __atomic_compare_exchange_n(&wg->count, from, to, false, __ATOMIC_ACQ_REL,
						   __ATOMIC_RELAXED);
	__atomic_store_n(&wg->count, to, __ATOMIC_RELAXED);
	return true;
}

static void add_slow(weft_waitgroup *wg, int64_t delta, weft_site *site)
{
	int64_t count, sum;
	struct weft_waiter *waiters = NULL;

	rt_spin_lock(lock_of(wg));
	count = __atomic_load_n(&wg->count, __ATOMIC_RELAXED);
	do {
		if (__builtin_add_overflow(count, delta, &sum) || sum < 0) {
			rt_spin_unlock(lock_of(wg));
			rt_panic(site, "negative WaitGroup counter");
		}
		rt_trace(waitgroup_add, wg, rt_curg()->id, delta, sum, rt_trace_site(site));
	} while (!set_count(wg, &count, sum));
	if (sum == 0) {
		waiters = wg->q.head;
		wg->q = (weft_waitq){0};
	}
	rt_spin_unlock(lock_of(wg));
	rt_waitq_ready(waiters);
}

__attribute__((noinline)) static void add_entering(weft_waitgroup *wg, int64_t delta,
						   weft_site *site)
{
	rt_enter("weft_waitgroup_add");
	if (delta < 0)
		rt_release(wg);
	else if (delta > 0 && __atomic_load_n(&wg->count, __ATOMIC_RELAXED) == 0)
		rt_reads(&wg->lock, 1);
	if (rt_trace_on() || !add_fast(wg, delta))
		add_slow(wg, delta, site);
	rt_leave();
}

void weft_waitgroup_add_at(weft_waitgroup *wg, int64_t delta, weft_site *site)
{
	if (!rt_pass_quick(rt_quick_self(), true) || !add_fast(wg, delta))
		add_entering(wg, delta, site);
}

static bool commit_unlock(struct g *gp, void *arg)
{
	(void)gp;
	rt_spin_unlock(arg);
	return true;
}

void weft_waitgroup_wait_at(weft_waitgroup *wg, weft_site *site)
{
	struct weft_waiter w = {.g = NULL};
	bool parked;

	w.g = rt_enter("weft_waitgroup_wait")->curg;
	rt_spin_lock(lock_of(wg));
	parked = __atomic_load_n(&wg->count, __ATOMIC_ACQUIRE) > 0;
	if (parked && !wg->q.head)
		rt_writes(&wg->lock, 1);
	if (parked) {
		rt_waitq_push(&wg->q, &w);
		rt_park(WAIT_waitgroup_wait, wg, site, commit_unlock, lock_of(wg));
	} else {
		rt_spin_unlock(lock_of(wg));
	}
	rt_acquire(wg);
	rt_trace(waitgroup_wait, wg, w.g->id, parked, rt_trace_site(site));
	rt_leave();
}
