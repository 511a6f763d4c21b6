/* SPDX-License-Identifier: MIT */
/* Fences of two sides that meet, of which one is passed often and the other seldom:
 *
 *     often:   store; rt_fence_light(); load
 *     seldom:  store; rt_fence_heavy(); load
 *
 * One of the two sees what the other has stored.  The heavy one makes each thread of the process
 * run a full fence (membarrier(2), 1.1 us), so that the light one costs nothing, where a full fence
 * takes 6 ns. Without a fast membarrier both are full fences.
 */
#ifndef RT_FENCE_H
#define RT_FENCE_H

#include <stdbool.h>

extern bool rt_fence_asymmetric __attribute__((visibility("hidden"))); // constant after the start

/* Once, before there are threads. */
void rt_fence_init(void);
void rt_fence_heavy(void);

static inline void rt_fence_light(void)
{
	if (rt_fence_asymmetric)
		__atomic_signal_fence(__ATOMIC_SEQ_CST);
	else
		__atomic_thread_fence(__ATOMIC_SEQ_CST);
}

/* The same for who has no full fence to fall back on, with the slow membarrier of older kernels,
 * too: whether there is one, and all other threads run a fence. */
bool rt_fence_can_ask(void);
void rt_fence_ask(void);

/* A command of membarrier(2): whether it works; one that did before, and must again. */
bool rt_membarrier_try(int cmd);
void rt_membarrier(int cmd);

#endif
