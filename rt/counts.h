/* SPDX-License-Identifier: MIT */
/* Where a thread that is recorded counts its events; for trace.c. */
#ifndef RT_COUNTS_H
#define RT_COUNTS_H

#include "counts_form.h"

/* Find the recorder's file.  Once, when the program starts: it may give up the right to, later.  The
 * program's number in the recording, or 0 if there is no file. */
uint32_t rt_counts_open(void);

/* A slot in that file for this thread, or NULL. */
struct thread_count *rt_counts_take(void);

#endif
