/* SPDX-License-Identifier: MIT */
/* The LTTng-UST tracepoints: one for each row of events.def, and the two of the packed form.
 *
 * LTTng includes this file several times, each time with other meanings of its macros; hence no
 * plain include guard.
 */
#undef LTTNG_UST_TRACEPOINT_PROVIDER
#define LTTNG_UST_TRACEPOINT_PROVIDER weft

#undef LTTNG_UST_TRACEPOINT_INCLUDE
#define LTTNG_UST_TRACEPOINT_INCLUDE "./provider.h"

#if !defined(RT_PROVIDER_H) || defined(LTTNG_UST_TRACEPOINT_HEADER_MULTI_READ)
#define RT_PROVIDER_H

#include <lttng/tracepoint.h>
#include <stdint.h>
#include "map.h"

#undef PROVIDER_ARG
#undef PROVIDER_FIELD
#define PROVIDER_ARG(type, name, doc) PROVIDER_CTYPE_##type, name
#define PROVIDER_FIELD(type, name, doc) PROVIDER_FIELD_##type(name)

#undef PROVIDER_CTYPE_u64
#undef PROVIDER_CTYPE_u32
#undef PROVIDER_CTYPE_i64
#undef PROVIDER_CTYPE_ptr
#undef PROVIDER_CTYPE_str
#define PROVIDER_CTYPE_u64 uint64_t
#define PROVIDER_CTYPE_u32 uint32_t
#define PROVIDER_CTYPE_i64 int64_t
#define PROVIDER_CTYPE_ptr const void *
#define PROVIDER_CTYPE_str const char *

#undef PROVIDER_FIELD_u64
#undef PROVIDER_FIELD_u32
#undef PROVIDER_FIELD_i64
#undef PROVIDER_FIELD_ptr
#undef PROVIDER_FIELD_str
#define PROVIDER_FIELD_u64(name) lttng_ust_field_integer(uint64_t, name, name)
#define PROVIDER_FIELD_u32(name) lttng_ust_field_integer(uint32_t, name, name)
#define PROVIDER_FIELD_i64(name) lttng_ust_field_integer(int64_t, name, name)
#define PROVIDER_FIELD_ptr(name)                                                                   \
	lttng_ust_field_integer_hex(uint64_t, name, (uint64_t)(uintptr_t)name)
#define PROVIDER_FIELD_str(name) lttng_ust_field_string(name, name)

#undef EVENT
#define EVENT(ev, doc, ...)                                                                        \
	LTTNG_UST_TRACEPOINT_EVENT(                                                                \
		weft, ev,                                                                          \
		LTTNG_UST_TP_ARGS(uint32_t, m, uint32_t, seq,                                      \
				  MAP_LIST(PROVIDER_ARG, __VA_ARGS__)),                            \
		LTTNG_UST_TP_FIELDS(lttng_ust_field_integer(uint32_t, m, m)                        \
					    lttng_ust_field_integer(uint32_t, seq, seq)            \
						    MAP(PROVIDER_FIELD, __VA_ARGS__)))
#include "events.def"
#undef EVENT

/* See packed_form.h.  The count of words has 16 bits: babeltrace2 2.0.4 crashes on a damaged one of
 * more than 31.  (The formatter knows nothing of these macros.) */
/* clang-format off */
LTTNG_UST_TRACEPOINT_EVENT(
	weft, packed,
	LTTNG_UST_TP_ARGS(uint32_t, m, uint32_t, seq, uint32_t, count, uint32_t, kinds,
			  uint64_t, raw, uint64_t, mono, const uint64_t *, payload, uint16_t, words),
	LTTNG_UST_TP_FIELDS(
		lttng_ust_field_integer(uint32_t, m, m)
		lttng_ust_field_integer(uint32_t, seq, seq)
		lttng_ust_field_integer(uint32_t, count, count)
		lttng_ust_field_integer(uint32_t, kinds, kinds)
		lttng_ust_field_integer(uint64_t, raw, raw)
		lttng_ust_field_integer(uint64_t, mono, mono)
		lttng_ust_field_sequence(uint64_t, payload, payload, uint16_t, words)))
LTTNG_UST_TRACEPOINT_EVENT(
	weft, packed_kinds,
	LTTNG_UST_TP_ARGS(uint32_t, kinds, const char *, table),
	LTTNG_UST_TP_FIELDS(
		lttng_ust_field_integer(uint32_t, kinds, kinds)
		lttng_ust_field_string(table, table)))
/* clang-format on */

#endif

#include <lttng/tracepoint-event.h>
