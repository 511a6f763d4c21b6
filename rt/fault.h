/* SPDX-License-Identifier: MIT */
/* Signals that end the program: stack overflows are reported as what they are. */
#ifndef RT_FAULT_H
#define RT_FAULT_H

/* Report a stack overflow as what it is.  Once, before any goroutine. */
void rt_catch_overflows(void);
/* Give the calling thread a stack for its signal handlers. */
void rt_signal_stack(void);

#endif
