/* SPDX-License-Identifier: MIT */
/* What a goroutine did, and what caused it, in words.  Texts are to be freed. */
#ifndef VIZ_EXPLAIN_H
#define VIZ_EXPLAIN_H

#include "query_why.h"
#include "ran.h"

#include <stdio.h>

struct explain {
	sqlite3 *db;
	int depth; /* so many goroutines are asked, one for the other */
	int least; /* percent: shorter parts are not asked for, and are summed up */
	int64_t lost; /* events of the whole run that are missing: what is told may be wrong */
	struct part root;
	int64_t least_ns;
	struct ran *ran; /* while some part of it was runnable */
};

/* Explain x->root, which has a state and one window; -1 after a message. */
int explain(struct explain *x);
void explain_free(struct explain *x);

/* "g3 query waited in mutex lock at main.c:30, for mutex db, until g2 query unlocked it at
 * main.c:34: 20.64 ms, from 15.0 ms to 35.7 ms" */
char *explain_state(const struct explain *x);
/* "20.6 ms (99.9%): query waited in sleep at main.c:32, while others waited for mutex db (g5
 * query, g4 query)": the greatest of what was done in the end, by goroutines of one function.  NULL
 * if there is nothing to tell. */
char *explain_cause(const struct explain *x);
/* "chan receive": a reason, to be read after "in"; NULL or "" if it is not known. */
const char *explain_phrase(const char *why);
/* All of it; -1 after a message. */
int explain_print(FILE *f, const struct explain *x);
/* What a part is: "ran", "waited in mutex lock at main.c:50, for mutex db, until ..." */
char *explain_deed(const struct explain *x, const struct part *p);
/* All of it as a JSON object (docs/export.md). */
void explain_print_json(FILE *f, const struct explain *x);

#endif
