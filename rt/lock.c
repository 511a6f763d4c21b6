/* SPDX-License-Identifier: MIT */
#define _GNU_SOURCE
#include "lock.h"
#include "arch/switch.h"

#include <errno.h>
#include <linux/futex.h>
#include <sched.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

bool rt_not_alone;

/* The calls below save errno: it belongs to the goroutine's C code. */
static void futex_wait(uint32_t *addr, uint32_t value, int64_t until)
{
	struct timespec ts = {until / 1000000000, until % 1000000000};
	int saved = errno;

	syscall(SYS_futex, addr, FUTEX_WAIT_BITSET | FUTEX_PRIVATE_FLAG, value,
		until == INT64_MAX ? NULL : &ts, NULL, FUTEX_BITSET_MATCH_ANY);
	errno = saved;
}

static void futex_wake(uint32_t *addr)
{
	int saved = errno;

	syscall(SYS_futex, addr, FUTEX_WAKE | FUTEX_PRIVATE_FLAG, 1, NULL, NULL, 0);
	errno = saved;
}

void rt_lock_slow(struct rt_lock *l)
{
	for (int i = 0; i < 100; i++) {
		if (__atomic_load_n(&l->state, __ATOMIC_RELAXED) == 0 && rt_try_lock(l))
			return;
		rt_cpu_relax();
	}
	while (__atomic_exchange_n(&l->state, 2, __ATOMIC_ACQUIRE) != 0)
		futex_wait(&l->state, 2, INT64_MAX);
}

void rt_unlock_slow(struct rt_lock *l)
{
	futex_wake(&l->state);
}

/* What two cores want at once goes from one's cache to the other's with each operation, which costs
 * several times what the operation does.  So a thread that met with contention again and again
 * within RECENT stays away for longer and longer between its looks, and in 2.5 us the other does a
 * hundred operations: 8 senders and 8 receivers on one channel, two workers, take 25 ns each and
 * not 84, and 8 goroutines that lock a mutex 18 and not 47.  (Exponential backoff, as in Anderson,
 * The Performance of Spin Lock Alternatives, 1990; kept from one wait to the next.) */
void rt_spin_wait(int *pauses)
{
	enum { RECENT = 50 * 1000, YIELD = 4 * RT_AWAY, SLEEP = 64 * RT_AWAY };
	static __thread struct {
		int64_t since; // when it last began to wait
		int pauses;    // how long it stays away
	} away;

	if (*pauses == 0) {
		int64_t now = rt_now();

		if (now - away.since > RECENT)
			away.pauses = 1;
		else if (away.pauses < RT_AWAY)
			away.pauses *= 2;
		away.since = now;
	}
	for (int i = 0; i < away.pauses; i++)
		rt_cpu_relax();
	*pauses += away.pauses;
	if (*pauses % YIELD < away.pauses) { // perhaps the holder needs this cpu
		int saved = errno;

		if (*pauses < SLEEP)
			sched_yield();
		else
			nanosleep(&(struct timespec){0, 20000}, NULL);
		errno = saved;
	}
}

/* With the thread sanitizer nobody sleeps for long: a signal that comes just before a sleep is
 * taken after it. */
static int64_t sleep_until(int64_t until)
{
#if WEFT_TSAN
	int64_t soon = rt_now() + 100 * 1000 * 1000;

	rt_take_signals();
	return until < soon ? until : soon;
#else
	return until;
#endif
}

bool rt_note_sleep(struct rt_note *n, int64_t until)
{
	while (!__atomic_load_n(&n->set, __ATOMIC_ACQUIRE)) {
		if (until != INT64_MAX && rt_now() >= until)
			return __atomic_exchange_n(&n->set, 0, __ATOMIC_ACQUIRE);
		futex_wait(&n->set, 0, sleep_until(until));
	}
	/* An exchange, so that what came before a second wake-up, which this takes back, is seen.
	 */
	__atomic_exchange_n(&n->set, 0, __ATOMIC_ACQUIRE);
	return true;
}

void rt_note_wake(struct rt_note *n)
{
	if (!__atomic_exchange_n(&n->set, 1, __ATOMIC_RELEASE))
		futex_wake(&n->set);
}

int64_t rt_now(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return ts.tv_sec * 1000000000LL + ts.tv_nsec;
}
