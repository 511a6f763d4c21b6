/* SPDX-License-Identifier: MIT */
/* How many workers there are: weft_procs, and the list of idle ones.
 *
 * A worker, once made, stays where it is for ever, and its number too: rt.nworkers only grows, and
 * who looks at all workers looks at removed ones as well.  Of these rt.nactive are in use, and
 * rt.procs are to be.  Removing does not stop anybody.  An idle worker is removed at once, of the
 * others the next that comes between two goroutines: its thread gives it up (rt_worker_push), and
 * what was queued in it goes to the global queue.
 *
 * Its timers stay in its heap, because whoever set them remembers where they are; none are added.
 * While there are any, DETOUR_PROCS leads the workers that are left past them, between goroutines.
 *
 * rt.lock protects all this; what is read without it is atomic.
 */
#include "procs.h"
#include "runq.h"
#include "throw.h"

enum { WORKERS_BYTES = 8 << 20 };

struct p *rt_worker_pop(void)
{
	struct p *pp = rt.idle_workers;

	if (pp) {
		rt.idle_workers = pp->next;
		__atomic_store_n(&rt.nidle, rt.nidle - 1, __ATOMIC_RELAXED);
	}
	return pp;
}

static void push_idle(struct p *pp)
{
	pp->next = rt.idle_workers;
	rt.idle_workers = pp;
	__atomic_store_n(&rt.nidle, rt.nidle + 1, __ATOMIC_RELAXED);
}

static void set_active(uint32_t n)
{
	__atomic_store_n(&rt.nactive, n, __ATOMIC_RELAXED);
}

static void detour(bool on)
{
	if (on)
		__atomic_fetch_or(&rt.detour, DETOUR_PROCS, __ATOMIC_RELAXED);
	else
		__atomic_fetch_and(&rt.detour, ~DETOUR_PROCS, __ATOMIC_RELAXED);
}

bool rt_workers_surplus(void)
{
	return __atomic_load_n(&rt.nactive, __ATOMIC_RELAXED) >
	       __atomic_load_n(&rt.procs, __ATOMIC_RELAXED);
}

bool rt_workers_orphans(void)
{
	for (uint32_t i = 0; i < rt_nworkers(); i++)
		if (__atomic_load_n(&rt.workers[i].removed, __ATOMIC_RELAXED) &&
		    rt_timers_next(&rt.workers[i].timers) != INT64_MAX)
			return true;
	return false;
}

void rt_workers_settle(void)
{
	rt_lock(&rt.lock);
	detour(rt_workers_surplus() || rt_workers_orphans());
	rt_unlock(&rt.lock);
}

/* Of a worker that the caller has, or has taken from the idle ones.  rt.lock is held. */
static void remove_worker(struct p *pp)
{
	rt_runq_flush(pp);
	__atomic_store_n(&pp->removed, true, __ATOMIC_RELAXED);
	pp->next = rt.removed;
	rt.removed = pp;
	set_active(rt.nactive - 1);
	if (rt_timers_next(&pp->timers) != INT64_MAX)
		detour(true);
}

void rt_worker_push(struct p *pp)
{
	if (rt_workers_surplus())
		remove_worker(pp);
	else
		push_idle(pp);
}

/* One more idle worker. */
static void add_worker(void)
{
	struct p *pp = rt.removed;

	if (pp) {
		rt.removed = pp->next;
		__atomic_store_n(&pp->removed, false, __ATOMIC_RELAXED);
	} else {
		pp = &rt.workers[rt.nworkers];
		pp->id = rt.nworkers;
		pp->rng = (rt.chaos ? rt.chaos : (uint64_t)rt_now()) * (pp->id + 1);
		rt_timers_init(&pp->timers);
		__atomic_store_n(&rt.nworkers, rt.nworkers + 1, __ATOMIC_RELEASE); // rt_nworkers
		if (rt.nworkers > 1)
			rt_alone_no_more();
	}
	set_active(rt.nactive + 1);
	push_idle(pp);
}

/* rt.lock is held. */
static void set_procs(uint32_t n)
{
	struct p *pp;

	__atomic_store_n(&rt.procs, n, __ATOMIC_RELAXED);
	if (rt.threads_max < n)
		__atomic_store_n(&rt.threads_max, n, __ATOMIC_RELAXED);
	while (rt.nactive < n)
		add_worker();
	while (rt.nactive > n && (pp = rt_worker_pop()))
		remove_worker(pp);
	if (rt.nactive > n)
		detour(true);
}

int weft_procs_at(int n, weft_site *site)
{
	int old;

	if (n == 0)
		return (int)__atomic_load_n(&rt.procs, __ATOMIC_RELAXED);
	rt_enter("weft_procs");
	if (n < 0 || n > WORKERS_MAX)
		rt_panic(site, "weft_procs of %d workers; from 1 to %d", n, WORKERS_MAX);
	rt_lock(&rt.lock);
	old = (int)rt.procs;
	if (n != old) {
		rt_trace(procs_set, rt_curg()->id, (uint32_t)n, (uint32_t)old, rt_trace_site(site));
		set_procs((uint32_t)n);
	}
	rt_unlock(&rt.lock);
	if (n > old)
		rt_wake_worker(); // who finds more to do than it can wakes the next
	rt_leave();
	return old;
}

/* The first is not idle: weft_run gives it to the first thread. */
void rt_workers_init(uint32_t n)
{
	_Static_assert(WORKERS_MAX * sizeof(struct p) <= WORKERS_BYTES, "more is mapped");
	rt.workers = rt_map_root(WORKERS_BYTES, false); // committed when touched
	if (!rt.workers)
		rt_fatal(NULL, "no memory for workers");
	rt.procs = 1;
	add_worker();
	rt_worker_pop();
	set_procs(n);
}
