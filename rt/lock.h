/* SPDX-License-Identifier: MIT */
/* Locks and notes that block the thread.
 *
 * Lock order, outermost first: signals, a group, a tree of contexts, then channels (several in order
 * of address), a flight, a wait queue or a connection, then a timer heap, then the scheduler's lock,
 * then the trace's numbering of sites and of stacks.
 * Nobody switches goroutines while holding one, but for the commit of a park, which unlocks.
 */
#ifndef RT_LOCK_H
#define RT_LOCK_H

#include <stdbool.h>
#include <stdint.h>

extern bool rt_not_alone __attribute__((visibility("hidden")));

/* Whether there is one worker, so that a thread inside (rt_enter) is the only one: what only those
 * touch that are inside needs no locked instructions, which are most of what a hand-over costs.
 * From a second worker on, or a listener that the monitor passes signals to, it is false for ever.
 * That is set by a thread that is inside, and so the only one, and others get the worker later. */
static inline bool rt_alone(void)
{
	return !__atomic_load_n(&rt_not_alone, __ATOMIC_ACQUIRE); // pairs with rt_alone_no_more
}

static inline void rt_alone_no_more(void)
{
	__atomic_store_n(&rt_not_alone, true, __ATOMIC_RELEASE);
}

/* A futex lock, free when zeroed: 0 free, 1 held, 2 held and somebody may sleep on it. */
struct rt_lock {
	uint32_t state;
};

void rt_lock_slow(struct rt_lock *l);
void rt_unlock_slow(struct rt_lock *l);

static inline bool rt_try_lock(struct rt_lock *l)
{
	uint32_t free = 0;

	return __atomic_compare_exchange_n(&l->state, &free, 1, false, __ATOMIC_ACQUIRE,
					   __ATOMIC_RELAXED);
}

static inline void rt_lock(struct rt_lock *l)
{
	if (!rt_try_lock(l))
		rt_lock_slow(l);
}

/* After the exchange the lock is not touched again (but for its address, as a futex), so whoever
 * locks it next may free it. */
static inline void rt_unlock(struct rt_lock *l)
{
	if (__atomic_exchange_n(&l->state, 0, __ATOMIC_RELEASE) == 2)
		rt_unlock_slow(l);
}

/* A lock for the few instructions of an operation on a channel or a WaitGroup, by who is inside, free
 * when zeroed, that costs one locked instruction and not two: nobody is told that it is free.  Who
 * waits for it spins, then gives up the cpu, which the holder may need, and then sleeps for moments. */
struct rt_spin {
	uint32_t held;
};

/* Wait a little for what another core has just now: the next look is after up to RT_AWAY pauses of
 * the cpu (20 ns).  Counts them in *pauses, 0 at first. */
enum { RT_AWAY = 128 };
void rt_spin_wait(int *pauses);

static inline bool rt_spin_try_lock(struct rt_spin *l)
{
	bool held;

	if (!rt_alone())
		return !__atomic_exchange_n(&l->held, 1, __ATOMIC_ACQUIRE);
	held = __atomic_load_n(&l->held, __ATOMIC_ACQUIRE);
	__atomic_store_n(&l->held, 1, __ATOMIC_RELAXED);
	return !held;
}

static inline void rt_spin_lock(struct rt_spin *l)
{
	int pauses = 0;

	while (__builtin_expect(!rt_spin_try_lock(l), 0))
		while (__atomic_load_n(&l->held, __ATOMIC_RELAXED))
			rt_spin_wait(&pauses);
}

/* The store is the last touch, so whoever locks it next may free it. */
static inline void rt_spin_unlock(struct rt_spin *l)
{
	__atomic_store_n(&l->held, 0, __ATOMIC_RELEASE);
}

/* A thread sleeps on its own note until another wakes it. */
struct rt_note {
	uint32_t set;
};

/* Until the note is woken, or `until` (CLOCK_MONOTONIC, INT64_MAX: for ever); true if woken.
 * Clears the note. */
bool rt_note_sleep(struct rt_note *n, int64_t until);
void rt_note_wake(struct rt_note *n);

/* CLOCK_MONOTONIC in nanoseconds. */
int64_t rt_now(void);

/* The time ns after now; never INT64_MAX, which means never. */
static inline int64_t rt_after(int64_t now, int64_t ns)
{
	return ns >= INT64_MAX - now ? INT64_MAX - 1 : now + ns;
}

static inline void rt_cpu_relax(void)
{
#if defined(__x86_64__)
	__builtin_ia32_pause();
#else
	__asm__ volatile("yield");
#endif
}

#endif
