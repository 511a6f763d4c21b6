/* SPDX-License-Identifier: MIT */
#include "g.h"
#include "lock.h"

#include <string.h>

size_t rt_stack_default = 64 << 10;

enum { CACHE = 64 }; /* a worker keeps at most this many, and gives half back when full */

enum { CLASSES = 64 }; /* of stacks, by log2 of their size */

/* Dead goroutines.  Each is in one list: a worker's, or one of these; or it is in none, and its
 * stack was given back (rt_g_trim).  Whoever takes it out of its list has it alone, so nobody can
 * be given a goroutine whose memory is on its way to the kernel.  Reports, which look at all there
 * ever were, find one that is dead before, meanwhile and after: the page that says so becomes zero
 * in one step.
 */
static struct rt_lock dead_lock;
static struct g_list dead[CLASSES];
/* How many of them nobody has needed since the last look, and how many are still to be given back;
 * the first under dead_lock, the second the monitor's. */
static int unneeded[CLASSES], surplus[CLASSES];

static void push(struct g_list *l, struct g *gp)
{
	gp->next = l->head;
	l->head = gp;
	l->n++;
}

static void move(struct g_list *to, struct g_list *from, int n)
{
	while (n-- > 0 && from->head)
		push(to, rt_g_pop(from));
}

static struct g *place(char *lo, size_t size)
{
	struct g *gp = rt_g_at(lo + size);

	gp->lo = lo;
	gp->log2 = (uint8_t)__builtin_ctzl(size);
	return gp;
}

struct g *rt_g_new(struct g_list *cache, size_t size, const char **why)
{
	int log2 = __builtin_ctzl(size);
	bool cached = cache && size == rt_stack_default;
	struct g *gp;
	char *lo;

	rt_lock(&dead_lock);
	if (cached)
		move(cache, &dead[log2], CACHE / 2);
	gp = rt_g_pop(cached ? cache : &dead[log2]);
	if (dead[log2].n < unneeded[log2])
		unneeded[log2] = dead[log2].n;
	rt_unlock(&dead_lock);
	if (gp)
		return gp;
	lo = rt_stack_new(size, why);
	return lo ? place(lo, size) : NULL;
}

void rt_g_free(struct g_list *cache, struct g *gp)
{
	size_t size = (size_t)1 << gp->log2;
	int log2 = gp->log2;

	rt_context_free(&gp->ctx, WEFT_ASAN ? gp->lo : NULL, rt_g_top(gp));
	if (gp->named)
		gp->name[0] = 0;
	gp->named = false;
	__atomic_store_n(&gp->status, G_DEAD, __ATOMIC_RELAXED);
	if (size == rt_stack_default) {
		push(cache, gp);
		if (cache->n <= CACHE)
			return;
	}
	rt_lock(&dead_lock);
	if (size == rt_stack_default)
		move(&dead[log2], cache, CACHE / 2);
	else
		push(&dead[log2], gp);
	rt_unlock(&dead_lock);
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
		surplus[log2] = unneeded[log2] - (keep && log2 < 31 ? KEEP_BYTES >> log2 : 0);
		unneeded[log2] = dead[log2].n;
		any |= surplus[log2] > 0;
	}
	rt_unlock(&dead_lock);
	return any;
}

/* False if there were none. */
static bool give_some_back(int log2)
{
	struct g_list some = {NULL, 0};
	char *lo[BATCH];
	int n = 0;

	if (surplus[log2] <= 0)
		return false;
	rt_lock(&dead_lock);
	move(&some, &dead[log2], surplus[log2] < BATCH ? surplus[log2] : BATCH);
	if (dead[log2].n < unneeded[log2])
		unneeded[log2] = dead[log2].n;
	rt_unlock(&dead_lock);
	surplus[log2] = some.n ? surplus[log2] - some.n : 0;
	while (some.n)
		lo[n++] = rt_g_pop(&some)->lo;
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
	return gp->name[0] ? gp->name : gp->site ? gp->site->what : "?";
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
