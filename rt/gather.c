/* SPDX-License-Identifier: MIT */
/* Timers that are soon due wait for each other.
 *
 * To wake for a timer costs 20 us of cpu, and to look on until the next is due all of the time in
 * between.  So where a worker has nothing to run, and sixteen or more are due within GATHER_NS, all
 * are seen to at its end, by one worker: its heap and those of idle workers put off what
 * rt_timers_next says.  Where many more are due it is busy with them for a quarter of the time and
 * more, and looks on between.  benchmarks/RESULTS.md has what else was tried for 200,000 sleeps a
 * second.
 *
 * Nobody is put off twice: until rt.gathered has come, what is put off is put off to then.  Others
 * are woken for those that are still in a heap GATHER_NS later (the monitor looks), for one of them
 * may compute. */
#include "thread.h"

enum { GATHER_NS = 800000, GATHER_LEAST = 16, GATHER_MOST = 200, COUNT_NS = GATHER_NS / 4 };

/* Its own timers, and those of workers that are idle. */
static bool keeps(const struct p *pp, const struct p *other)
{
	return other == pp || !__atomic_load_n(&other->m, __ATOMIC_RELAXED);
}

/* How many are due by then: enough to wait for, and not too many. */
static bool worth_it(struct p *pp, int64_t then)
{
	unsigned n = 0;

	for (uint32_t i = 0; i < rt_nworkers(); i++)
		if (keeps(pp, &rt.workers[i]))
			n = rt_timers_count(&rt.workers[i].timers, then, n, GATHER_MOST);
	return n >= GATHER_LEAST && n <= GATHER_MOST;
}

bool rt_timers_gather(struct p *pp, int64_t now)
{
	int64_t then = __atomic_load_n(&rt.gathered, __ATOMIC_RELAXED), first = rt_timers_first();

	if (first <= now)
		return false;
	if (then <= now) {
		then = now + GATHER_NS;
		if (first > then || now < pp->counted + COUNT_NS)
			return false;
		pp->counted = now;
		if (!worth_it(pp, then))
			return false;
		__atomic_store_n(&rt.gathered, then, __ATOMIC_RELAXED);
	}
	for (uint32_t i = 0; i < rt_nworkers(); i++)
		if (keeps(pp, &rt.workers[i]))
			rt_timers_put_off(&rt.workers[i].timers, then);
	return true;
}

bool rt_timers_want_more(int64_t next, int64_t now)
{
	return next <= now && now >= __atomic_load_n(&rt.gathered, __ATOMIC_RELAXED) + GATHER_NS;
}
