/* SPDX-License-Identifier: MIT */
/* Pools.
 *
 * Each worker has a slot for one object, which only a goroutine that runs on it touches: between
 * rt_enter and rt_leave it has the worker to itself, so that needs no lock and no atomic operation.
 * What finds the slot taken goes on the worker's stack, which others take from when they have
 * nothing.  Its lock is a spin lock, held briefly but by a trim, whose end is a plain store: with
 * one that sleeps, a put and a get took 32 ns, not 22.  Behind them are what was there at the last
 * trim and has not been taken since.  An object is in one place only, and whoever takes it out of
 * there, alone or under a lock, has it alone.
 *
 * Lock order: the pool's, then a worker's.
 */
#include "lock.h"
#include "sched.h"
#include "throw.h"

#include <stdlib.h>
#include <string.h>

enum { HIT_NONE, HIT_OWN, HIT_OTHER, HIT_OLD }; /* see pool_get in events.def */

struct stack {
	void **objs;
	size_t n, room; /* n is atomic: looked at without the lock */
};

struct local {
	void *slot;	     /* the worker's own */
	struct rt_spin lock; /* of the stack */
	struct stack stack;
} __attribute__((aligned(64)));

struct weft_pool_state {
	struct local *locals[WORKERS_MAX]; /* set once each, by the worker; atomic */
	uint32_t top;			   /* those from here on are not set; atomic */
	struct rt_spin lock;		   /* of old, and to set top */
	struct stack old;
};

static size_t count(const struct stack *s)
{
	return __atomic_load_n(&s->n, __ATOMIC_RELAXED);
}

/* All below under the lock of the stack. */
static void set_count(struct stack *s, size_t n)
{
	__atomic_store_n(&s->n, n, __ATOMIC_RELAXED);
}

static void *pop(struct stack *s)
{
	if (!s->n)
		return NULL;
	set_count(s, s->n - 1);
	return s->objs[s->n];
}

static void reserve(struct stack *s, size_t n)
{
	size_t room = s->room ? s->room : 16;

	while (room < n)
		room *= 2;
	if (room == s->room)
		return;
	rt_acquire(s); // the sanitizer sees realloc, but not our locks
	s->objs = realloc(s->objs, room * sizeof *s->objs);
	rt_release(s);
	if (!s->objs)
		rt_fatal(NULL, "no memory for a pool of %zu objects", n);
	s->room = room;
}

static void push(struct stack *s, void *const *objs, size_t n)
{
	if (!n)
		return;
	reserve(s, s->n + n);
	for (size_t i = 0; i < n; i++) // not memcpy, which the sanitizer watches
		s->objs[s->n + i] = objs[i];
	set_count(s, s->n + n);
}

static struct weft_pool_state *state_of(const weft_pool *p)
{
	return __atomic_load_n(&p->state, __ATOMIC_ACQUIRE); // pairs with make_state
}

static struct local *local_of(const struct weft_pool_state *st, uint32_t id)
{
	return __atomic_load_n(&st->locals[id], __ATOMIC_ACQUIRE); // pairs with make_local
}

static void *zeroed(size_t size)
{
	void *mem = aligned_alloc(64, size);

	if (!mem)
		rt_fatal(NULL, "no memory for a pool");
	return memset(mem, 0, size);
}

static struct weft_pool_state *make_state(weft_pool *p)
{
	struct weft_pool_state *fresh = zeroed((sizeof *fresh + 63) / 64 * 64), *st = NULL;

	rt_release(fresh);
	if (__atomic_compare_exchange_n(&p->state, &st, fresh, false, __ATOMIC_ACQ_REL,
					__ATOMIC_ACQUIRE))
		return fresh;
	free(fresh);
	return st;
}

static struct local *make_local(weft_pool *p, uint32_t id)
{
	struct weft_pool_state *st = state_of(p);
	struct local *l;

	if (!st)
		st = make_state(p);
	l = zeroed(sizeof *l);
	rt_release(l);
	__atomic_store_n(&st->locals[id], l, __ATOMIC_RELEASE);
	rt_spin_lock(&st->lock);
	if (st->top <= id)
		__atomic_store_n(&st->top, id + 1, __ATOMIC_RELAXED);
	rt_spin_unlock(&st->lock);
	return l;
}

/* ---- Get and put ------------------------------------------------------------------------ */

static void *take_from(struct rt_spin *lock, struct stack *s)
{
	void *obj;

	if (!count(s))
		return NULL;
	rt_spin_lock(lock);
	obj = pop(s);
	rt_spin_unlock(lock);
	return obj;
}

/* The worker's slot is empty: from its stack, another's, or what is old.  *from: which worker's. */
static void *take(struct weft_pool_state *st, uint32_t *from, uint32_t *hit)
{
	uint32_t own = *from, top = __atomic_load_n(&st->top, __ATOMIC_RELAXED);
	void *obj;

	for (uint32_t i = 0; i < top; i++) {
		uint32_t id = (own + i) % top;
		struct local *l = local_of(st, id);

		if (l && (obj = take_from(&l->lock, &l->stack))) {
			*from = id;
			*hit = id == own ? HIT_OWN : HIT_OTHER;
			return obj;
		}
	}
	obj = take_from(&st->lock, &st->old);
	*hit = obj ? HIT_OLD : HIT_NONE;
	return obj;
}

