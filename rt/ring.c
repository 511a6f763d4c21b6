/* SPDX-License-Identifier: MIT */
/* The memory of LTTng's rings is touched before the program begins.
 *
 * A thread writes through the whole of a ring before it comes round.  The first store to each page
 * would be a page fault in the middle of an event: 18 us for 4 KiB on a virtual machine with shadow
 * page tables, more than everything else that a short recording costs.
 */
#define _GNU_SOURCE
#include "ring.h"

#include <limits.h>
#include <lttng/urcu/urcu-ust.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

/* Store to each page what it holds; another may be writing there. */
static void touch(char *at, const char *end)
{
	size_t page = (size_t)sysconf(_SC_PAGESIZE);
	uint32_t value;

#ifdef MADV_POPULATE_WRITE
	madvise(at, (size_t)(end - at), MADV_POPULATE_WRITE); // where it is known, it is quicker
#endif
	for (; at < end; at += page) {
		value = *(volatile uint32_t *)at;
		__atomic_compare_exchange_n((uint32_t *)at, &value, value, false, __ATOMIC_RELAXED,
					    __ATOMIC_RELAXED);
	}
}

void ring_touch(void)
{
	const char *dir = secure_getenv("WEFT_TRACE_RING");
	char line[PATH_MAX + 128];
	unsigned long begin, end;
	char perms[5];
	FILE *maps;

	if (!dir || !*dir)
		return;
	maps = fopen("/proc/self/maps", "re");
	if (!maps)
		return;
	lttng_ust_urcu_read_lock(); // a ring is unmapped when nobody reads any more
	while (fgets(line, sizeof line, maps))
		if (strstr(line, dir) && sscanf(line, "%lx-%lx %4s", &begin, &end, perms) == 3 &&
		    strcmp(perms, "rw-s") == 0)
			touch((char *)begin, (const char *)end);
	lttng_ust_urcu_read_unlock();
	fclose(maps);
}
