/* SPDX-License-Identifier: MIT */
/* Who had the workers while others could have run. */
#ifndef VIZ_RAN_H
#define VIZ_RAN_H

#include "query_why.h"

struct ran;

/* What ran on all workers from `from` to `to`; NULL after a message. */
struct ran *ran_new(sqlite3 *db, int64_t from, int64_t to);
void ran_free(struct ran *r);

/* "g3 crunch" or "500 goroutines of poll": the function whose goroutines ran most in these windows,
 * which are sorted and apart; to be freed.  *share is their part of all that ran in them, in
 * percent, and *place where they were spawned, " at main.c:20" or nothing, to be freed too.  NULL
 * if nothing ran. */
char *ran_most(const struct ran *r, const struct window *w, size_t n, double *share, char **place);

#endif
