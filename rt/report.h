/* SPDX-License-Identifier: MIT */
/* Reports of goroutines, to standard error.  They read what belongs to others, without locks. */
#ifndef RT_REPORT_H
#define RT_REPORT_H

#include "weft.h"

/* `before` and the place, if there is one. */
void rt_print_site(const char *before, const weft_site *site);
/* Every goroutine but `except`. */
void rt_print_goroutines(uint64_t except);

#endif
