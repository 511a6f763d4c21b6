/* SPDX-License-Identifier: MIT */
/* Reports of goroutines.  They read what belongs to others, without locks. */
#ifndef RT_REPORT_H
#define RT_REPORT_H

#include "g.h"
#include "out.h"

/* `before` and the place, if there is one. */
void rt_print_site(struct rt_out *o, const char *before, const weft_site *site);
/* A goroutine: its state, what it waits for, where it was spawned. */
void rt_print_g(struct rt_out *o, const struct g *gp);
/* Every goroutine but `except`. */
void rt_print_goroutines(struct rt_out *o, uint64_t except);

#endif
