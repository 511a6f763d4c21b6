/* SPDX-License-Identifier: MIT */
/* What another thread does in the kernel, as /proc tells. */
#ifndef RT_BLOCKED_H
#define RT_BLOCKED_H

#include <stdint.h>

enum rt_blocked_how { RT_BLOCKED_UNKNOWN, RT_BLOCKED_NOT, RT_BLOCKED_IN_CALL };

struct rt_blocked {
	long call; /* the number of the system call; -1: it waits in none, for a page of memory */
	void *pc, *sp;
};

/* NOT: it runs, or could.  Safe in a signal handler. */
enum rt_blocked_how rt_blocked(uint32_t tid, struct rt_blocked *b);

#endif
