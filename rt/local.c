/* SPDX-License-Identifier: MIT */
/* Goroutine-local values.
 *
 * A key gets an index when it is first used, and a goroutine's values are in an array by index,
 * which grows as far as the goroutine needs it.  Only the goroutine touches its array, so there is
 * no lock, and that its thread may lose its worker meanwhile does not matter.  Index 0 is nobody's:
 * a key that was never set finds nothing.
 */
#include "local.h"
#include "sched.h"
#include "throw.h"

#include <stdlib.h>
#include <string.h>

struct rt_local {
	void *value; /* NULL: none */
	void (*destroy)(void *value);
};

static struct g *curg(const char *what)
{
	struct m *mp = rt_self();

	return __builtin_expect(rt_outside(mp), 1) ? mp->curg : rt_enter(what)->curg;
}

/* Two goroutines may be the first at once: one number is then lost. */
static uint32_t index_of(weft_local *key)
{
	static uint32_t last;
	uint32_t none = 0, index = __atomic_load_n(&key->index, __ATOMIC_RELAXED);

	if (index)
		return index;
	index = __atomic_add_fetch(&last, 1, __ATOMIC_RELAXED);
	if (__atomic_compare_exchange_n(&key->index, &none, index, false, __ATOMIC_RELAXED,
					__ATOMIC_RELAXED))
		return index;
	return none;
}

void *weft_local_get(const weft_local *key)
{
	const struct g *gp = curg("weft_local_get");
	uint32_t index = __atomic_load_n(&key->index, __ATOMIC_RELAXED);

	return index < gp->nlocals ? gp->stack->locals[index].value : NULL;
}

void weft_local_set(weft_local *key, void *value)
{
	struct g *gp = curg("weft_local_set");
	uint32_t index = index_of(key);

	if (index >= gp->nlocals) {
		uint32_t n = index < 4 ? 4 : 2 * index;
		struct rt_local *more = realloc(gp->stack->locals, n * sizeof *more);

		if (!more)
			rt_fatal(NULL, "no memory for a goroutine-local value");
		memset(more + gp->nlocals, 0, (n - gp->nlocals) * sizeof *more);
		gp->stack->locals = more;
		gp->nlocals = n;
	}
	gp->stack->locals[index] = (struct rt_local){value, key->destroy};
}

/* A destructor may set values, its own and others, and end the goroutine itself. */
void rt_locals_end(struct g *gp)
{
	struct rt_trap unused;
	bool again;

	do {
		again = false;
		for (uint32_t i = 1; i < gp->nlocals; i++) {
			struct rt_local l = gp->stack->locals[i];

			gp->stack->locals[i].value = NULL;
			if (!l.value || !l.destroy)
				continue;
			again = true;
			rt_trap_call(&unused, l.destroy, l.value);
		}
	} while (again);
	free(gp->stack->locals);
	gp->stack->locals = NULL;
	gp->nlocals = 0;
}
