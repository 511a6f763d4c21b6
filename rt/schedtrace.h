/* SPDX-License-Identifier: MIT */
/* A line about the scheduler now and then (WEFT_DEBUG=sched=MS). */
#ifndef RT_SCHEDTRACE_H
#define RT_SCHEDTRACE_H

#include <stdint.h>

/* Read the environment; ends the program with a message if it makes no sense. */
void rt_schedtrace_init(void);
/* By the monitor: print the line if its time has come.  When the next is to come; INT64_MAX: never.
 */
int64_t rt_schedtrace(int64_t now);

#endif
