/* SPDX-License-Identifier: MIT */
/* Goroutines that are pinned to their thread.
 *
 * gp->pinned == mp and mp->pinned == gp hold from weft_pin to the last weft_unpin, and both are
 * changed by the goroutine, in the runtime, on that thread.  So the thread knows without a lock
 * that it may run no other, and whoever takes the goroutine from a queue, after which it has what
 * the goroutine did before, sees whose it is.  The rest is in sched.c: a pinned goroutine that
 * leaves its stack goes to its thread's own, where the thread gives its worker up and sleeps;
 * whoever takes the goroutine from a queue hands its own worker over to that thread.
 */
#include "sched.h"
#include "throw.h"

void weft_pin_at(weft_site *site)
{
	struct m *mp = rt_enter("weft_pin");
	struct g *gp = mp->curg;

	gp->pins++;
	gp->pinned = mp;
	mp->pinned = gp;
	rt_trace_g_pin(gp->id, gp->pins, rt_trace_site(site));
	rt_leave();
}

void weft_unpin_at(weft_site *site)
{
	struct m *mp = rt_enter_unlock("weft_unpin");
	struct g *gp = mp->curg;

	if (!gp->pins)
		rt_panic(site, "weft_unpin of a goroutine that is not pinned");
	rt_trace_g_unpin(gp->id, gp->pins - 1, rt_trace_site(site));
	if (gp->pins == 1)
		rt_pin_end(mp, gp);
	else
		gp->pins--;
	rt_leave();
}

void rt_pin_end(struct m *mp, struct g *gp)
{
	gp->pins = 0;
	gp->pinned = NULL;
	mp->pinned = NULL;
}
