/* SPDX-License-Identifier: MIT */
/* Panics, for the rest of the runtime; throw.h has rt_panic. */
#ifndef RT_PANIC_H
#define RT_PANIC_H

#include "g.h"

/* What C++ knows of a thread's exceptions, as its ABI lays it out: those whose handlers run, the
 * last first, and how many are thrown and not caught yet. */
struct rt_exceptions {
	void *handled;
	unsigned uncaught;
};

/* The thread's, of C++'s library.  NULL: this is a program without. */
struct rt_exceptions *__cxa_get_globals(void) __attribute__((weak, visibility("default")));

/* Call fn(arg), and after(arg_after) when it returns, panics, or calls weft_exit.  Not in the
 * runtime.  A C++ exception that would leave fn ends the program. */
void rt_call_deferring(void (*fn)(void *arg), void *arg, void (*after)(void *arg), void *arg_after);

/* The running goroutine ends, after its deferred functions.  Not in the runtime. */
_Noreturn void rt_panic_exit(struct g *gp);

#endif
