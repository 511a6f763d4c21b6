/* SPDX-License-Identifier: MIT */
/* Signals that end the program: reports of where they came, and of stack overflows as what they
 * are. */
#ifndef RT_FAULT_H
#define RT_FAULT_H

/* Handle them.  Once, before any goroutine.  Handlers that the program has installed are called as
 * before, and those that it installs later replace ours. */
void rt_catch_faults(void);
/* Give the calling thread a stack for its signal handlers. */
void rt_signal_stack(void);

#endif
