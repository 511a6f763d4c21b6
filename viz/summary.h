/* SPDX-License-Identifier: MIT */
/* What a person wants to know first of a run, as questions and answers: what ran, how long, how
 * parallel, what was waited for most, because of whom, why, and whether to believe it. */
#ifndef VIZ_SUMMARY_H
#define VIZ_SUMMARY_H

#include "query_summary.h"
#include "why.h"

struct summary {
	struct run run;
	struct totals totals;
	struct contention contention; /* what was waited for most */
	struct woken woken;
	char *command;
	int64_t longest_g; /* whose wait the longest is, or 0 */
	struct window longest;
	ARRAY(struct answer {
		const char *question;
		int weight; /* 2: for who reads only one; 1: only a few; 0 */
		char *text;
	})
	answers;
};

/* -1 after a message; summary_free() in any case. */
int summary_read(sqlite3 *db, struct summary *s);
void summary_free(struct summary *s);

#endif
