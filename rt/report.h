/* SPDX-License-Identifier: MIT */
/* Reports of goroutines.  They read what belongs to others, without locks; describe.h says how.  A
 * caller that runs beside others has rt_ignore_begin() around them. */
#ifndef RT_REPORT_H
#define RT_REPORT_H

#include "describe.h"
#include "out.h"

/* `before` and the place, if there is one. */
void rt_print_site(struct rt_out *o, const char *before, const weft_site *site);
/* Each line of a text, with `before` before it. */
void rt_print_lines(struct rt_out *o, const char *before, const char *text);
/* A goroutine: its state, what it waits for, where it was spawned.  Also in a signal handler. */
void rt_print_g(struct rt_out *o, const struct g *gp);
/* The same of one that was seen. */
void rt_print_seen(struct rt_out *o, struct rt_peek *pk, const struct rt_seen *s);
/* The same between rt_wf_make and rt_wf_done (waitfor.h): of locks it says who has them. */
void rt_print_goroutine(struct rt_out *o, struct rt_peek *pk, const struct rt_seen *s);

/* Every goroutine but `except`, in groups of those that wait alike. */
void rt_print_goroutines(struct rt_out *o, uint64_t except);
/* Nothing runs, for ever: the causes, and every goroutine. */
void rt_print_deadlock(struct rt_out *o);
/* The goroutines that are left when the main function has returned, `except` it, with the causes as
 * far as they are certain. */
void rt_print_leaks(struct rt_out *o, uint64_t except);

#endif
