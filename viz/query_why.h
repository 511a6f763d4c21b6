/* SPDX-License-Identifier: MIT */
/* What `weft why` asks of the database.  Functions return -1 after a message; texts are for a
 * person to read and to be freed: names are tamed by format_label(). */
#ifndef VIZ_QUERY_WHY_H
#define VIZ_QUERY_WHY_H

#include "why.h"

#include <sqlite3.h>

/* Goroutines' states, those of each read once: how why_explain() gets them. */
struct histories;
struct histories *histories_new(sqlite3 *db, int64_t from, int64_t to);
void histories_free(struct histories *h);
why_source histories_source; /* its arg is the struct histories */

/* The goroutine that text means: g42, 42, or a name that only one has. */
int query_which(sqlite3 *db, const char *text, int64_t *g);

/* States of a goroutine, each with its window, as a part without parts. */
int query_state_at(sqlite3 *db, int64_t g, int64_t at,
		   struct part *part); /* in which it was then */
int query_longest_wait(sqlite3 *db, int64_t g,
		       struct part *part); /* g 0: for the object that cost most */

/* A wait: whose, since when, and its number. */
struct wait_id {
	int64_t g, ts, id;
};
int query_wait(sqlite3 *db, const struct wait_id *wait, struct part *part);

/* The longest waits, at most `top`, the longest first; of g, or for that. */
struct wait_ids {
	ARRAY(struct wait_id) v;
};
int query_longest_waits(sqlite3 *db, int64_t g, int64_t top, struct wait_ids *ids);

/* "g7 producer" */
char *query_name(sqlite3 *db, int64_t g);
/* The function that it runs. */
char *query_func(sqlite3 *db, int64_t g);
/* "channel jobs" */
char *query_object(sqlite3 *db, int64_t obj);
/* " at main.c:20", or nothing if the place is not known */
char *query_place(sqlite3 *db, int64_t site);
/* Where it was spawned, in the same form. */
char *query_spawn_place(sqlite3 *db, int64_t g);
/* What g did to an object, so that this wait ended: "sent at main.c:20", or "woke it". */
char *query_deed(sqlite3 *db, int64_t g, int64_t obj, struct window wait);
/* Where g had locked an object that it held then: " at main.c:20", or nothing. */
char *query_locked(sqlite3 *db, int64_t g, int64_t obj, int64_t at);

#endif
