/* SPDX-License-Identifier: MIT */
#include "g.h"
#include "lock.h"

#include <string.h>

size_t rt_stack_default = 64 << 10;

enum { CACHE = 64 }; /* a worker keeps at most this many, and gives half back when full */

enum { CLASSES = 64 }; /* of stacks, by log2 of their size */

/* Dead goroutines.  Each is in one list: a worker's, or one of a chain of lists here, so that many
 * change hands without a look at each, which another cpu has had last (`chain` is the next list,
 * `chained` how many are in this one, in the record of its first); or it is in none, and its
 * stack was given back (rt_g_trim).  Whoever takes it out of its list has it alone, so nobody can
 * be given a goroutine whose memory is on its way to the kernel.  Reports, which look at all there
 * ever were, find one that is dead before, meanwhile and after: the page that says so becomes zero
 * in one step.
 */
static struct rt_lock dead_lock;
static struct g_list dead[CLASSES]; /* n counts goroutines */
/* How many of them nobody has needed since the last look, and how many are still to be given back;
 * the first under dead_lock, the second the monitor's. */
static int unneeded[CLASSES], surplus[CLASSES];

/* Under dead_lock. */
static void put_list(int log2, struct g *first, uint64_t n)
{
	first->chain = dead[log2].head;
	first->chained = n;
	dead[log2].head = first;
	dead[log2].n += (int)n;
}

/* Under dead_lock: a list, or NULL. */
static struct g *take_list(int log2)
{
	struct g *first = dead[log2].head;

	if (first) {
		dead[log2].head = first->chain;
		dead[log2].n -= (int)first->chained;
	}
	if (dead[log2].n < unneeded[log2])
		unneeded[log2] = dead[log2].n;
	return first;
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
	gp = take_list(log2);
	if (gp && !cached && gp->next)
		put_list(log2, gp->next, gp->chained - 1);
	rt_unlock(&dead_lock);
	if (gp && cached)
		*cache = (struct g_list){gp->next, (int)gp->chained - 1};
	if (gp)
		return gp;
	lo = rt_stack_new(size, why);
	return lo ? place(lo, size) : NULL;
}

void rt_g_free(struct g_list *cache, struct g *gp)
{
	size_t size = (size_t)1 << gp->log2;
	int log2 = gp->log2, n = 1;
	struct g *last = gp;

	rt_context_free(&gp->ctx, WEFT_ASAN ? gp->lo : NULL, rt_g_top(gp));
	if (gp->named)
		gp->name[0] = 0;
	gp->named = false;
	__atomic_store_n(&gp->status, G_DEAD, __ATOMIC_RELAXED);
	if (size == rt_stack_default) {
		gp->next = cache->head;
		cache->head = gp;
		if (++cache->n <= CACHE)
			return;
		for (n = 1, last = gp; n < CACHE / 2; n++)
			last = last->next;
		*cache = (struct g_list){last->next, cache->n - n};
	}
	last->next = NULL;
	rt_lock(&dead_lock);
	put_list(log2, gp, (uint64_t)n);
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
	char *lo[BATCH];
	int n = 0;

	if (surplus[log2] <= 0)
		return false;
	rt_lock(&dead_lock);
	while (n + CACHE / 2 <= BATCH && n < surplus[log2]) {
		struct g *gp = take_list(log2);

		if (!gp)
			break;
		for (; gp; gp = gp->next)
			lo[n++] = gp->lo;
	}
	rt_unlock(&dead_lock);
	surplus[log2] = n ? surplus[log2] - n : 0;
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
