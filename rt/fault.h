/* SPDX-License-Identifier: MIT */
/* Signals that end the program: reports of where they came, and of stack overflows as what they
 * are. */
#ifndef RT_FAULT_H
#define RT_FAULT_H

#include <stdbool.h>

/* Handle them.  Once, before any goroutine.  Handlers that the program has installed are called as
 * before, and those that it installs later replace ours. */
void rt_catch_faults(void);
/* Call fn(arg), which reads what belongs to others; false if it touched memory that is gone.  By one
 * thread at a time, in a signal handler. */
bool rt_probe(void (*fn)(void *arg), void *arg);
/* `what` of weft's was called in a signal handler that must not: "which ...", "on ...".  Fatal. */
_Noreturn void rt_refuse_handler(const char *what, const char *why);
/* Whether nothing but the default is set for a signal. */
bool rt_signal_unset(int sig);
/* Give the calling thread a stack for its signal handlers. */
void rt_signal_stack(void);

#endif
