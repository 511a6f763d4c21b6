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

void rt_spin_wait(int *spins)
{
	enum { YIELD = 64, SLEEP = 64 * YIELD };

	++*spins;
	if (*spins % YIELD) {
		rt_cpu_relax();
	} else if (*spins < SLEEP) {
		sched_yield();
	} else {
		int saved = errno;

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
