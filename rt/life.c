/* SPDX-License-Identifier: MIT */
/* Of the debug build only; life.h says what for. */
#include "life.h"

#ifdef WEFT_DEBUG_BUILD

#include "describe.h"
#include "report.h"
#include "throw.h"

#include <malloc.h>
#include <stdio.h>
#include <string.h>

/* What is in quarantine is freed, the first first, when it is more than this. */
enum { QUARANTINE = 4096, QUARANTINE_BYTES = 16 << 20, POISON = 0xdf };

static struct {
	struct rt_lock lock;
	struct rt_life *head, **tail;
	size_t n, bytes;
} quarantine = {.tail = &quarantine.head};

void rt_life_begin(struct rt_life *l, const void *obj, const char *kind, const weft_site *site)
{
	*l = (struct rt_life){.obj = obj, .kind = kind, .made = site, .maker = weft_id()};
	__atomic_store_n(&l->state, RT_ALIVE, __ATOMIC_RELAXED);
}

/* Who calls: along the goroutine's stack; on another only its end is known. */
static void walk_here(struct rt_life *l, const struct g *gp)
{
	const char *here = __builtin_frame_address(0);
	const struct g_stack *st = gp ? rt_on_stack(gp, here) : NULL;
	struct rt_walk w = {.n = 0};

	if (st)
		rt_walk(&w, here, here, st);
	if (w.n > 0)
		memcpy(l->at, w.pc,
		       sizeof l->at[0] * (size_t)(w.n < RT_FREED_AT ? w.n : RT_FREED_AT));
}

__attribute__((noinline)) void rt_life_end(struct rt_life *l)
{
	const struct m *mp = rt_self();
	const struct g *gp = mp ? mp->curg : NULL;

	if (gp) {
		l->freer = gp->id;
		snprintf(l->freer_name, sizeof l->freer_name, "%s", rt_g_label(gp));
	}
	rt_name_of(l->obj, l->name, sizeof l->name);
	walk_here(l, gp);
	__atomic_store_n(&l->state, RT_DEAD, __ATOMIC_RELEASE); // pairs with rt_life_misused
}

/* Under the lock: the first in quarantine that is too much, taken out, or NULL. */
static struct rt_life *surplus(void)
{
	struct rt_life *l = quarantine.head;

	if (quarantine.n <= QUARANTINE && quarantine.bytes <= QUARANTINE_BYTES)
		return NULL;
	quarantine.head = l->next;
	if (!quarantine.head)
		quarantine.tail = &quarantine.head;
	quarantine.n--;
	quarantine.bytes -= malloc_usable_size(l->mem);
	return l;
}

void rt_life_bury(struct rt_life *l, void *mem)
{
	char *at = mem, *end = at + malloc_usable_size(mem);

	memset(at, POISON, (size_t)((char *)l - at));
	memset(l + 1, POISON, (size_t)(end - (char *)(l + 1)));
	l->mem = mem;
	l->next = NULL;
	rt_lock(&quarantine.lock);
	*quarantine.tail = l;
	quarantine.tail = &l->next;
	quarantine.n++;
	quarantine.bytes += (size_t)(end - at);
	while ((l = surplus())) {
		l->state = 0;
		free(l->mem);
	}
	rt_unlock(&quarantine.lock);
}

static void print_made(struct rt_out *o, const void *arg)
{
	const struct rt_life *l = arg;

	rt_print_site(o, "    made at ", l->made);
	if (l->maker)
		rt_out(o, " by goroutine %lu", (unsigned long)l->maker);
	rt_out(o, "\n");
}

void rt_life_awaited(const struct rt_life *l, const struct weft_waiter *w)
{
	char name[32] = "";

	rt_name_of(l->obj, name, sizeof name);
	rt_fatal_with(NULL, print_made, l,
		      "the last reference to the %s 0x%lx%s%s was dropped while goroutine %lu (%s) "
		      "waits for it at %s:%u; who waits must hold one",
		      l->kind, (unsigned long)l->obj, name[0] ? " " : "", name,
		      (unsigned long)w->g->id, rt_g_label(w->g), w->site ? w->site->file : "?",
		      w->site ? w->site->line : 0);
}

static void print_life(struct rt_out *o, const void *arg)
{
	const struct rt_life *l = arg;
	struct rt_walk w = {.n = 0};

	print_made(o, l);
	rt_out(o, "    freed, with its last reference, by ");
	if (l->freer)
		rt_out(o, "goroutine %lu (%s)\n", (unsigned long)l->freer, l->freer_name);
	else
		rt_out(o, "no goroutine\n");
	while (w.n < RT_FREED_AT && l->at[w.n]) {
		w.pc[w.n] = l->at[w.n];
		w.n++;
	}
	rt_print_walk(o, &w);
}

void rt_life_misused(const struct rt_life *l, const void *obj, const char *what,
		     const weft_site *site)
{
	if (__atomic_load_n(&l->state, __ATOMIC_ACQUIRE) != RT_DEAD)
		rt_fatal(site, "%s of 0x%lx, which is nothing of the kind, or was freed long ago",
			 what, (unsigned long)obj);
	rt_fatal_with(site, print_life, l, "%s of the %s 0x%lx%s%s, which was freed", what, l->kind,
		      (unsigned long)l->obj, l->name[0] ? " " : "", l->name);
}

#endif
