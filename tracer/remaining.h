/* SPDX-License-Identifier: MIT */
/* Recorded processes that have not ended. */
#ifndef TRACER_REMAINING_H
#define TRACER_REMAINING_H

#include "counts.h"

struct remaining {
	char *what; /* says which processes go on; NULL: none do */
	struct thread_count *threads; /* what threads have counted, also of the others; or NULL */
	size_t nthreads;
};

/* By the file in which threads count. */
void remaining_find(struct remaining *r, const char *counts);

/* Before recording stops: what was counted, and what was gathered in files of the directory `left`, into a new
 * directory, to be freed: it does not change any more.  NULL after a message. */
char *remaining_copy(const struct remaining *r, const char *left);

void remaining_free(struct remaining *r);

#endif
