/* SPDX-License-Identifier: MIT */
/* The lives of reference-counted objects, in the debug build (make DEBUG=1): who made one and who
 * dropped its last reference.  What is freed stays a while in quarantine, full of POISON, and to
 * use it there is fatal.  In other builds all of this is nothing.
 *
 * An object that takes part has RT_LIFE among its fields.  It is rt_born when its fields are set;
 * each function of the API that is given it calls rt_used before it looks at another field; it has
 * rt_died when the last reference is gone, and is given to rt_bury instead of free.
 */
#ifndef RT_LIFE_H
#define RT_LIFE_H

#include "waitq.h"

#include <stdlib.h>

#ifdef WEFT_DEBUG_BUILD

enum { RT_FREED_AT = 8 }; /* calls of who freed it that are remembered */

struct rt_life {
	uint32_t state; /* RT_ALIVE or RT_DEAD: what else it is was never an object, or long ago;
			   atomic */
	const void *obj;
	const char *kind; /* "channel" */
	const weft_site *made;
	uint64_t maker, freer; /* goroutines, 0: none */
	char name[32], freer_name[32];
	void *at[RT_FREED_AT];

	struct rt_life *next; /* in quarantine */
	void *mem;
};

#define RT_ALIVE 0x0a11feedu
#define RT_DEAD 0xdeadca11u

void rt_life_begin(struct rt_life *l, const void *obj, const char *kind, const weft_site *site);
void rt_life_end(struct rt_life *l);
void rt_life_bury(struct rt_life *l, void *mem);
/* Fatal: nobody may wait for what dies. */
void rt_life_awaited(const struct rt_life *l, const struct weft_waiter *w);
/* Fatal: `what` was given what is not alive. */
void rt_life_misused(const struct rt_life *l, const void *obj, const char *what,
		     const weft_site *site);

static inline void rt_life_used(const struct rt_life *l, const void *obj, const char *what,
				const weft_site *site)
{
	if (__atomic_load_n(&l->state, __ATOMIC_RELAXED) != RT_ALIVE)
		rt_life_misused(l, obj, what, site);
}

#define RT_LIFE struct rt_life life;
#define RT_LIFE_FOR_EVER .life = {.state = RT_ALIVE}
#define rt_born(o, kind, site) rt_life_begin(&(o)->life, (o), (kind), (site))
#define rt_used(o, what, site) rt_life_used(&(o)->life, (o), (what), (site))
#define rt_died(o) rt_life_end(&(o)->life)
#define rt_bury(o, mem) rt_life_bury(&(o)->life, (mem))
#define rt_unawaited(o, q)                                                                         \
	do {                                                                                       \
		if ((q)->head)                                                                     \
			rt_life_awaited(&(o)->life, (q)->head);                                    \
	} while (0)

#else

#define RT_LIFE
#define RT_LIFE_FOR_EVER
#define rt_born(o, kind, site) ((void)0)
#define rt_used(o, what, site) ((void)0)
#define rt_died(o) ((void)0)
#define rt_bury(o, mem) free(mem)
#define rt_unawaited(o, q) ((void)0)

#endif

#endif
