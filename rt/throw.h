/* SPDX-License-Identifier: MIT */
/* Ends of the program: panics, fatal errors, deadlocks, stack overflows; and reports of all
 * goroutines.  All print to standard error and end with exit status 2. */
#ifndef RT_THROW_H
#define RT_THROW_H

#include "weft.h"

/* What Go makes a panic.  `site` is where, or NULL. */
__attribute__((format(printf, 2, 3), noreturn)) void rt_panic(const weft_site *site,
							      const char *fmt, ...);
/* What Go makes fatal. */
__attribute__((format(printf, 2, 3), noreturn)) void rt_fatal(const weft_site *site,
							      const char *fmt, ...);
/* Every goroutine waits for another.  Nothing runs, so the report is exact. */
_Noreturn void rt_deadlock(bool main_exited);

/* Report a stack overflow as what it is.  Once, before any goroutine. */
void rt_catch_overflows(void);
/* Give the calling thread a stack for its signal handlers. */
void rt_signal_stack(void);

#endif
