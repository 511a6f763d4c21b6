/* SPDX-License-Identifier: MIT */
#include "report.h"
#include "out.h"
#include "sched.h"

enum { SHOWN = 100 }; /* goroutines in a report; of more it says how many */

struct tally {
	struct rt_out *o;
	uint64_t except;
	size_t shown, more;
};

static void print_duration(struct rt_out *o, int64_t ns)
{
	if (ns < 10 * WEFT_MS)
		rt_out(o, "less than 10 ms"); // the monitor's clock is no finer
	else if (ns < 10 * WEFT_S)
		rt_out(o, "%ld ms", (long)(ns / WEFT_MS));
	else
		rt_out(o, "%ld s", (long)(ns / WEFT_S));
}

void rt_print_site(struct rt_out *o, const char *before, const weft_site *site)
{
	if (site)
		rt_out(o, "%s%s:%u", before, site->file, site->line);
}

static void print_wait(struct rt_out *o, const struct g *gp)
{
	char about[256];

	rt_out(o, "waiting in %s", rt_wait_phrase(gp->why));
	rt_print_site(o, " at ", gp->wait_site);
	rt_out(o, " for ");
	print_duration(o, rt_now() - gp->since);
	if (gp->obj && rt_describe(gp->why, gp->obj, about, sizeof about))
		rt_out(o, ",\n    for %s", about);
}

void rt_print_g(struct rt_out *o, const struct g *gp)
{
	static const char *const states[] = {"", "runnable", "running", "running without a worker"};
	uint32_t status = __atomic_load_n(&gp->status, __ATOMIC_RELAXED);

	rt_out(o, "\ngoroutine %lu (%s): ", (unsigned long)gp->id, rt_g_label(gp));
	if (status == G_WAITING)
		print_wait(o, gp);
	else
		rt_out(o, "%s", states[status]);
	if (gp->parent)
		rt_out(o, "\n    spawned by goroutine %lu", (unsigned long)gp->parent);
	else
		rt_out(o, "\n    started");
	rt_print_site(o, " at ", gp->site);
	rt_out(o, "\n");
}

static bool print_one(void *top, void *arg)
{
	const struct g *gp = rt_g_at(top);
	struct tally *t = arg;

	if (__atomic_load_n(&gp->status, __ATOMIC_RELAXED) == G_DEAD || gp->id == t->except)
		return true;
	if (t->shown == SHOWN) {
		t->more++;
		return true;
	}
	t->shown++;
	rt_print_g(t->o, gp);
	return true;
}

void rt_print_goroutines(struct rt_out *o, uint64_t except)
{
	struct tally t = {o, except, 0, 0};

	rt_stack_each(print_one, &t);
	if (t.more)
		rt_out(o, "\n... and %zu more goroutines\n", t.more);
}
