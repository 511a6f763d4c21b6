/* SPDX-License-Identifier: MIT */
/* The scheduler in a line, each MS milliseconds, for WEFT_DEBUG=sched=MS.
 *
 * The monitor prints.  What it counts changes meanwhile, so the numbers of a line need not agree;
 * only the idle threads are counted under rt.lock, which is free again when the line is written:
 * who reads standard error late holds up the monitor, and no worker.
 */
#include "schedtrace.h"
#include "env.h"
#include "out.h"
#include "runq.h"

#include <unistd.h>

static int64_t every, began, due;

void rt_schedtrace_init(void)
{
	every = rt_env_debug("sched", 1, 1000 * 1000 * 1000, 0) * WEFT_MS;
	began = rt_now();
	due = every ? began + every : INT64_MAX;
}

/* They have no worker and sleep. */
static uint32_t idle_threads(void)
{
	uint32_t n;

	rt_lock(&rt.lock);
	n = rt.keeper != NULL;
	for (struct m *mp = rt.idle_threads; mp; mp = mp->next)
		n++;
	rt_unlock(&rt.lock);
	return n;
}

static uint32_t load(const uint32_t *n)
{
	return __atomic_load_n(n, __ATOMIC_RELAXED);
}

static void print(int64_t now)
{
	struct rt_out o;
	const char *space = "";

	rt_out_init(&o, STDERR_FILENO);
	rt_out(&o,
	       "weft: sched %lldms: workers=%u idle=%u threads=%u spinning=%u idlethreads=%u "
	       "detached=%u globalqueue=%u queues=[",
	       (now - began) / WEFT_MS, load(&rt.nactive), load(&rt.nidle), load(&rt.threads),
	       load(&rt.spinning), idle_threads(), load(&rt.detached), load(&rt.nglobq));
	for (uint32_t i = 0; i < rt_nworkers(); i++) {
		struct p *pp = &rt.workers[i];

		if (__atomic_load_n(&pp->removed, __ATOMIC_RELAXED))
			continue;
		rt_out(&o, "%s%u", space,
		       rt_runq_len(pp) + (__atomic_load_n(&pp->runnext, __ATOMIC_RELAXED) != NULL));
		space = " ";
	}
	rt_out(&o, "] goroutines=%zu\n", weft_count());
	rt_flush(&o);
}

int64_t rt_schedtrace(int64_t now)
{
	if (now >= due) {
		print(now);
		due = now + every;
	}
	return due;
}
