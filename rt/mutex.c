/* SPDX-License-Identifier: MIT */
/* Mutexes.
 *
 * The state is one word: LOCKED; QUEUED, goroutines wait in q; and BUSY, which protects q.  While
 * BUSY is set nobody else changes the word, but that a free mutex cannot be BUSY except in the
 * hands of the one who unlocks it.  Locking sets LOCKED whenever it is clear, so a running
 * goroutine may go before those that wait; one that was woken for it and finds it taken waits at
 * the front. A waiter that has waited for STARVING_NS is handed the mutex locked, and runs at
 * once in place of the one who unlocks, so everyone's turn comes. (The two modes are those of Go's
 * sync.Mutex.)
 *
 * The store that unlocks is the last touch: whoever locks next may free the memory.
 *
 * A free mutex with goroutines queued has one that was woken and has not tried yet.
 *
 * Until a goroutine waits for it for the first time, unlocking is not a compare-and-swap but a
 * restartable sequence (restart.h): who would set BUSY sets `shared` first, for ever, and has those
 * that unlock begin anew.
 */
#include "busy.h"
#include "restart.h"
#include "throw.h"
#include "waitq.h"

enum { LOCKED = 1, QUEUED = 2 }; /* and BUSY */
enum { STARVING_NS = 1000 * 1000, PAUSES = 2 * RT_AWAY };

static uint32_t look(const weft_mutex *mu)
{
	return rt_word_look(&mu->state);
}

/* Inside. */
static inline bool swap(weft_mutex *mu, uint32_t from, uint32_t to)
{
	if (!rt_alone())
		return rt_word_swap(&mu->state, from, to);
	if (look(mu) != from)
		return false;
	rt_word_set(&mu->state, to);
	return true;
}

/* Which mutex, for owner and where: set after locking, read by reports without a lock. */
static void own(weft_mutex *mu, uint64_t id, const weft_site *site)
{
	__atomic_store_n(&mu->owner, id, __ATOMIC_RELAXED);
	__atomic_store_n(&mu->where, site, __ATOMIC_RELAXED);
	rt_acquire(mu);
}

static bool commit_queued(struct g *gp, void *arg)
{
	weft_mutex *mu = arg;

	(void)gp;
	rt_word_set(&mu->state, LOCKED | QUEUED); // no longer BUSY
	return true;
}

/* Before BUSY is set for the first time; 2: those that unlock all know. */
static void share(weft_mutex *mu)
{
	__atomic_store_n(&mu->shared, 1, __ATOMIC_RELAXED); // rt_restart_others is a fence
	rt_restart_others();
	__atomic_store_n(&mu->shared, 2, __ATOMIC_RELEASE);
}

/* Wait for a turn.  True if the mutex is ours on return. */
static bool queue(weft_mutex *mu, struct weft_waiter *w, weft_site *site)
{
	if (w->since) {
		rt_waitq_push_front(&mu->q, w);
	} else {
		w->since = rt_now();
		rt_waitq_push(&mu->q, w);
	}
	rt_park(WAIT_mutex_lock, mu, site, commit_queued, mu);
	return w->owns;
}

__attribute__((noinline)) static void lock_slow(weft_mutex *mu, weft_site *site)
{
	struct weft_waiter w = {.g = rt_curg()};
	int pauses = 0;

	for (;;) {
		uint32_t state = look(mu);

		if (!(state & (LOCKED | BUSY))) {
			if (swap(mu, state, state | LOCKED))
				return;
		} else if (state & BUSY ||
			   (pauses < PAUSES && __atomic_load_n(&rt.nactive, __ATOMIC_RELAXED) > 1 &&
			    !w.since)) {
			rt_spin_wait(&pauses);
		} else if (__atomic_load_n(&mu->shared, __ATOMIC_ACQUIRE) != 2) {
			share(mu);
		} else if (swap(mu, state, state | BUSY)) {
			if (queue(mu, &w, site))
				return;
			pauses = 0;
		}
	}
}

__attribute__((noinline)) static void lock_entering(weft_mutex *mu, weft_site *site)
{
	uint64_t id = rt_enter("weft_mutex_lock")->curg->id;
	bool contended;

	rt_reads(mu, 1);
	contended = !swap(mu, 0, LOCKED);
	if (contended)
		lock_slow(mu, site);
	own(mu, id, site);
	rt_trace(mutex_lock, mu, id, contended, rt_trace_site(site));
	rt_leave();
}

/* Inside, and nothing records: somebody has it. */
__attribute__((noinline)) static void lock_inside(weft_mutex *mu, weft_site *site)
{
	lock_slow(mu, site);
	own(mu, rt_curg()->id, site);
	rt_leave();
}

/* Inside, with one worker, so nobody else is there: no swap.  (2.5 ns for both, not 10.) */
static inline void lock_alone(struct m *mp, weft_mutex *mu, weft_site *site)
{
	if (look(mu) != 0) {
		lock_inside(mu, site);
		return;
	}
	rt_word_set(&mu->state, LOCKED);
	own(mu, mp->curg->id, site);
	rt_leave_quick(mp);
}

