/* SPDX-License-Identifier: MIT */
/* The run as the interactive timeline gets it: all states of goroutines and workers and all
 * operations on objects, packed.  What reads it is viz/web/data.js; query_page.c says how it is
 * laid out. */
#ifndef VIZ_QUERY_PAGE_H
#define VIZ_QUERY_PAGE_H

#include "pack.h"

#include <sqlite3.h>

/* A kind of state: what a goroutine or worker does, and why. */
struct page_kind {
	char *state, *why;
};

struct page_data {
	struct bytes packed;
	struct texts texts;
	ARRAY(struct page_kind) kinds; /* from 1; 0 is a time of which nothing is known */
	ARRAY(int64_t) threads; /* in the order in which they came */
	ARRAY(char *) places; /* "main.c:31"; from 1; 0 is a place that is not known */
	int64_t g_spans, p_spans,
		ops;	   /* how many states, holes included, and operations there are */
	int64_t backwards; /* states that began before the one before had ended, moved there */
};

/* Operations, in the order of their numbers in the data. */
struct page_op {
	const char *table, *op;
};
extern const struct page_op page_ops[];

/* The steps are told in pages of runs with up to so many events. */
enum { PAGE_STEPS = 20000 };

/* Of a run with so many events.  -1 after a message; to be freed in any case. */
int query_page(sqlite3 *db, int64_t events, struct page_data *d);
void query_page_free(struct page_data *d);

#endif
