/* SPDX-License-Identifier: MIT */
/* Panics.  A goroutine may be in several: a function deferred in one began the next. */
#include "state.h"

#include <inttypes.h>
#include <stdlib.h>

static void panic_end(struct model *md, struct g *gp, const char *how, int64_t end, int64_t trap)
{
	struct panic *p = gp->panics;

	db_put(md->db, panic, .id = p->id, .ts = p->ts, .dur = end == NONE ? NONE : end - p->ts,
	       .g = gp->g, .message = p->message, .how = how, .site = p->site, .trap = trap,
	       .stack = p->stack);
	gp->panics = p->outer;
	free(p->message);
	free(p);
}

void on_panic_begin(struct model *md, const struct record *r)
{
	struct g *gp = g_of(md, r->panic_begin.g);
	struct panic *p;

	if (!gp)
		return;
	p = need(sizeof *p);
	*p = (struct panic){.outer = gp->panics,
			    .id = md->id,
			    .ts = md->now,
			    .site = number_site(md, r->panic_begin.site),
			    .stack = number_stack(md, r->panic_begin.stack),
			    .message = need_text(r->panic_begin.message)};
	gp->panics = p;
}

void on_panic_trap(struct model *md, const struct record *r)
{
	struct g *gp = g_of(md, r->panic_trap.g);
	uint64_t n = r->panic_trap.ended;

	for (; gp && n && gp->panics; n--)
		panic_end(md, gp, "trap", md->now, number_site(md, r->panic_trap.site));
	if (n && !md->proc->lost)
		anomaly(md, gp, NULL, "goroutine %" PRId64 " traps a panic that it is not in",
			number_g(md, r->panic_trap.g));
}

void panics_end(struct model *md, struct g *gp, bool exited)
{
	while (gp->panics)
		panic_end(md, gp, exited ? "exit" : NULL, exited ? md->now : NONE, NONE);
}
