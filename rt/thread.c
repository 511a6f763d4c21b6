/* SPDX-License-Identifier: MIT */
/* Threads: how one comes by a worker, what it runs next, and its loop.  sched.c says what the rules
 * are for. */
#define _GNU_SOURCE
#include "thread.h"

#include "fault.h"
#include "netpoll.h"
#include "procs.h"
#include "restart.h"
#include "runq.h"
#include "sample.h"
#include "throw.h"

#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

enum { SPIN_NS = 30000, NEXT_STEAL_NS = 15000 };
/* Before the first look for work, 0.2 us, and between looks (and before the first, after one in
 * vain): twice as long after each that leaves to others what they have, until LOOK_MOST_NS. */
enum { FIRST_PAUSES = 8, LOOK_NS = 2000, LOOK_MOST_NS = 8000 };
/* What another worker will have run within LEAVE_NS is left to it, but not so many that its ring
 * overflows, and none when each takes it longer than to move one, which is put into the ring and
 * taken, WORTH_NS for either: see look_around. */
enum { LEAVE_NS = 200000, LEAVE_MOST = RUNQ * 3 / 4, WORTH_NS = 125 };
/* Who is due goes before the ring's goroutines, but each so many turns. */
enum { TIMERS_LEAVE = 8 };
enum { THREAD_RETRY_NS = 100 * 1000 * 1000 };

void rt_worker_acquire(struct m *mp, struct p *pp)
{
	rt_acquire(pp);
	__atomic_store_n(&mp->p, pp,
			 __ATOMIC_RELAXED); // the monitor's look at it decides nothing yet
	__atomic_store_n(&mp->wanted, WANTED_NO, __ATOMIC_RELAXED);
	rt_trace(p_start, pp->id);
	__atomic_store_n(&pp->m, mp, __ATOMIC_RELEASE); // pairs with the monitor's look
}

void rt_worker_release(struct m *mp)
{
	struct p *pp = mp->p;

	__atomic_store_n(&pp->m, NULL, __ATOMIC_RELAXED);
	__atomic_store_n(&mp->p, NULL, __ATOMIC_RELAXED);
	__atomic_store_n(&mp->wanted, WANTED_NO, __ATOMIC_RELAXED);
	rt_release(pp);
}

void rt_worker_give_up(struct m *mp)
{
	rt_trace(p_stop, mp->p->id);
	rt_worker_push(mp->p);
	rt_worker_release(mp);
}

static void *thread_main(void *arg);

