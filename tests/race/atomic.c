/* SPDX-License-Identifier: MIT */
/* C's atomics, between goroutines: the default order is an edge, and beside a plain access there is
 * none. */
#include "race.h"

#include <signal.h>
#include <stdatomic.h>

static ints done;
static volatile int8_t x1, x2;
static volatile int64_t x;

/* Each writes its own, counts, and if it is the one to see `sees`, writes the other's. */
#define COUNTS(counter, sees)                                                                      \
	BODY(counter##_first_##sees)                                                               \
	{                                                                                          \
		x1 = 1;                                                                            \
		if (atomic_fetch_add(&(counter), 1) + 1 == (sees))                                 \
			x2 = 1;                                                                    \
		weft_send(done, 1);                                                                \
	}                                                                                          \
	BODY(counter##_second_##sees)                                                              \
	{                                                                                          \
		x2 = 1;                                                                            \
		if (atomic_fetch_add(&(counter), 1) + 1 == (sees))                                 \
			x1 = 1;                                                                    \
		weft_send(done, 1);                                                                \
	}

static _Atomic int64_t n64;
static _Atomic int32_t n32;

COUNTS(n64, 2)
COUNTS(n64, 1)
COUNTS(n32, 2)

static void both(void (*f)(void *arg), void (*g)(void *arg))
{
	done = weft_make(ints, 2);
	weft_go(f, NULL);
	weft_go(g, NULL);
	recv_int(done);
	recv_int(done);
}

CASE(no_race_atomic_add_int64)
{
	both(n64_first_2, n64_second_2);
}

CASE(race_atomic_add_int64)
{
	both(n64_first_1, n64_second_1);
}

CASE(no_race_atomic_add_int32)
{
	both(n32_first_2, n32_second_2);
}

/* One writes x and says so in s; the other looks until it sees that, and writes x. */
#define SAYS(id, type, say, seen)                                                                  \
	static _Atomic type id##_s;                                                                \
	BODY(id##_says)                                                                            \
	{                                                                                          \
		_Atomic type *s = &id##_s;                                                         \
		type zero = 0;                                                                     \
                                                                                                   \
		(void)zero;                                                                        \
		x = 2;                                                                             \
		say;                                                                               \
	}                                                                                          \
	CASE(no_race_atomic_##id)                                                                  \
	{                                                                                          \
		_Atomic type *s = &id##_s;                                                         \
		type one;                                                                          \
                                                                                                   \
		weft_go(id##_says, NULL);                                                          \
		do {                                                                               \
			weft_yield();                                                              \
			one = 1;                                                                   \
		} while (!(seen));                                                                 \
		(void)one;                                                                         \
		x = 1;                                                                             \
	}

#define ADD atomic_fetch_add(s, 1)
#define STORE atomic_store(s, 1)
#define SWAP_IN MUST(atomic_compare_exchange_strong(s, &zero, 1))
#define LOAD (atomic_load(s) == 1)
#define SWAP_OUT atomic_compare_exchange_strong(s, &one, 0)

SAYS(load_add_int32, int32_t, ADD, LOAD)
SAYS(load_store_int32, int32_t, STORE, LOAD)
SAYS(store_cas_int32, int32_t, STORE, SWAP_OUT)
SAYS(cas_load_int32, int32_t, SWAP_IN, LOAD)
SAYS(cas_cas_int32, int32_t, SWAP_IN, SWAP_OUT)
SAYS(load_int64, int64_t, ADD, LOAD)
SAYS(cas_cas_uint64, uint64_t, SWAP_IN, SWAP_OUT)
SAYS(load_store_pointer, intptr_t, STORE, LOAD)
SAYS(store_cas_uint64, uint64_t, STORE, SWAP_OUT)

static _Atomic int32_t taken;

BODY(take_first)
{
	int32_t zero = 0;

	x1 = 1;
	if (!atomic_compare_exchange_strong(&taken, &zero, 1))
		x2 = 1;
	weft_send(done, 1);
}

BODY(take_second)
{
	int32_t zero = 0;

	x2 = 1;
	if (!atomic_compare_exchange_strong(&taken, &zero, 1))
		x1 = 1;
	weft_send(done, 1);
}

/* A compare-and-swap that fails is an edge too. */
CASE(no_race_atomic_cas_cas_int32_2)
{
	both(take_first, take_second);
}

/* ---- Atomic here, plain there ----------------------------------------------------------- */

static uint64_t a;

BODY(store_a)
{
	__atomic_store_n(&a, 1, __ATOMIC_SEQ_CST);
	weft_send(done, 1);
}

BODY(load_a)
{
	(void)__atomic_load_n(&a, __ATOMIC_SEQ_CST);
	weft_send(done, 1);
}

BODY(add_a)
{
	__atomic_fetch_add(&a, 1, __ATOMIC_SEQ_CST);
	weft_send(done, 1);
}

static void beside(void (*atomic)(void *arg))
{
	done = weft_make(ints, 0);
	weft_go(atomic, NULL);
}

CASE(race_atomic_store_load)
{
	beside(store_a);
	(void)*(volatile uint64_t *)&a;
	recv_int(done);
}

CASE(race_atomic_load_store)
{
	beside(load_a);
	*(volatile uint64_t *)&a = 1;
	recv_int(done);
}

CASE(race_atomic_add_load)
{
	beside(add_a);
	(void)*(volatile uint64_t *)&a;
	recv_int(done);
}

CASE(race_atomic_add_store)
{
	beside(add_a);
	*(volatile uint64_t *)&a = 42;
	recv_int(done);
}

/* ---- The rest --------------------------------------------------------------------------- */

/* Go's must panic rather than hang; in C it is a crash, and the handler can say so. */
static void crashed(int sig)
{
	(void)sig;
	_exit(0);
}

CASE(no_race_atomic_crash)
{
	_Atomic int32_t *volatile none = NULL;

	signal(SIGSEGV, crashed);
	atomic_fetch_add(none, 1);
	MUST(!"reached");
}

/* A tree of goroutines that each have an atomic of their own, on their stack and in the heap. */
static weft_waitgroup tree;

BODY(grow)
{
	_Atomic int64_t *bar = malloc(sizeof *bar);
	intptr_t depth = (intptr_t)arg;

	atomic_store(bar, 1);
	for (int i = 0; depth && i < 2; i++) {
		weft_waitgroup_add(&tree, 1);
		weft_go(grow, (void *)(depth - 1));
	}
	atomic_store(bar, 0);
	free(bar);
	weft_waitgroup_done(&tree);
}

CASE(no_race_defer_atomic_store)
{
	weft_waitgroup_add(&tree, 1);
	weft_go(grow, (void *)8);
	weft_waitgroup_wait(&tree);
}
