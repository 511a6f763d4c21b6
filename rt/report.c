/* SPDX-License-Identifier: MIT */
#include "report.h"
#include "sched.h"

#include <stdio.h>

enum { SHOWN = 100 }; /* goroutines in a report; of more it says how many */

struct tally {
	uint64_t except;
	size_t shown, more;
};

static void print_duration(int64_t ns)
{
	if (ns < 10 * WEFT_MS)
		fputs("less than 10 ms", stderr); // the monitor's clock is no finer
	else if (ns < 10 * WEFT_S)
		fprintf(stderr, "%ld ms", (long)(ns / WEFT_MS));
	else
		fprintf(stderr, "%ld s", (long)(ns / WEFT_S));
}

void rt_print_site(const char *before, const weft_site *site)
{
	if (site)
		fprintf(stderr, "%s%s:%u", before, site->file, site->line);
}

static void print_wait(const struct g *gp)
{
	char about[256];

	fprintf(stderr, "waiting in %s", rt_wait_phrase(gp->why));
	rt_print_site(" at ", gp->wait_site);
	fputs(" for ", stderr);
	print_duration(rt_now() - gp->since);
	if (gp->obj && rt_describe(gp->why, gp->obj, about, sizeof about))
		fprintf(stderr, ",\n    for %s", about);
}

static bool print_g(void *top, void *arg)
{
	static const char *const states[] = {"", "runnable", "running", "running without a worker"};
	const struct g *gp = rt_g_at(top);
	uint32_t status = __atomic_load_n(&gp->status, __ATOMIC_RELAXED);
	struct tally *t = arg;

	if (status == G_DEAD || gp->id == t->except)
		return true;
	if (t->shown == SHOWN) {
		t->more++;
		return true;
	}
	t->shown++;
	fprintf(stderr, "\ngoroutine %lu (%s): ", gp->id, rt_g_label(gp));
	if (status == G_WAITING)
		print_wait(gp);
	else
		fputs(states[status], stderr);
	if (gp->parent)
		fprintf(stderr, "\n    spawned by goroutine %lu", gp->parent);
	else
		fputs("\n    started", stderr);
	rt_print_site(" at ", gp->site);
	fputc('\n', stderr);
	return true;
}

void rt_print_goroutines(uint64_t except)
{
	struct tally t = {except, 0, 0};

	rt_stack_each(print_g, &t);
	if (t.more)
		fprintf(stderr, "\n... and %zu more goroutines\n", t.more);
}
