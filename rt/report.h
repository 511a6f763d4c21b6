/* SPDX-License-Identifier: MIT */
/* Reports of goroutines, to standard error.  They read what belongs to others, without locks;
 * describe.h says how.  A caller that runs beside others has rt_ignore_begin() around them. */
#ifndef RT_REPORT_H
#define RT_REPORT_H

#include "describe.h"

/* `before` and the place, if there is one. */
void rt_print_site(const char *before, const weft_site *site);
/* A duration in words. */
void rt_print_duration(int64_t ns);

/* A paragraph about one goroutine.  Of locks it says who has them if it comes between rt_wf_make
 * and rt_wf_done, see waitfor.h. */
void rt_print_goroutine(struct rt_peek *pk, const struct rt_seen *s);

/* Every goroutine but `except`, in groups of those that wait alike. */
void rt_print_goroutines(uint64_t except);

/* Nothing runs, for ever: the causes, and every goroutine. */
void rt_print_deadlock(void);

/* The goroutines that are left when the main function has returned, `except` it, with the causes as
 * far as they are certain. */
void rt_print_leaks(uint64_t except);

#endif
