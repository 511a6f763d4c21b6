/* SPDX-License-Identifier: MIT */
/* A call in a process of its own, so that a library that crashes does not take us with it. */
#ifndef TRACER_GUARD_H
#define TRACER_GUARD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { GUARD_CRASHED = -100 };

/* Call run(arg) in a child, with the `size` bytes of arg shared: what it writes there is seen here
 * afterwards.  What it returns, 0 or -1, or GUARD_CRASHED with the signal that ended it in *sig.
 * A signal that would end us ends the child first, which removes what it has not finished; what it cannot, undo(arg)
 * removes then, unless it is NULL. */
int guard_call(int (*run)(void *arg), void (*undo)(void *arg), void *arg, size_t size, int *sig);

/* In such a child: what it asks for to read a trace of so many bytes is bounded, as metadata may describe an event
 * as large as any memory.  What cannot be had ends it. */
void guard_memory(uint64_t trace);

/* Something that reads the trace in `path` with libbabeltrace2, which does not survive every
 * damage. If it crashes, once more with `careful`: then it is to look into each packet before it
 * reads it. 0, or -1 after a message. */
struct guard_job {
	const char *path;
	bool careful;
	int (*run)(struct guard_job *job);
	void (*undo)(struct guard_job *job); /* or NULL */
};
/* The job may be the first member of something larger, of `size` bytes. */
int guard_read(struct guard_job *job, size_t size);

#endif
