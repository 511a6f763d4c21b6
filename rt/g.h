/* SPDX-License-Identifier: MIT */
/* Goroutines as data: the record, the stack, and their lives from spawn to reuse.
 *
 * A struct g is never unmapped; it is dead or alive, and reused.  While alive it is owned by who
 * may run it: the run queue it is in, the worker that runs it, the wait queue it is parked in.  It
 * gets a stack when it first runs, and gives it back when it ends: of a million that were spawned
 * and have not run yet each costs a record.
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

enum g_status { G_RUNNABLE = 0, G_RUNNING, G_DETACHED, G_WAITING, G_DEAD };

/* What nobody uses: in a list of a worker's, or in one of a chain of lists, so that many change
 * hands without a look at each, which another cpu has had last. */
struct spare {
	struct spare *next;
	struct spare *chain; /* the next list, in the first of one */
	uint64_t chained;    /* how many are in this one */
};

/* A worker's, the last first: at most RT_SPARES, and half are given to all when there are more. */
enum { RT_SPARES = 64 };
struct spares {
	struct spare *head;
	int n;
};

/* NULL if it has none. */
static inline struct spare *rt_spare_pop(struct spares *own)
{
	struct spare *sp = own->head;

	if (sp) {
		own->head = sp->next;
		own->n--;
	}
	return sp;
}

/* False if there are too many now. */
static inline bool rt_spare_push(struct spares *own, struct spare *sp)
{
	sp->next = own->head;
	own->head = sp;
	return ++own->n <= RT_SPARES;
}

enum { RT_READS = 4 };

/* A stack, and what only a goroutine that has one needs: at the stack's top. */
struct g_stack {
	struct spare spare;
	char *lo;      /* the stack is [lo, rt_stack_top) */
	uint8_t log2;  /* of its size, rounded */
	bool named;    /* what follows is empty when a goroutine begins */
	bool exiting;  /* in weft_exit */
	bool usual;    /* of the default size; constant, too */
	uint32_t pins; /* how often it is pinned; see pin.c */

	/* Panics, see panic.c. */
	weft_deferred *deferred; /* what is to run when scopes are left, the innermost first */
	struct rt_panic *panic;	 /* that it is in, the last first */

	struct rt_local *locals; /* see local.c */

	/* The RWMutexes that it has for reading, as far as there is room; for reports. */
	const weft_rwmutex *reads[RT_READS];

	char name[32]; /* empty if it is not named */
};

/* A goroutine is alive while it has an id.  Two cache lines: who spawns one writes only the second,
 * which mostly comes from another cpu, and who switches to one that waited reads only the first,
 * which a goroutine that ends leaves as the next one needs it. */
struct g {
	struct context ctx;    /* without a stack pointer until it has a stack */
	struct g_stack *stack; /* NULL until it runs; atomic: reports follow it */
	/* The thread that it is pinned to, or NULL: see pin.c.  Only the goroutine itself changes
	 * it, and who took it from a queue looks. */
	struct m *pinned;
	uint32_t status; /* enum g_status; relaxed: only reports read it from outside */

	/* The last wait, for reports. */
	enum wait why;
	const void *obj;
	const weft_site *wait_site;
	int64_t since; /* rt_coarse_now() when it began */

	uint32_t nreads; /* RWMutexes that it has for reading */
	uint32_t nlocals;

	uint64_t id;	 /* 0: it is dead.  As status */
	struct g *next;	 /* in the one queue that it is in */
	weft_site *site; /* where it was spawned */
	union {
		struct {
			void (*fn)(void *arg);
			void *arg;
			uint64_t parent;
		};
		struct spare spare; /* while dead */
	};
	uint64_t task;		    /* of the user's marks */
	union {			    /* of the last wait, too */
		const void *select; /* WAIT_select: see rt_select_look */
		const void *call;   /* WAIT_flight_do: see flight.h */
	};
};

static inline struct g *rt_g_of(struct spare *sp)
{
	return (struct g *)((char *)sp - offsetof(struct g, spare));
}

/* Where its frames begin.  The thread sanitizer wants whole pages: rt_context_make maps them anew.
 */
static inline char *rt_stack_top(const struct g_stack *st)
{
	return (char *)st - (WEFT_TSAN ? (uintptr_t)st & 4095 : 0);
}

/* gp's stack, if `at` is on it, else NULL. */
static inline const struct g_stack *rt_on_stack(const struct g *gp, const void *at)
{
	const struct g_stack *st = __atomic_load_n(&gp->stack, __ATOMIC_RELAXED);

	return st && at >= (void *)st->lo && at < (void *)st ? st : NULL;
}

/* A worker's dead goroutines, and its free stacks of the default size. */
struct rt_dead {
	struct spares gs, stacks;
};

/* A goroutine's record, and a stack of `size` (rounded) for it, when the worker has none; it gets
 * some more, too, of stacks that are new `most` in all.  `own` may be NULL.  NULL with *why set if
 * there is no memory. */
struct g *rt_g_new(struct rt_dead *own, const char **why);
struct g_stack *rt_g_stack_new(struct rt_dead *own, size_t size, int most, const char **why);
/* See to it that the worker has a stack, if there is memory; of new ones it gets at most `most`. */
void rt_g_stack_keep(struct rt_dead *own, int most);
/* It has ended and nothing runs on its stack. */
void rt_g_free(struct rt_dead *own, struct g *gp);

/* Call f for every record that was ever used, until it returns false. */
void rt_g_each(bool (*f)(struct g *gp, void *arg), void *arg);

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
