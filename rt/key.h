/* SPDX-License-Identifier: MIT */
/* Keys: of maps, and of the calls of a flight. */
#ifndef RT_KEY_H
#define RT_KEY_H

#include "arch/switch.h"
#include "weft.h"

#include <string.h>

#if WEFT_TSAN == 1
/* memcpy and memcmp are watched, and this is between goroutines, as the runtime orders them. */
static inline void rt_copy(void *to, const void *from, size_t n)
{
	for (size_t i = 0; i < n; i++)
		((volatile char *)to)[i] = ((const volatile char *)from)[i];
}

static inline bool rt_same(const void *a, const void *b, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (((const volatile char *)a)[i] != ((const volatile char *)b)[i])
			return false;
	return true;
}
#else
static inline void rt_copy(void *to, const void *from, size_t n)
{
	memcpy(to, from, n);
}

static inline bool rt_same(const void *a, const void *b, size_t n)
{
	return memcmp(a, b, n) == 0;
}
#endif

static inline uint64_t rt_key_mix(uint64_t x)
{
	x = (x ^ (x >> 32)) * 0xd6e8feb86659fd93u;
	x = (x ^ (x >> 32)) * 0xd6e8feb86659fd93u;
	return x ^ (x >> 32);
}

static inline uint64_t rt_key_hash(uint64_t seed, weft_key key)
{
	const unsigned char *at = key.ptr;
	uint64_t hash = rt_key_mix(seed ^ key.n);

	if (!at)
		return hash;
	for (uint64_t left = key.n; left;) {
		uint64_t word = 0;

		for (int i = 0; i < 8 && left; i++, left--)
			word = word << 8 | *at++;
		hash = rt_key_mix(hash ^ word) + seed;
	}
	return rt_key_mix(hash);
}

static inline bool rt_key_equal(weft_key a, weft_key b)
{
	return a.n == b.n && !a.ptr == !b.ptr && (!a.ptr || rt_same(a.ptr, b.ptr, a.n));
}

#endif
