/* SPDX-License-Identifier: MIT */
/* The packed form's half of the library of probes. */
#ifndef RT_PACKED_WRITER_H
#define RT_PACKED_WRITER_H

#include "trace.h"

/* The functions that write the packed form; NULL if that is not wanted, or cannot be done here,
 * which is said. */
const struct rt_trace_ops *packed_ops(const bool *not_alone, uint32_t program);

/* Write what threads have gathered, as far as they are not just adding to it; then a mark. */
void packed_flush(void);

/* In a forked child: it begins with nothing. */
void packed_forked(void);

/* provider.c: the name of a system call, or NULL. */
const char *weft_call_name(long number);

#endif