void weft_mutex_lock_at(weft_mutex *mu, weft_site *site)
{
	struct m *mp = rt_quick_self();
	uint64_t id;

	if (rt_alone()) {
		if (rt_enter_quick(mp, true)) {
			lock_alone(mp, mu, site);
			return;
		}
	} else if (rt_pass_quick(mp, true)) {
		id = mp->curg->id; // read before the swap, which nothing overtakes
		if (rt_word_swap(&mu->state, 0, LOCKED)) {
			own(mu, id, site);
			return;
		}
	}
	lock_entering(mu, site);
}

bool weft_mutex_try_lock_at(weft_mutex *mu, weft_site *site)
{
	struct m *mp = rt_enter("weft_mutex_try_lock");
	uint32_t state = look(mu);
	bool locked;

	rt_reads(mu, 1);
	locked = !(state & (LOCKED | BUSY)) && swap(mu, state, state | LOCKED);
	if (locked) {
		own(mu, mp->curg->id, site);
		rt_trace(mutex_lock, mu, rt_curg()->id, 0, rt_trace_site(site));
	} else {
		rt_polled(mp);
	}
	rt_leave();
	return locked;
}

static _Noreturn void unlock_unlocked(const weft_site *site)
{
	rt_fatal(site, "unlock of unlocked mutex");
}

/* With others waiting: choose who is next before the mutex is free.  `said`: the event has been emitted. */
__attribute__((noinline)) static void unlock_slow(weft_mutex *mu, weft_site *site, bool said)
{
	struct weft_waiter *w;
	struct g *wake = NULL;
	bool owns = false;
	uint32_t state;
	int pauses = 0;

	for (;;) {
		state = look(mu);
		if (!(state & LOCKED)) // another unlock was faster
			unlock_unlocked(site);
		if (!(state & BUSY) && swap(mu, state, state | BUSY))
			break;
		rt_spin_wait(&pauses);
	}
	w = rt_waitq_pop(&mu->q);
	state = mu->q.head ? QUEUED : 0;
	if (w) {
		wake = w->g;
		w->owns = owns = rt_now() - w->since > STARVING_NS;
		if (owns)
			state |= LOCKED;
	}
	if (!said)
		rt_trace(mutex_unlock, mu, rt_curg()->id, wake ? wake->id : 0, rt_trace_site(site));
	rt_word_set(&mu->state, state);
	if (owns) // all others have to wait for it to run
		rt_yield_to(wake);
	else if (wake)
		rt_ready(wake);
}

/* It was LOCKED and is free now: false if that is not all it was, and nothing was done. */
static inline bool let_go(struct m *mp, weft_mutex *mu)
{
	return (mp->restart && rt_restart_clear(mp->restart, &mu->state, LOCKED, &mu->shared)) ||
	       rt_word_swap(&mu->state, LOCKED, 0);
}

/* The event says that nobody waits, before the mutex is free.  Who comes to wait in between is woken
 * nevertheless. */
__attribute__((noinline)) static void unlock_entering(weft_mutex *mu, weft_site *site)
{
	struct m *mp = rt_enter_unlock("weft_mutex_unlock");
	uint32_t state = look(mu);

	rt_reads(mu, 1);
	if (!(state & LOCKED))
		unlock_unlocked(site);
	__atomic_store_n(&mu->owner, 0, __ATOMIC_RELAXED);
	rt_release(mu);
	if (state == LOCKED)
		rt_trace(mutex_unlock, mu, mp->curg->id, 0, rt_trace_site(site));
	if (state != LOCKED || !let_go(mp, mu))
		unlock_slow(mu, site, state == LOCKED);
	rt_leave();
}

/* Inside, and nothing records: somebody waits, or it is not locked. */
__attribute__((noinline)) static void unlock_inside(weft_mutex *mu, weft_site *site)
{
	__atomic_store_n(&mu->owner, 0, __ATOMIC_RELAXED);
	unlock_slow(mu, site, false);
	rt_leave();
}

static inline void unlock_alone(struct m *mp, weft_mutex *mu, weft_site *site)
{
	if (look(mu) != LOCKED) {
		unlock_inside(mu, site);
		return;
	}
	__atomic_store_n(&mu->owner, 0, __ATOMIC_RELAXED);
	rt_word_set(&mu->state, 0);
	rt_leave_quick(mp);
}

void weft_mutex_unlock_at(weft_mutex *mu, weft_site *site)
{
	struct m *mp = rt_quick_self();

	if (rt_alone()) {
		if (rt_enter_quick(mp, false)) {
			unlock_alone(mp, mu, site);
			return;
		}
	} else if (look(mu) == LOCKED && rt_pass_quick(mp, false)) {
		__atomic_store_n(&mu->owner, 0, __ATOMIC_RELAXED);
		if (let_go(mp, mu))
			return;
	}
	unlock_entering(mu, site);
}
