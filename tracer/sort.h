/* SPDX-License-Identifier: MIT */
/* The entries of an index (key, ts) of a table, put into their order in bounded memory. */
#ifndef TRACER_SORT_H
#define TRACER_SORT_H

#include <stdint.h>

struct queue;
struct tree;
struct sort;

/* What does not fit into memory goes to a file in a directory; the queue's thread sorts. */
struct sort *sort_new(const char *dir, struct queue *queue);
/* Row ids increase. */
void sort_add(struct sort *s, int64_t key, int64_t ts, int64_t rowid);
/* Add all entries to a tree, if there is one, and free the sort: 0, or an errno. */
int sort_finish(struct sort *s, struct tree *t);

#endif
