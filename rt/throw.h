/* SPDX-License-Identifier: MIT */
/* Ends of the program: panics, fatal errors, deadlocks.  All print to standard error and end with
 * exit status 2. */
#ifndef RT_THROW_H
#define RT_THROW_H

#include "weft.h"

/* What Go makes a panic: the calling goroutine's deferred functions run, and a trap may end it
 * (panic.c).  `site` is where, or NULL.  The caller holds no lock and leaves everything whole; it
 * need not be in the runtime. */
__attribute__((format(printf, 2, 3), noreturn)) void rt_panic(const weft_site *site,
							      const char *fmt, ...);
/* One that nothing trapped. */
__attribute__((format(printf, 2, 3), noreturn)) void rt_untrapped(const weft_site *site,
								  const char *fmt, ...);
/* What Go makes fatal.  `site` is where, or NULL. */
__attribute__((format(printf, 2, 3), noreturn)) void rt_fatal(const weft_site *site,
							      const char *fmt, ...);
/* The same, and detail(out, arg) says more after the message. */
struct rt_out;
__attribute__((format(printf, 4, 5), noreturn)) void
rt_fatal_with(const weft_site *site, void (*detail)(struct rt_out *o, const void *arg),
	      const void *arg, const char *fmt, ...);
/* Every goroutine waits for another.  Nothing runs, so the report is exact. */
_Noreturn void rt_deadlock(bool main_exited);

/* Another thread may come to an end at the same time: the first one returns from here, to report.
 * It may itself come to another, in its report or in an exit handler: that one is not reported. */
void rt_end_once(void);

#endif
