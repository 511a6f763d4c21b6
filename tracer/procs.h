/* SPDX-License-Identifier: MIT */
/* Other processes. */
#ifndef TRACER_PROCS_H
#define TRACER_PROCS_H

#include <sys/types.h>

/* A descriptor that is readable once the process has ended; -1 if there cannot be one. */
int open_pidfd(pid_t pid);

enum { PROCESS_NAME = 64 };

/* Call fn for each process there is, with its parent and its command name. */
void each_process(void (*fn)(void *arg, pid_t pid, pid_t parent, const char *comm), void *arg);

/* Call fn for each child of `parent`, with its command name. */
void each_child(pid_t parent, void (*fn)(pid_t pid, const char *comm));

#endif
