/* SPDX-License-Identifier: MIT */
/* What nothing that is recorded can cost less than: the readings of clocks of which events are made. */
#define _GNU_SOURCE
#include "bench.h"

static uint64_t counter(void)
{
#if defined __x86_64__
	return __builtin_ia32_rdtsc();
#elif defined __aarch64__
	uint64_t v;

	__asm__ volatile("mrs %0, cntvct_el0" : "=r"(v)::"memory");
	return v;
#else
	return 0;
#endif
}

static void fence(void)
{
#if defined __x86_64__
	__builtin_ia32_lfence();
#elif defined __aarch64__
	__asm__ volatile("isb" ::: "memory");
#endif
}

static void read_counter(uint64_t n, uint64_t size)
{
	uint64_t first = counter(), last = first;

	(void)size;
	for (uint64_t i = 0; i < n; i++)
		last = counter();
	bench_check(last >= first);
}

/* With what keeps an effect from getting an earlier time than its cause: see rt/packed.c. */
static void read_fenced(uint64_t n, uint64_t size)
{
	uint64_t first = counter(), last = first;

	(void)size;
	for (uint64_t i = 0; i < n; i++) {
		fence();
		last = counter();
	}
	bench_check(last >= first);
}

/* As LTTng reads it, once for an event. */
static void read_monotonic(uint64_t n, uint64_t size)
{
	struct timespec t = {0};

	(void)size;
	for (uint64_t i = 0; i < n; i++)
		clock_gettime(CLOCK_MONOTONIC, &t);
	bench_check(!n || t.tv_sec || t.tv_nsec);
}

/* As LTTng makes room with, and tells that it has been used: two for an event. */
static void locked(uint64_t n, uint64_t size)
{
	static uint64_t sum;
	uint64_t before = sum;

	(void)size;
	for (uint64_t i = 0; i < n; i++)
		__atomic_fetch_add(&sum, 1, __ATOMIC_SEQ_CST);
	bench_check(sum == before + n);
}

static const struct bench benches[] = {
	{"Clock/counter", read_counter},
	{"Clock/counter,fenced", read_fenced},
	{"Clock/monotonic", read_monotonic},
	{"Clock/locked", locked},
};
BENCH_MAIN(benches)
