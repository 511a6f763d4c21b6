/* SPDX-License-Identifier: MIT */
#include "runq.h"

void rt_globq_put(struct g *first, struct g *last, uint32_t n)
{
	last->next = NULL;
	if (rt.globq)
		rt.globq_tail->next = first;
	else
		rt.globq = first;
	rt.globq_tail = last;
	__atomic_store_n(&rt.nglobq, rt.nglobq + n, __ATOMIC_RELAXED);
}

static struct g *globq_pop(void)
{
	struct g *gp = rt.globq;

	if (gp) {
		rt.globq = gp->next;
		__atomic_store_n(&rt.nglobq, rt.nglobq - 1, __ATOMIC_RELAXED);
	}
	return gp;
}

static struct g *slot_load(struct p *pp, uint32_t i)
{
	return __atomic_load_n(&pp->runq[i % RUNQ], __ATOMIC_RELAXED);
}

/* Take n at the head; false if a thief was faster. */
static bool ring_take(struct p *pp, uint32_t head, uint32_t n)
{
	if (rt_alone()) {
		__atomic_store_n(&pp->head, head + n, __ATOMIC_RELEASE);
		return true;
	}
	return __atomic_compare_exchange_n(&pp->head, &head, head + n, false, __ATOMIC_ACQ_REL,
					   __ATOMIC_RELAXED);
}

/* The ring is full: a batch of it, and gp, go to the global queue. */
static void ring_overflow(struct p *pp, uint32_t head, struct g *gp)
{
	struct g *batch[RUNQ_BATCH];

	for (uint32_t i = 0; i < RUNQ_BATCH; i++)
		batch[i] = slot_load(pp, head + i);
	if (!ring_take(pp, head, RUNQ_BATCH)) { // thieves made room
		rt_runq_put(pp, gp);
		return;
	}
	for (uint32_t i = 0; i + 1 < RUNQ_BATCH; i++)
		batch[i]->next = batch[i + 1];
	batch[RUNQ_BATCH - 1]->next = gp;
	rt_lock(&rt.lock);
	rt_trace(p_give, pp->id, RUNQ_BATCH + 1);
	rt_globq_put(batch[0], gp, RUNQ_BATCH + 1);
	rt_unlock(&rt.lock);
}

void rt_runq_put(struct p *pp, struct g *gp)
{
	uint32_t head = __atomic_load_n(&pp->head, __ATOMIC_ACQUIRE); // with the thieves' swap

	if (pp->tail - head == RUNQ) {
		ring_overflow(pp, head, gp);
		return;
	}
	__atomic_store_n(&pp->runq[pp->tail % RUNQ], gp, __ATOMIC_RELAXED);
	__atomic_store_n(&pp->tail, pp->tail + 1, __ATOMIC_RELEASE); // pairs with rt_runq_steal()
}

struct g *rt_runq_pop(struct p *pp)
{
	for (;;) {
		uint32_t head = __atomic_load_n(&pp->head, __ATOMIC_ACQUIRE);
		struct g *gp;

		if (head == pp->tail)
			return NULL;
		gp = slot_load(pp, head);
		if (ring_take(pp, head, 1))
			return gp;
	}
}

void rt_runq_put_next(struct p *pp, struct g *gp)
{
	if (rt_runq_fill_next(pp, gp))
		return;
	gp = rt_runq_swap_next(pp, gp);
	if (gp)
		rt_runq_put(pp, gp);
}

/* By who is not the owner, or has the worker while nobody runs on it. */
static struct g *exchange_next(struct p *pp)
{
	return __atomic_exchange_n(&pp->runnext, NULL, __ATOMIC_ACQ_REL);
}

/* The victim's runnext: it knows, before it is taken. */
static struct g *rob(struct p *victim)
{
	struct g *gp;

	if (!__atomic_load_n(&victim->runnext, __ATOMIC_RELAXED))
		return NULL;
	__atomic_fetch_add(&victim->robbed, 1, __ATOMIC_RELAXED); // rt_restart_others is a fence
	rt_restart_others();
	gp = exchange_next(victim);
	__atomic_fetch_sub(&victim->robbed, 1, __ATOMIC_RELEASE);
	return gp;
}

struct g *rt_runq_steal(struct p *pp, struct p *victim, uint32_t leave, bool take_next)
{
	struct g *batch[RUNQ_BATCH];
	struct g *gp;

	for (;;) {
		uint32_t head = __atomic_load_n(&victim->head, __ATOMIC_ACQUIRE);
		uint32_t len = __atomic_load_n(&victim->tail, __ATOMIC_ACQUIRE) - head;
		uint32_t n;

		if (len > RUNQ) // head and tail were not of one moment
			continue;
		if (len <= leave)
			break;
		n = (len - leave + 1) / 2;
		if (n > RUNQ_BATCH)
			n = RUNQ_BATCH;
		for (uint32_t i = 0; i < n; i++)
			batch[i] = slot_load(victim, head + i);
		if (!ring_take(victim, head, n))
			continue;
		rt_trace(p_steal, pp->id, victim->id, n);
		for (uint32_t i = 1; i < n; i++)
			rt_runq_put(pp, batch[i]);
		return batch[0];
	}
	gp = take_next ? rob(victim) : NULL;
	if (gp)
		rt_trace(p_steal, pp->id, victim->id, 1);
	return gp;
}

struct g *rt_globq_get(struct p *pp, uint32_t most)
{
	struct g *gp;
	uint32_t n;

	if (!__atomic_load_n(&rt.nglobq, __ATOMIC_RELAXED))
		return NULL;
	rt_lock(&rt.lock);
	n = rt.nglobq / rt.nactive + 1;
	if (n > most)
		n = most;
	gp = globq_pop();
	if (gp)
		rt_trace(p_take, pp->id, n < rt.nglobq + 1 ? n : rt.nglobq + 1);
	while (gp && --n > 0) {
		struct g *more = globq_pop();

		if (!more)
			break;
		/* Records of what was spawned together mostly lie together.  A million at once, one
		 * worker: 93 ns each, not 99. */
		__builtin_prefetch(&more[8].next);
		rt_runq_put(pp, more);
	}
	rt_unlock(&rt.lock);
	return gp;
}

struct g *rt_runq_next(struct p *pp)
{
	struct g *gp = rt_chaos(4) ? rt_runq_pop(pp) : NULL;

	if (!gp)
		gp = rt_runq_take_next(pp);
	return gp ? gp : rt_runq_pop(pp);
}

void rt_runq_flush(struct p *pp)
{
	struct g *gp;
	uint32_t n = 0;

	for (; (gp = exchange_next(pp)) || (gp = rt_runq_pop(pp)); n++)
		rt_globq_put(gp, gp, 1);
	if (n)
		rt_trace(p_give, pp->id, n);
}

bool rt_runq_any(void)
{
	if (__atomic_load_n(&rt.nglobq, __ATOMIC_RELAXED))
		return true;
	for (uint32_t i = 0; i < rt_nworkers(); i++)
		if (rt_runq_len(&rt.workers[i]))
			return true;
	return false;
}
