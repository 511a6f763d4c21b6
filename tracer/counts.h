/* SPDX-License-Identifier: MIT */
/* Files of how many events each thread numbered (rt/counts_form.h). */
#ifndef TRACER_COUNTS_H
#define TRACER_COUNTS_H

#include "counts_form.h"

#include <stddef.h>

/* Make an empty one, which threads can count in; -1 with errno. */
int counts_make(const char *path);

/* A smaller one, of what has been counted so far; -1 with errno. */
int counts_write(const char *path, const struct thread_count *threads, size_t n);

/* The threads that counted anything, in order of their first event, to be freed; NULL with errno if it
 * cannot be read, which is 0 if it is not such a file, or less of one than there was. */
struct thread_count *counts_read(const char *path, size_t *n);

#endif
