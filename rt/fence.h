/* SPDX-License-Identifier: MIT */
/* Fences in other threads, by membarrier(2): a thread that seldom needs one has all others run it, so that
 * these need none (6 ns) where they pass often.
 *
 * Alone a call takes 0.1 us; with another thread of the process on a cpu 14, for it waits for the interrupt
 * there, and that thread loses 7 (two cpus of a virtual machine).  So it is for what happens once in a while:
 * that a worker goes idle is too often for it.
 */
#ifndef RT_FENCE_H
#define RT_FENCE_H

#include <stdbool.h>

/* Once, before there are threads. */
void rt_fence_init(void);
/* Whether there is a call that does it, the fast one or the slow one of older kernels. */
bool rt_fence_can_ask(void);
/* All other threads run a fence. */
void rt_fence_ask(void);

/* A command of membarrier(2): whether it works; one that did before, and must again. */
bool rt_membarrier_try(int cmd);
void rt_membarrier(int cmd);

#endif
