/* SPDX-License-Identifier: MIT */
/* Events told one after the other: each sentence with what it changed, for weft steps and the page.
 */
#ifndef VIZ_STORY_H
#define VIZ_STORY_H

#include "query_steps.h"

#include <stdio.h>

/* So many of those that are runnable are named. */
enum { STORY_NAMED = 8 };

struct story {
	struct step_query *query;
	struct step_names names;
	struct runnable runnable; /* after the last step */
};

/* What a step tells. */
struct told {
	char *sentence;	  /* to be freed; NULL: there is nothing to follow */
	bool changed;	  /* who is runnable */
	int64_t len, cap; /* what the channel holds after it; cap is 0 if it has no buffer */
};

/* Begin at a time; -1 after a message.  story_end() in any case. */
int story_begin(struct story *st, sqlite3 *db, int64_t from);
void story_end(struct story *st);

/* The next step; without a sentence too if goroutine g (0: all) takes no part in it. */
struct told story_step(struct story *st, const struct step *s, int64_t g);
/* The sentence, how full the channel is, and who is runnable. */
void story_write(FILE *f, const struct story *st, const struct told *t);

#endif
