/* SPDX-License-Identifier: MIT */
/* The interface is in packed_clock.h. */
#define _GNU_SOURCE
#include "packed_clock.h"

#include <stdio.h>
#include <string.h>
#include <time.h>

#ifdef __x86_64__
#include <cpuid.h>
#endif

bool packed_by_counter;

static uint64_t monotonic(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (uint64_t)t.tv_sec * 1000000000 + (uint64_t)t.tv_nsec;
}

uint64_t packed_clock(bool ordered)
{
	return packed_by_counter ? packed_ticks(ordered) : monotonic();
}

/* Whether the cpus' counters are one clock: the kernel, which has compared them, uses them so. */
static bool counter_is_good(void)
{
#if defined __x86_64__
	unsigned a, b, c, d = 0;
	char name[32] = "";
	FILE *f;

	if (!__get_cpuid(0x80000007, &a, &b, &c, &d) || !(d & 1 << 8))
		return false;
	f = fopen("/sys/devices/system/clocksource/clocksource0/current_clocksource", "re");
	if (!f)
		return false;
	if (!fgets(name, sizeof name, f))
		*name = 0;
	fclose(f);
	return !strcmp(name, "tsc\n") || !strcmp(name, "kvm-clock\n") ||
	       !strcmp(name, "hyperv_clocksource_tsc_page\n");
#elif defined __aarch64__
	return true;
#else
	return false;
#endif
}

void packed_clock_choose(void)
{
	packed_by_counter = counter_is_good();
}

/* That of several tries that took least, as any may be interrupted. */
void packed_clock_pair(uint64_t *raw, uint64_t *mono)
{
	uint64_t least = UINT64_MAX;

	for (int i = 0; i < 8; i++) {
		uint64_t before = packed_clock(true), m = monotonic();
		uint64_t took = packed_clock(true) - before;

		if (took < least) {
			least = took;
			*raw = before + took / 2;
			*mono = m;
		}
		if (took < 500)
			break;
	}
}
