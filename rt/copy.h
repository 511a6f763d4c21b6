/* SPDX-License-Identifier: MIT */
/* Copies of a channel's elements. */
#ifndef RT_COPY_H
#define RT_COPY_H

#include "arch/switch.h"

#include <stdint.h>
#include <string.h>

#if WEFT_TSAN == 1
/* memcpy and memset are watched, and these are not the user's accesses. */
static inline void rt_copy(void *to, const void *from, size_t n)
{
	for (size_t i = 0; i < n; i++)
		((volatile char *)to)[i] = ((const volatile char *)from)[i];
}

static inline void rt_zero(void *to, size_t n)
{
	for (size_t i = 0; i < n; i++)
		((volatile char *)to)[i] = 0;
}
#else
/* Elements may have no size, and then no address.  Most are words. */
static inline void rt_copy(void *to, const void *from, size_t n)
{
	if (n == sizeof(uint64_t))
		memcpy(to, from, sizeof(uint64_t));
	else if (n)
		memcpy(to, from, n);
}

static inline void rt_zero(void *to, size_t n)
{
	if (n)
		memset(to, 0, n);
}
#endif

#endif
