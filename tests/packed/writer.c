/* SPDX-License-Identifier: MIT */
/* rt/packed.c as it is, but for LTTng: what it would write goes to take_block(). */
#define _GNU_SOURCE
#define RT_PROVIDER_H /* its provider.h then has nothing */
#define lttng_ust_tracepoint(provider, event, ...) write_##event(__VA_ARGS__)

#include "writer.h"

static void write_packed(uint32_t m, uint32_t seq, uint32_t count, uint32_t kinds, uint64_t raw,
			 uint64_t mono, const uint64_t *payload, uint16_t words)
{
	take_block(m, seq, count, kinds, raw, mono, payload, words);
}

static void write_packed_kinds(uint32_t kinds, const char *table)
{
	take_table(kinds, table);
}

#include "../../rt/packed.c"
#include "../../rt/packed_clock.c"

const char *weft_call_name(long number)
{
	(void)number;
	return NULL;
}
