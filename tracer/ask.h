/* SPDX-License-Identifier: MIT */
/* Asking a running program for its goroutines; rt/dump.h says how that goes. */
#ifndef TRACER_ASK_H
#define TRACER_ASK_H

#include <stdbool.h>
#include <stdio.h>
#include <sys/types.h>

/* The stream of the dump; NULL after a message.  `all`: each goroutine, however many there are. */
FILE *ask_for_dump(pid_t pid, bool all);

#endif
