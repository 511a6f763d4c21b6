/* SPDX-License-Identifier: MIT */
/* Stacks as lists of code addresses, innermost call first, and what these addresses are called.
 *
 * An address is that of the call, not the one it returns to, so that a table of lines says the line
 * of the call.  Everything here is safe in a signal handler: no lock, no memory, and no access
 * outside the stack that is walked, so a stack that is in use meanwhile, or broken, gives nonsense
 * but no fault.
 */
#ifndef RT_WALK_H
#define RT_WALK_H

#include "g.h"
#include "out.h"

enum { RT_WALK_MAX = 64, RT_WALK_PROGRAM = 32 };

struct rt_walk {
	void *pc[RT_WALK_MAX];
	int n;
	bool more; /* there are more calls */
	bool lost; /* the last one's caller is not known */
};

/* Along the frame pointers: the calls of which `fp` is the innermost frame, on a stack that lies in
 * [lo, hi).  Code that keeps no frame pointers (-fomit-frame-pointer) is passed over, or ends the
 * walk. */
void rt_walk(struct rt_walk *w, const void *fp, const void *lo, const void *hi);
/* The same without the runtime's own calls, and at most the RT_WALK_PROGRAM innermost. */
void rt_walk_program(struct rt_walk *w, const void *fp, const void *lo, const void *hi);
/* The stack of a goroutine that does not run. */
void rt_walk_parked(struct rt_walk *w, const struct g *gp);
/* The stack that a signal interrupted, in its handler; by the tables for unwinding that compilers
 * write, so frame pointers are not needed. */
void rt_walk_interrupted(struct rt_walk *w, const void *ucontext);
void *rt_interrupted_sp(const void *ucontext);
/* The same on a stack in [lo, hi), which cannot fault, whatever tables and frame pointers are: the
 * instruction, or if that is the runtime's the function of it that the program called; and the
 * program's own calls, at most RT_WALK_PROGRAM.  With NULL for lo the stack is not known, only the
 * instruction is. */
void rt_walk_sampled(struct rt_walk *w, const void *ucontext, const void *lo, const void *hi);
/* The stack of another thread that waits in the kernel at pc with its stack pointer sp, in [lo,
 * hi). */
void rt_walk_blocked(struct rt_walk *w, void *pc, void *sp, const void *lo, const void *hi);

/* A line for each call: "    module+0xoffset function".  The function only where a table of dynamic
 * symbols has it; `weft dump` knows more. */
void rt_print_walk(struct rt_out *o, const struct rt_walk *w);

#endif
