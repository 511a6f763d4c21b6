/* SPDX-License-Identifier: MIT */
/* Asking a running program for its goroutines; rt/dump.h says how that goes. */
#ifndef TRACER_ASK_H
#define TRACER_ASK_H

#include <stdio.h>
#include <sys/types.h>

/* The stream of the dump; NULL after a message. */
FILE *ask_for_dump(pid_t pid);

#endif
