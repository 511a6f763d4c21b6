/* SPDX-License-Identifier: MIT */
/* The clock that packed records count by: the cpu's counter where the kernel, too, keeps time by it, or else
 * CLOCK_MONOTONIC, which takes longer. */
#ifndef RT_PACKED_CLOCK_H
#define RT_PACKED_CLOCK_H

#include <stdbool.h>
#include <stdint.h>

#ifdef __x86_64__
#include <x86intrin.h>
#endif

extern bool packed_by_counter __attribute__((visibility("hidden")));

/* Before anything is recorded. */
void packed_clock_choose(void);

/* The counter.  `ordered`: with a fence.  Without it the cpu may read the counter while a load that
 * precedes it still waits for another cpu, and an effect may get an earlier time than its cause (3 of 100
 * locks that changed hands showed that, by up to 90 ns).  It doubles what a record costs. */
static inline uint64_t packed_ticks(bool ordered)
{
#if defined __x86_64__
	if (ordered)
		_mm_lfence();
	return __rdtsc();
#elif defined __aarch64__
	uint64_t v;

	if (ordered)
		__asm__ volatile("isb" ::: "memory");
	__asm__ volatile("mrs %0, cntvct_el0" : "=r"(v)::"memory");
	return v;
#else
	(void)ordered;
	return 0;
#endif
}

/* Whichever it is. */
uint64_t packed_clock(bool ordered);

/* It and CLOCK_MONOTONIC at one moment. */
void packed_clock_pair(uint64_t *raw, uint64_t *mono);

#endif
