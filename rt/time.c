/* SPDX-License-Identifier: MIT */
#include "sched.h"

static struct g *fire_sleeper(struct rt_timer *t)
{
	return t->arg;
}

static bool commit_start(struct g *gp, void *arg)
{
	(void)gp;
	rt_timer_start(&rt_self()->p->timers, arg);
	return true;
}

void weft_sleep_at(int64_t ns, weft_site *site)
{
	struct rt_timer t = {.fire = fire_sleeper};

	if (ns <= 0)
		return;
	t.arg = rt_enter("weft_sleep")->curg;
	t.when = rt_after(rt_now(), ns);
	rt_park(WAIT_sleep, NULL, site, commit_start, &t);
	rt_leave();
}
