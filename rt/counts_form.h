/* SPDX-License-Identifier: MIT */
/* How many events each thread has numbered, in a file that outlives a process that is killed.
 *
 * The recorder makes the file, for all processes of a recording, and names it in WEFT_TRACE_COUNTS;
 * rt/counts.c has it in memory, where a thread numbers its events, and the loader (tracer/counts.c)
 * compares with what it finds.  A thread takes the next slot and never gives it back, so slots of
 * one pid and thread number are in order of time.
 *
 * Each program that opens the file has a number.  By it what a process was before and after an exec are told
 * apart, as are processes of pid namespaces, which have the pid that they see themselves.  In the trace the
 * number is at the end of the process's name, after a '#', but mostly not that of the first (rt/trace.c).
 *
 * The recording of a program that calls exit() ends there, before LTTng takes itself down: what its other
 * threads do while it ends has no place to go, and is not missed.  But what has a number by then is waited for.
 */
#ifndef RT_COUNTS_FORM_H
#define RT_COUNTS_FORM_H

#include <stdint.h>

#define COUNTS_MAGIC 0x746e6377u
#define COUNTS_SUFFIX ".counts"

/* A cache line of its own, as its thread writes it at each event. */
struct thread_count {
	uint32_t pid, m;
	uint32_t events; /* numbered; stored before the event is written */
	uint32_t ended;	 /* 0, or so many more than 0 were numbered when its program called exit() */
	uint32_t written; /* so many of them, or lost for want of room */
	uint32_t program; /* its number, from 1; 0 by an older weft */
	uint32_t unused[10];
};

struct counts {
	uint32_t magic;
	uint32_t room; /* slots */
	uint32_t used; /* by threads; more than room: so many had none */
	uint32_t programs; /* that have a number */
	uint32_t unused[12];
	struct thread_count thread[];
};

#endif
