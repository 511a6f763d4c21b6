/* SPDX-License-Identifier: MIT */
/* Queues of runnable goroutines: each worker's ring and runnext, and the global queue.
 *
 * Only the thread that has the worker pushes; it and thieves take from the ring's head, where the
 * compare-and-swap decides whose a goroutine is.  (Go's run queue.)  rt.lock protects the global
 * queue.
 */
#ifndef RT_RUNQ_H
#define RT_RUNQ_H

#include "restart.h"
#include "sched.h"

/* How many are in the ring; from any thread, then only a hint. */
static inline uint32_t rt_runq_len(struct p *pp)
{
	uint32_t head = __atomic_load_n(&pp->head, __ATOMIC_ACQUIRE);

	return __atomic_load_n(&pp->tail, __ATOMIC_ACQUIRE) - head;
}

/* At the tail; if the ring is full RUNQ_BATCH of it go to the global queue. */
void rt_runq_put(struct p *pp, struct g *gp);
struct g *rt_runq_pop(struct p *pp);
/* Into runnext; what was there goes to the ring. */
void rt_runq_put_next(struct p *pp, struct g *gp);
/* The same, if nothing is there; by the owner, for thieves do not fill it. */
static inline bool rt_runq_fill_next(struct p *pp, struct g *gp)
{
	if (__atomic_load_n(&pp->runnext, __ATOMIC_RELAXED))
		return false;
	__atomic_store_n(&pp->runnext, gp, __ATOMIC_RELEASE); // pairs with rt_runq_take_next
	return true;
}

/* Put gp there, or NULL; what was there.  By the owner: a restartable sequence, for a thief says
 * that it comes, and restarts others.  (55 ns a round trip through channels, not 63.) */
static inline struct g *rt_runq_swap_next(struct p *pp, struct g *gp)
{
	struct g *was = __atomic_load_n(&pp->runnext, __ATOMIC_ACQUIRE);
	struct rseq *restart;

	if (rt_alone()) {
		__atomic_store_n(&pp->runnext, gp, __ATOMIC_RELEASE);
		return was;
	}
	restart = rt_self()->restart;
	if (restart && rt_restart_swap(restart, &pp->runnext, was, gp, &pp->robbed))
		return was;
	return __atomic_exchange_n(&pp->runnext, gp, __ATOMIC_ACQ_REL);
}

/* What is in runnext, by the owner. */
static inline struct g *rt_runq_take_next(struct p *pp)
{
	if (!__atomic_load_n(&pp->runnext, __ATOMIC_RELAXED))
		return NULL;
	return rt_runq_swap_next(pp, NULL);
}

/* The next to run: what is in runnext, or the ring's first; in chaos sometimes the other. */
struct g *rt_runq_next(struct p *pp);
/* Half of what the victim's ring has beyond `leave` into ours, and one of them to run now; with
 * take_next, if there is no more, the victim's runnext.  NULL if there was nothing to take. */
struct g *rt_runq_steal(struct p *pp, struct p *victim, uint32_t leave, bool take_next);

/* n goroutines, linked from first to last, at the global queue's tail; under rt.lock. */
void rt_globq_put(struct g *first, struct g *last, uint32_t n);
/* One from the global queue to run, and at most a fair share, together `most`, into the ring. */
struct g *rt_globq_get(struct p *pp, uint32_t most);

/* All of a worker's own queue to the global one; by who has the worker, under rt.lock. */
void rt_runq_flush(struct p *pp);

/* Whether some ring or the global queue has something. */
bool rt_runq_any(void);

#endif
