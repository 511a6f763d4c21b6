/* SPDX-License-Identifier: MIT */
/* Words that are state and lock in one: under mutexes, RWMutexes and Onces.
 *
 * While BUSY is set in the word, only who set it changes it and what it protects.  The store that
 * publishes the new state also clears BUSY, so that it can be the last touch of the object: who is
 * let in by it may free the memory.
 */
#ifndef RT_BUSY_H
#define RT_BUSY_H

#include "lock.h"

enum { BUSY = 4 };

static inline bool rt_word_swap(uint32_t *word, uint32_t from, uint32_t to)
{
	return __atomic_compare_exchange_n(word, &from, to, false, __ATOMIC_ACQ_REL,
					   __ATOMIC_RELAXED);
}

static inline uint32_t rt_word_look(const uint32_t *word)
{
	return __atomic_load_n(word, __ATOMIC_RELAXED);
}

/* The new state, without BUSY. */
static inline void rt_word_set(uint32_t *word, uint32_t state)
{
	__atomic_store_n(word, state, __ATOMIC_RELEASE);
}

/* Set BUSY; what the state was. */
static inline uint32_t rt_word_take(uint32_t *word)
{
	uint32_t state;
	int pauses = 0;

	while ((state = rt_word_look(word)) & BUSY || !rt_word_swap(word, state, state | BUSY))
		rt_spin_wait(&pauses);
	return state;
}

#endif
