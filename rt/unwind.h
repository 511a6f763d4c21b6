/* SPDX-License-Identifier: MIT */
/* One step along a stack, to the caller, by the tables that compilers write for that: also where
 * code keeps no frame pointer, which even with -fno-omit-frame-pointer it does not in functions
 * that call no other.  For signal handlers: it takes no lock and reads no memory but the tables and
 * the stack. */
#ifndef RT_UNWIND_H
#define RT_UNWIND_H

#include <stdbool.h>

struct rt_regs {
	char *pc, *sp, *fp;
	char *ret; /* where there is a register for the address to return to: that; else NULL */
};

enum rt_unwound { RT_UNWOUND, RT_UNWOUND_LAST, RT_UNWOUND_NOT };

/* From a function to its caller; `called`: pc is behind a call, not at the next instruction.  The
 * stack lies in [lo, hi).  LAST: there is no caller.  NOT: the tables do not tell. */
enum rt_unwound rt_unwind(struct rt_regs *r, bool called, const void *lo, const void *hi);

#endif
