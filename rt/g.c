/* SPDX-License-Identifier: MIT */
#include "g.h"
#include "lock.h"

#include <string.h>

size_t rt_stack_default = 64 << 10;

enum { CLASSES = 64 }; /* of stacks, by log2 of their size */

/* What no worker keeps: a chain of lists (struct spare).  A stack is in none when it was given back
 * (rt_g_trim): whoever takes it out of its list has it alone, so nobody can be given a stack whose
 * memory is on its way to the kernel. */
struct depot {
	struct spare *head;
	int n;	      /* spares, not lists */
	int unneeded; /* so many nobody has needed since the monitor looked */
	int surplus;  /* and so many are still to be given back; the monitor's own */
};

static struct rt_lock dead_lock; /* of all depots, and of the records below */
static struct depot dead, stacks[CLASSES];

/* Under dead_lock. */
static void put_list(struct depot *d, struct spare *first, uint64_t n)
{
	first->chain = d->head;
	first->chained = n;
	d->head = first;
	d->n += (int)n;
}

/* Under dead_lock: a list, or NULL. */
static struct spare *take_list(struct depot *d)
{
	struct spare *first = d->head;

	if (first) {
		d->head = first->chain;
		d->n -= (int)first->chained;
	}
	if (d->n < d->unneeded)
		d->unneeded = d->n;
	return first;
}

/* `own` is a worker's, which is empty, or NULL. */
static struct spare *take(struct depot *d, struct spares *own)
{
	struct spare *sp;

	rt_lock(&dead_lock);
	sp = take_list(d);
	if (sp && !own && sp->next)
		put_list(d, sp->next, sp->chained - 1);
	rt_unlock(&dead_lock);
	if (sp && own)
		*own = (struct spares){sp->next, (int)sp->chained - 1};
	return sp;
}

static void put(struct depot *d, struct spare *first, struct spare *last, int n)
{
	last->next = NULL;
	rt_lock(&dead_lock);
	put_list(d, first, (uint64_t)n);
	rt_unlock(&dead_lock);
}

__attribute__((noinline)) static void put_half(struct depot *d, struct spares *own)
{
	struct spare *first = own->head, *last = first, *next;

	for (int n = 1; n < RT_SPARES / 2; n++)
		last = last->next;
	next = last->next;
	put(d, first, last, RT_SPARES / 2);
	*own = (struct spares){next, own->n - RT_SPARES / 2};
}

/* ---- Records ----------------------------------------------------------------------------- */

/* Mapped together, and never unmapped: a pointer to one stays readable.  rt/weft-gdb.py knows them
 * too. */
enum { RECORDS_BYTES = 2 << 20 };
struct records {
	struct records *next;
	size_t used; /* only grows */
	struct g at[] __attribute__((aligned(128)));
};

static struct records *records; /* changed under dead_lock; atomic, as `used`: see rt_g_each */

#define ROOM ((RECORDS_BYTES - sizeof(struct records)) / sizeof(struct g))

/* Under dead_lock: some that were never used, in a list.  NULL if there is no memory. */
static struct spare *records_new(void)
{
	struct records *r = records;
	struct spare *first = NULL;
	size_t n;

	if (!r || r->used == ROOM) {
		/* A million goroutines come faster by a third and more for huge pages; some
		 * thousand need no two megabytes. */
		r = rt_map_root(RECORDS_BYTES, records != NULL);
		if (!r)
			return NULL;
		r->next = records;
		__atomic_store_n(&records, r, __ATOMIC_RELEASE); // pairs with rt_g_each
	}
	n = ROOM - r->used < RT_SPARES / 2 ? ROOM - r->used : RT_SPARES / 2;
	for (size_t i = n; i-- > 0; first = &r->at[r->used + i].spare)
		r->at[r->used + i].spare.next = first;
	first->chained = n;
	__atomic_store_n(&r->used, r->used + n, __ATOMIC_RELEASE); // pairs with rt_g_each
	return first;
}

struct g *rt_g_new(struct rt_dead *own, const char **why)
{
	struct spare *sp = take(&dead, own ? &own->gs : NULL);

	if (sp)
		return rt_g_of(sp);
	rt_lock(&dead_lock);
	sp = records_new();
	if (sp)
		put_list(&dead, sp, sp->chained);
	rt_unlock(&dead_lock);
	if (sp)
		return rt_g_new(own, why);
	*why = RT_NO_MAPPING;
	return NULL;
}

void rt_g_each(bool (*f)(struct g *gp, void *arg), void *arg)
{
	struct records *r = __atomic_load_n(&records, __ATOMIC_ACQUIRE);

	for (; r; r = r->next)
		for (size_t i = 0; i < __atomic_load_n(&r->used, __ATOMIC_ACQUIRE); i++)
			if (!f(&r->at[i], arg))
				return;
}

/* ---- Stacks ------------------------------------------------------------------------------ */

/* They are offset against each other: all at the same place in a page, a few hundred would fill the
 * sets of the cache that they compete for (128 in one of 512 KiB with 8 ways). */