/* NULL, or what is in the way of another thread. */
static const char *thread_new(struct p *pp, bool spinning)
{
	struct m *mp =
		mmap(NULL, sizeof *mp, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	pthread_attr_t attr;
	int err;

	if (mp == MAP_FAILED)
		return "no memory can be mapped";
	mp->inside = 1;
	mp->given = pp;
	mp->spinning = spinning;
	__atomic_fetch_add(&rt.leaving, 1, __ATOMIC_RELAXED);
	pthread_attr_init(&attr);
	pthread_attr_setdetachstate(&attr, PTHREAD_CREATE_DETACHED);
	err = pthread_create(&mp->thread, &attr, thread_main, mp);
	pthread_attr_destroy(&attr);
	if (!err)
		return NULL;
	__atomic_fetch_sub(&rt.leaving, 1, __ATOMIC_RELAXED);
	munmap(mp, sizeof *mp);
	return strerror(err);
}

/* One thread more, unless that would be too many: then the monitor tries again, for one that has
 * work may be about to have none. */
static bool count_thread(void)
{
	uint32_t most = rt_threads_most();

	if (__atomic_fetch_add(&rt.threads, 1, __ATOMIC_RELAXED) < most)
		return true;
	__atomic_fetch_sub(&rt.threads, 1, __ATOMIC_RELAXED);
	__atomic_store_n(&rt.threads_short, true, __ATOMIC_RELAXED);
	return false;
}

/* Without the first thread nothing runs.  Later the program goes on with those that it has, says so
 * once, and tries again from time to time. */
static void thread_failed(const char *why)
{
	uint32_t n = __atomic_load_n(&rt.threads, __ATOMIC_RELAXED);
	static const char how[] = "see ulimit -u and the cgroup's pids.max";

	if (!n)
		rt_fatal(NULL, "cannot start a thread: %s (%s)", why, how);
	if (!__atomic_exchange_n(&rt.thread_retry, rt_now() + THREAD_RETRY_NS, __ATOMIC_RELAXED))
		dprintf(STDERR_FILENO, "weft: cannot start a thread: %s (%s); goes on with %u\n",
			why, how, n);
}

bool rt_thread_start(struct p *pp, bool spinning)
{
	const char *why;
	struct m *mp;

	rt_lock(&rt.lock);
	mp = rt.idle_threads;
	if (mp) {
		rt.idle_threads = mp->next;
		mp->given = pp;
		mp->spinning = spinning;
	}
	rt_unlock(&rt.lock);
	if (mp) {
		rt_note_wake(&mp->note);
		return true;
	}
	if (__atomic_load_n(&rt.thread_retry, __ATOMIC_RELAXED) > rt_coarse_now() ||
	    !count_thread())
		return false;
	why = thread_new(pp, spinning);
	if (why) {
		__atomic_fetch_sub(&rt.threads, 1, __ATOMIC_RELAXED);
		thread_failed(why);
	}
	return !why;
}

bool rt_wake_worker(void)
{
	uint32_t none = 0;
	struct p *pp;

	if (!__atomic_load_n(&rt.nidle, __ATOMIC_RELAXED) ||
	    __atomic_load_n(&rt.spinning, __ATOMIC_RELAXED) ||
	    !__atomic_compare_exchange_n(&rt.spinning, &none, 1, false, __ATOMIC_SEQ_CST,
					 __ATOMIC_RELAXED))
		return false;
	rt_lock(&rt.lock);
	pp = rt_worker_pop();
	rt_unlock(&rt.lock);
	if (pp && rt_thread_start(pp, true))
		return true;
	/* A submitter may have relied on the looker that we announced. */
	__atomic_fetch_sub(&rt.spinning, 1, __ATOMIC_SEQ_CST);
	if (pp) { // without a thread for it; the monitor tries again
		rt_lock(&rt.lock);
		rt_worker_push(pp);
		rt_unlock(&rt.lock);
		return false;
	}
	__atomic_thread_fence(__ATOMIC_SEQ_CST);
	return rt_runq_any() && rt_wake_worker();
}

void rt_start_spinning(struct m *mp)
{
	mp->spinning = true;
	__atomic_fetch_add(&rt.spinning, 1, __ATOMIC_SEQ_CST);
}

void rt_stop_spinning(struct m *mp)
{
	mp->spinning = false;
	__atomic_fetch_sub(&rt.spinning, 1, __ATOMIC_SEQ_CST);
	__atomic_thread_fence(__ATOMIC_SEQ_CST);
}

/* The worker's thread runs a goroutine from here on: what it left to others needs another looker.
 */
static struct g *found(struct m *mp, struct g *gp)
{
	mp->in_vain = 0;
	if (mp->spinning) {
		rt_stop_spinning(mp);
		if (__atomic_load_n(&rt.nidle, __ATOMIC_RELAXED) &&
		    (rt_runq_any() || rt_timers_want_more(rt_timers_first(), rt_now())))
			rt_wake_worker();
	}
	return gp;
}

/* ---- What to run next ------------------------------------------------------------------- */

/* Fire what is due, up to one that wakes a goroutine, which runs next: true.  The others stay in
 * the heap, in the order of their times, and any worker takes them from there. */
static bool fire_timers(struct p *pp, struct rt_timers *ts)
{
	int64_t next = rt_timers_next(ts), now = rt_coarse_now();
	struct g *gp;

	if (next == INT64_MAX)
		return false;
	if (now < next) {
		now = rt_now();
		__atomic_store_n(&rt.coarse, now, __ATOMIC_RELAXED);
	}
	gp = rt_timers_due(ts, now);
	if (gp) {
		rt_ready_by(pp, gp, 0, true);
		if (rt_timers_want_more(rt_timers_next(ts), now))
			rt_wake_worker();
	}
	return gp;
}

static void pause_for(uint32_t pauses)
{
	while (pauses-- > 0)
		rt_cpu_relax();
}

/* Until then, or until some worker's timer is due. */
static void pause_until(int64_t then)
{
	int64_t first = rt_timers_first();

	do
		pause_for(FIRST_PAUSES);
	while (rt_now() < (first < then ? first : then));
}

/* What a worker had done when it was looked at: its tick at first; how many it had put into its
 * ring, and taken, last. */
struct seen {
	uint32_t tick, moved;
};

static uint32_t moved(struct p *pp)
{
	return __atomic_load_n(&pp->head, __ATOMIC_RELAXED) +
	       __atomic_load_n(&pp->tail, __ATOMIC_RELAXED);
}

/* How many are left to a worker that has moved n since the last look, `since` ago. */
static uint32_t to_leave(uint32_t n, int64_t since)
{
	uint64_t soon = (uint64_t)n * LEAVE_NS / (uint64_t)(since + 1);

	if ((int64_t)n * WORTH_NS <= since)
		return 0;
	return soon < LEAVE_MOST ? (uint32_t)soon : LEAVE_MOST;
}

/* One look at every other worker, from a random one on, `ago` after the search began, and `since`
 * after the last look.  *leaves: a worker is left what it has.
 *
 * To move a goroutine costs some 250 ns: its record and what it works on go from one core's
 * cache to the other's, and the record back.  So what a worker will soon have run is left to it, by
 * the pace at which it has put goroutines into its ring and taken them since the last look (what
 * other thieves have taken counts, too; then the next look decides).  One that has run the same
 * goroutine all the while is left none.  With two workers, spawn and join in batches of 100: 45 ns,
 * not 117, of 1,000: 44, not 88; 8 goroutines that hold a mutex while they yield: 170, not 330.  (A
 * prime sieve, whose goroutines take longer: 62 ms if WORTH_NS is 200, 47 with 125.)  A thread that
 * leaves something stays awake (rt_idle), but for naps.
 *
 * What a worker would run next is taken only if it has run the same goroutine for a while, and
 * that has pushed nothing since the last look: to take it costs the worker 7 us (rt/fence.h). */
static struct g *look_around(struct p *pp, struct seen *seen, uint32_t n, int64_t ago,
			     int64_t since, bool *leaves)
{
	uint32_t from = rt_choose(n);

	*leaves = false;
	for (uint32_t i = 0; i < n; i++) {
		struct p *victim = &rt.workers[(from + i) % n];
		struct seen *was = &seen[victim->id];
		uint32_t now = moved(victim), leave = to_leave(now - was->moved, since);
		bool chaos = rt_chaos(4), next = chaos;
		struct g *gp;

		if (fire_timers(pp, &victim->timers))
			break;
		if (victim == pp)
			continue;
		if (ago > NEXT_STEAL_NS && now == was->moved &&
		    was->tick == __atomic_load_n(&victim->tick, __ATOMIC_RELAXED))
			next = true;
		gp = rt_runq_steal(pp, victim, chaos ? 0 : leave, next);
		was->moved = now;
		*leaves |= leave > 0;
		if (gp)
			return gp;
	}
	return rt_runq_next(pp);
}

/* Look for work elsewhere for a while, and until a timer that is due soon: to sleep until then
 * costs more, and is late by 20 to 90 us. */
static struct g *search(struct m *mp)
{
	struct p *pp = mp->p;
	struct seen seen[WORKERS_MAX];
	uint32_t n = rt_nworkers();
	int64_t began = rt_now(), last = 0, pause = LOOK_NS;
	bool gathered = rt_timers_gather(pp, began), leaves;
	struct g *gp;

	if (!mp->spinning) {
		uint32_t busy = __atomic_load_n(&rt.nactive, __ATOMIC_RELAXED) -
				__atomic_load_n(&rt.nidle, __ATOMIC_RELAXED);

		if (2 * __atomic_load_n(&rt.spinning, __ATOMIC_RELAXED) >= busy)
			return NULL;
		rt_start_spinning(mp);
	}
	for (uint32_t i = 0; i < n; i++) {
		struct p *other = &rt.workers[i];

		seen[i].tick = __atomic_load_n(&other->tick, __ATOMIC_RELAXED);
		seen[i].moved = moved(other);
	}
	/* Not after a moment where the others' pace is what decides: one that is held up for it
	 * would lose half of its goroutines. */
	if (mp->in_vain)
		pause_until(began + LOOK_NS);
	else
		pause_for(FIRST_PAUSES);
	for (;;) {
		int64_t ago = rt_now() - began;

		gp = look_around(pp, seen, n, ago, ago - last, &leaves);
		last = ago;
		if (!gp)
			gp = rt_globq_get(pp, RUNQ_BATCH);
		if (!gp) {
			rt_poll_here(pp);
			gp = rt_runq_next(pp);
		}
		if (gp || __atomic_load_n(&rt.stopping, __ATOMIC_RELAXED) ||
		    ((n == 1 || gathered || ago > SPIN_NS) &&
		     rt_timers_first() - began - ago > SPIN_NS))
			return gp;
		/* Not more often, for each look takes from the others' caches what they use next: 5
		 * to 10 ns of a goroutine's spawning and end. */
		pause = !leaves ? LOOK_NS : pause < LOOK_MOST_NS ? 2 * pause : pause;
		pause_until(began + ago + pause);
	}
}

/* The number of workers has changed (procs.c).  True if the thread has had to give its own up. */
static bool settle(struct m *mp)
{
	bool gone = false;

	if (rt_workers_surplus()) {
		rt_lock(&rt.lock);
		gone = rt_workers_surplus();
		if (gone) {
			rt_worker_give_up(mp);
		}
		rt_unlock(&rt.lock);
	} else if (rt_workers_orphans()) {
		for (uint32_t i = 0; i < rt_nworkers(); i++)
			fire_timers(mp->p, &rt.workers[i].timers);
	} else {
		rt_workers_settle();
	}
	return gone;
}

/* Be late, now and then, and take the other way between goroutines for a while. */
static void make_chaos(void)
{
	if (rt_chaos(32))
		pause_for(rt_choose(5000));
	if (rt_chaos(16))
		__atomic_fetch_xor(&rt.detour, DETOUR_CHAOS, __ATOMIC_RELAXED);
}

struct g *rt_nearest(struct m *mp)
{
	struct p *pp = mp->p;
	struct g *gp = NULL;

	__atomic_store_n(&pp->tick, pp->tick + 1, __ATOMIC_RELAXED);
	if (rt.chaos)
		make_chaos();
	if (rt_trace_on() && pp->tick % FAIR == 0)
		rt_trace(p_queue, pp->id,
			 rt_runq_len(pp) +
				 (__atomic_load_n(&pp->runnext, __ATOMIC_RELAXED) != NULL),
			 __atomic_load_n(&rt.nglobq, __ATOMIC_RELAXED));
	if (pp->tick % FAIR == 0 || rt_chaos(8)) {
		rt_poll_here(pp);
		/* Many where there is room: one at each such turn would let a goroutine that yields
		 * until others have run go round 61 times for each of them. */
		gp = rt_globq_get(pp, rt_runq_len(pp) < RUNQ / 2 ? RUNQ_BATCH : 1);
		if (!gp)
			gp = rt_runq_pop(pp);
	}
	/* Not at such a turn: who is due would wait in runnext, and the next that is push it out
	 * to the end of the ring. */
	if (!gp && (pp->tick % TIMERS_LEAVE || rt_runq_len(pp) == 0))
		fire_timers(pp, &pp->timers);
	if (!gp)
		gp = rt_runq_next(pp);
	if (!gp)
		gp = rt_globq_get(pp, RUNQ_BATCH);
	if (!gp) {
		rt_poll_here(pp);
		gp = rt_runq_next(pp);
	}
	return gp;
}

/* The next goroutine to run on this thread, or to hand over to the one that it is pinned to. */
static struct g *next(struct m *mp)
{
	for (;;) {
		struct p *pp = mp->p;
		struct g *gp = NULL;

		if (__atomic_load_n(&rt.stopping, __ATOMIC_ACQUIRE))
			rt_thread_leave(mp);
		if (rt_detour(DETOUR_PROCS) && pp && settle(mp))
			pp = NULL;
		if (pp) {
			gp = rt_nearest(mp);
			if (!gp) {
				rt_trace(p_idle, pp->id);
				gp = search(mp);
			}
			if (gp)
				return found(mp, gp);
		}
		rt_idle(mp);
	}
}

/* ---- The loop --------------------------------------------------------------------------- */

/* To a goroutine that has not begun.  New stacks come one by one where there are timers, for 32
 * take 50 us, in which who is due would wait. */
static void give_stack(struct p *pp, struct g *gp)
{
	int most = rt_timers_next(&pp->timers) == INT64_MAX ? RT_STACKS : 1;

	rt_g_stack_keep(&pp->dead, most);
	rt_g_settle(pp, gp);
	rt_g_stack_keep(&pp->dead, most); // for the next, or that would come by here again
}

/* Until a goroutine leaves its stack for this one: gp, or one that ran after it. */
static void run(struct m *mp, struct g *gp)
{
	if (!gp->ctx.sp)
		give_stack(mp->p, gp);
	for (;;) {
		rt_context_switch(&mp->ctx, &gp->ctx);
		gp = mp->left;
		mp->left = NULL;
		if (mp->commit(gp, mp->commit_arg))
			break;
		rt_unpark(gp);
	}
	mp->curg = NULL;
}

static void *thread_main(void *arg)
{
	struct m *mp = arg;
	struct p *pp;

	rt_thread_m = mp;
	if (!rt_trace_on())
		rt_quick_m = mp;
	mp->tid = (uint32_t)gettid();
	rt_signal_stack();
	rt_sample_start(mp);
	mp->restart = rt_restart_area();
	rt_context_here(&mp->ctx);
	rt_trace(m_start, 0);
	rt_lock(&rt.lock);
	pp = mp->given;
	mp->given = NULL;
	mp->all = rt.all;
	__atomic_store_n(&rt.all, mp, __ATOMIC_RELEASE); // pairs with weft_run's look at the end
	rt_unlock(&rt.lock);
	rt_worker_acquire(mp, pp);
	for (;;) {
		struct g *gp = mp->pinned ? rt_pin_next(mp) : next(mp);

		if (gp->pinned == mp || !gp->pinned)
			run(mp, gp);
		else
			rt_pin_hand_over(mp, gp);
	}
	return NULL;
}
