/* SPDX-License-Identifier: MIT */
/* The entries of an index, or the rows of a table without row ids, put into their order in bounded
 * memory. */
#ifndef TRACER_SORT_H
#define TRACER_SORT_H

#include <stddef.h>
#include <stdint.h>

struct queue;
struct tree;
struct sort;

/* By how many keys at most. */
enum { SORT_KEYS = 4 };
/* What does not fit into memory goes to a file in a directory, in the writer's thread. */
struct sort *sort_new(const char *dir, int nkeys, struct queue *writer);
/* Room for a record of RECORD_MAX bytes (pages.h), and that it is there and has this size.  There are
 * SORT_KEYS keys, of which those that are too many are 0. */
uint8_t *sort_room(struct sort *s);
void sort_add(struct sort *s, const int64_t *keys, size_t size);
/* Add all entries to a tree, if there is one, and free the sort: 0, or an errno. */
int sort_finish(struct sort *s, struct tree *t);

#endif
