/* SPDX-License-Identifier: MIT */
/* Goroutines as data: the record, its states, its life from spawn to reuse.
 *
 * A struct g lives at the top of its stack and is never unmapped; it is dead or alive, and reused
 * with the stack.  While alive it is owned by who may run it: the run queue it is in, the worker
 * that runs it, the wait queue it is parked in.
 */
#ifndef RT_G_H
#define RT_G_H

#include "arch/switch.h"
#include "stack.h"
#include "weft.h"

enum wait {
	WAIT_none = 0,
#define WAIT(name, phrase, doc) WAIT_##name,
#include "waits.def"
#undef WAIT
};

enum g_status { G_DEAD = 0, G_RUNNABLE, G_RUNNING, G_DETACHED, G_WAITING };

enum { RT_READS = 4 };

struct g {
	struct context ctx;
	struct g *next; /* in the one queue or list that it is in */
	/* The thread that it is pinned to, or NULL: see pin.c.  Only the goroutine itself changes
	 * it, and who took it from a queue looks. */
	struct m *pinned;
	uint64_t id;
	uint32_t status; /* enum g_status; relaxed: only reports read it from outside */

	/* The last wait, for reports. */
	enum wait why;
	const void *obj;
	const weft_site *wait_site;
	int64_t since; /* rt_coarse_now() when it began */

	/* What a goroutine begins and ends with is in this cache line and the first. */
	void (*fn)(void *arg);
	union {
		void *arg;
		struct g *chain; /* while dead: see g.c */
	};
	weft_site *site; /* where it was spawned */
	union {
		uint64_t parent;
		uint64_t chained;
	};
	uint64_t task;	 /* of the user's marks */
	uint32_t nreads; /* see reads; 0 when it begins, as what follows */
	uint32_t nlocals;
	uint32_t pins; /* how often it is pinned; see pin.c */
	uint8_t log2;  /* of its stack's size, rounded; constant */
	bool exiting;  /* in weft_exit */
	bool named;

	union {			    /* of the last wait, too */
		const void *select; /* WAIT_select: see rt_select_look */
		const void *call;   /* WAIT_flight_do: see flight.h */
	};

	/* Panics, see panic.c; empty when it begins. */
	weft_deferred *deferred; /* what is to run when scopes are left, the innermost first */
	struct rt_panic *panic;	 /* that it is in, the last first */

	struct rt_local *locals; /* see local.c; NULL when it begins */

	/* The RWMutexes that it has for reading, as far as there is room; for reports.  nreads
	 * counts also those for which there was none. */
	const weft_rwmutex *reads[RT_READS];

	char name[32]; /* empty if it is not named */
	char *lo;      /* its stack: [lo, rt_g_top) */
};

/* The record at the top of a stack; dead, with id 0, when the stack was never used.  They are
 * offset against each other: all at the same place in a page, a few hundred would fill the sets of
 * the cache that they compete for (128 in one of 512 KiB with 8 ways).  rt/weft-gdb.py knows it
 * too. */
static inline struct g *rt_g_at(void *top)
{
	uintptr_t at = (uintptr_t)top, colour = ((at >> 13 ^ at >> 17) & 15) * 192;

	return (struct g *)((at - sizeof(struct g) - colour) & ~(uintptr_t)63);
}

/* Where its stack begins.  The thread sanitizer wants whole pages: rt_context_make maps them anew.
 */
static inline char *rt_g_top(struct g *gp)
{
	return (char *)gp - (WEFT_TSAN ? (uintptr_t)gp & 4095 : 0);
}

/* A list of dead goroutines of one stack size, first in last out. */
struct g_list {
	struct g *head;
	int n;
};

static inline struct g *rt_g_pop(struct g_list *l)
{
	struct g *gp = l->head;

	if (gp) {
		l->head = gp->next;
		l->n--;
	}
	return gp;
}

/* A goroutine with a stack of `size` (rounded), from all; `cache` (a worker's own, of default-sized
 * ones, which is empty; or NULL) gets some, too.  NULL with *why set if there is no memory. */
struct g *rt_g_new(struct g_list *cache, size_t size, const char **why);
/* It has ended and nothing runs on its stack. */
void rt_g_free(struct g_list *cache, struct g *gp);

/* Give stacks of dead goroutines back to the kernel that nobody has needed for a while, but a few.
 * For a moment; to be called again and again, by the monitor: true if there are more to give back.
 * `eager`: at once, and all. */
bool rt_g_trim(int64_t now, bool eager);

/* The function or name to call it by, never NULL. */
const char *rt_g_label(const struct g *gp);
const char *rt_wait_phrase(enum wait why);

/* The default stack size. */
extern size_t rt_stack_default;

#endif