/* Inside, by the worker `own`; *from and *hit are for the event. */
static inline void *get(weft_pool *p, uint32_t own, uint32_t *from, uint32_t *hit)
{
	struct weft_pool_state *st = state_of(p);
	struct local *l = st ? local_of(st, own) : NULL;
	void *obj = NULL;

	*from = own;
	*hit = HIT_NONE;
	if (l && l->slot) {
		obj = l->slot;
		l->slot = NULL;
		*hit = HIT_OWN;
	} else if (st) {
		obj = take(st, from, hit);
	}
	return obj;
}

__attribute__((noinline)) static void *get_entering(weft_pool *p, weft_site *site)
{
	struct m *mp = rt_enter("weft_pool_get");
	uint32_t from, hit;
	void *obj = get(p, mp->p->id, &from, &hit);

	if (obj)
		rt_acquire(obj);
	rt_trace(pool_get, p, mp->curg->id, obj, hit, from, rt_trace_site(site));
	rt_leave();
	return obj;
}

void *weft_pool_get_at(weft_pool *p, weft_site *site)
{
	struct m *mp = rt_quick_self();
	uint32_t from, hit;
	void *obj;

	if (rt_enter_quick(mp, true)) {
		obj = get(p, mp->p->id, &from, &hit);
		rt_leave_quick(mp);
	} else {
		obj = get_entering(p, site);
	}
	return obj || !p->make ? obj : p->make(p->arg);
}

static inline void put(weft_pool *p, uint32_t own, void *obj)
{
	struct weft_pool_state *st = state_of(p);
	struct local *l = st ? local_of(st, own) : NULL;

	if (!l)
		l = make_local(p, own);
	if (!l->slot) {
		l->slot = obj;
	} else {
		rt_spin_lock(&l->lock);
		push(&l->stack, &obj, 1);
		rt_spin_unlock(&l->lock);
	}
}

__attribute__((noinline)) static void put_entering(weft_pool *p, void *obj, weft_site *site)
{
	struct m *mp = rt_enter("weft_pool_put");

	if (obj) {
		rt_trace(pool_put, p, mp->curg->id, obj, mp->p->id, rt_trace_site(site));
		rt_release(obj);
		put(p, mp->p->id, obj);
	}
	rt_leave();
}

void weft_pool_put_at(weft_pool *p, void *obj, weft_site *site)
{
	struct m *mp = rt_quick_self();

	if (!obj || !rt_enter_quick(mp, true)) {
		put_entering(p, obj, site);
		return;
	}
	put(p, mp->p->id, obj);
	rt_leave_quick(mp);
}

/* ---- Letting go ------------------------------------------------------------------------- */

/* Out of the runtime: frees them, and the array; how many. */
static size_t drop_all(const weft_pool *p, struct stack *s)
{
	void (*drop)(void *) = p->drop ? p->drop : free;

	for (size_t i = 0; i < s->n; i++) {
		rt_acquire(s->objs[i]);
		drop(s->objs[i]);
	}
	free(s->objs);
	return s->n;
}

/* What the workers have on their stacks becomes old, what was old is given back. */
static struct stack turn_over(struct weft_pool_state *st)
{
	struct stack gone;

	rt_spin_lock(&st->lock);
	rt_acquire(&st->old);
	gone = st->old;
	st->old.objs = NULL;
	st->old.room = 0;
	set_count(&st->old, 0);
	for (uint32_t i = 0; i < st->top; i++) {
		struct local *l = local_of(st, i);

		if (!l || !count(&l->stack))
			continue;
		rt_spin_lock(&l->lock);
		push(&st->old, l->stack.objs, l->stack.n);
		set_count(&l->stack, 0);
		rt_spin_unlock(&l->lock);
	}
	rt_spin_unlock(&st->lock);
	return gone;
}

size_t weft_pool_trim_at(weft_pool *p, weft_site *site)
{
	struct g *gp = rt_enter("weft_pool_trim")->curg;
	struct weft_pool_state *st = state_of(p);
	struct stack gone = {0};

	if (st)
		gone = turn_over(st);
	rt_trace(pool_trim, p, gp->id, gone.n, st ? count(&st->old) : 0, rt_trace_site(site));
	rt_leave();
	return drop_all(p, &gone);
}

static void free_local(struct local *l, struct stack *all)
{
	rt_acquire(l);
	rt_acquire(&l->stack);
	push(all, &l->slot, l->slot != NULL);
	push(all, l->stack.objs, l->stack.n);
	free(l->stack.objs);
	free(l);
}

size_t weft_pool_drain_at(weft_pool *p, weft_site *site)
{
	struct g *gp = rt_enter("weft_pool_drain")->curg;
	struct weft_pool_state *st = state_of(p);
	struct stack all = {0};

	if (st) {
		rt_acquire(st);
		rt_acquire(&st->old);
		all = st->old;
		for (uint32_t i = 0; i < st->top; i++)
			if (st->locals[i])
				free_local(st->locals[i], &all);
		free(st);
		__atomic_store_n(&p->state, NULL, __ATOMIC_RELAXED);
	}
	rt_trace(pool_trim, p, gp->id, all.n, 0, rt_trace_site(site));
	rt_leave();
	return drop_all(p, &all);
}