static struct g_stack *place(char *lo, size_t size)
{
	uintptr_t at = (uintptr_t)lo + size, colour = ((at >> 13 ^ at >> 17) & 15) * 192;
	struct g_stack *st =
		(struct g_stack *)((at - sizeof(struct g_stack) - colour) & ~(uintptr_t)63);

	st->lo = lo;
	st->log2 = (uint8_t)__builtin_ctzl(size);
	st->usual = size == rt_stack_default;
	return st;
}

struct g_stack *rt_g_stack_new(struct rt_dead *own, size_t size, int most, const char **why)
{
	struct spares *kept = own && size == rt_stack_default ? &own->stacks : NULL;
	struct spare *sp = take(&stacks[__builtin_ctzl(size)], kept);
	char *lo[RT_STACKS];
	int n;

	if (sp)
		return (struct g_stack *)sp;
	n = rt_stack_new(size, lo, kept ? most : 1, why);
	for (int i = n; --i > 0;)
		rt_spare_push(kept, &place(lo[i], size)->spare);
	return n ? place(lo[0], size) : NULL;
}

void rt_g_stack_keep(struct rt_dead *own, int most)
{
	const char *why;
	struct g_stack *st = NULL;

	if (!own->stacks.head)
		st = rt_g_stack_new(own, rt_stack_default, most, &why);
	if (st)
		rt_spare_push(&own->stacks, &st->spare);
}

void rt_g_free(struct rt_dead *own, struct g *gp)
{
	struct g_stack *st = gp->stack;

	rt_context_free(&gp->ctx, WEFT_ASAN ? st->lo : NULL, rt_stack_top(st));
	if (st->named)
		st->name[0] = 0;
	st->named = false;
	__atomic_store_n(&gp->id, 0, __ATOMIC_RELAXED);
	__atomic_store_n(&gp->status, G_RUNNABLE, __ATOMIC_RELAXED);
	__atomic_store_n(&gp->stack, NULL, __ATOMIC_RELAXED);
	__atomic_store_n(&gp->ctx.sp, NULL, __ATOMIC_RELAXED);
	__atomic_store_n(&gp->why, WAIT_none, __ATOMIC_RELAXED);
	__atomic_store_n(&gp->nreads, 0, __ATOMIC_RELAXED);
	if (!st->usual)
		put(&stacks[st->log2], &st->spare, &st->spare, 1);
	else if (!rt_spare_push(&own->stacks, &st->spare))
		put_half(&stacks[st->log2], &own->stacks);
	if (!rt_spare_push(&own->gs, &gp->spare))
		put_half(&dead, &own->gs);
}

/* ---- Giving stacks back ------------------------------------------------------------------ */

#define LOOK_NS (1000 * 1000 * 1000)
#define TRIM_NS (1000 * 1000)		   /* at a time: the monitor has other things to do */
enum { KEEP_BYTES = 4 << 20, BATCH = 64 }; /* of each size so much is kept */

/* True if there is any. */
static bool look_for_surplus(bool keep)
{
	bool any = false;

	rt_lock(&dead_lock);
	for (int log2 = 0; log2 < CLASSES; log2++) {
		struct depot *d = &stacks[log2];

		d->surplus = d->unneeded - (keep && log2 < 31 ? KEEP_BYTES >> log2 : 0);
		d->unneeded = d->n;
		any |= d->surplus > 0;
	}
	rt_unlock(&dead_lock);
	return any;
}

/* False if there were none. */
static bool give_some_back(int log2)
{
	struct depot *d = &stacks[log2];
	char *lo[BATCH];
	int n = 0;

	if (d->surplus <= 0)
		return false;
	rt_lock(&dead_lock);
	while (n + RT_SPARES / 2 <= BATCH && n < d->surplus) {
		struct spare *sp = take_list(d);

		if (!sp)
			break;
		for (; sp; sp = sp->next)
			lo[n++] = ((struct g_stack *)sp)->lo;
	}
	rt_unlock(&dead_lock);
	d->surplus = n ? d->surplus - n : 0;
	rt_stack_give_back(lo, n, (size_t)1 << log2);
	return true;
}

bool rt_g_trim(int64_t now, bool eager)
{
	static int64_t next;
	static bool pending;

	if (now >= next) {
		pending = look_for_surplus(!eager);
		next = now + (eager ? TRIM_NS : LOOK_NS);
	}
	for (int log2 = 0; log2 < CLASSES && pending;) {
		if (!give_some_back(log2))
			log2++;
		else if (rt_now() >= now + TRIM_NS)
			return true;
	}
	return pending = false;
}

const char *rt_g_label(const struct g *gp)
{
	return gp->stack && gp->stack->name[0] ? gp->stack->name : gp->site ? gp->site->what : "?";
}

const char *rt_wait_phrase(enum wait why)
{
	static const char *const phrases[] = {
		"nothing",
#define WAIT(name, phrase, doc) phrase,
#include "waits.def"
#undef WAIT
	};

	return phrases[why];
}
