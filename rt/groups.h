/* SPDX-License-Identifier: MIT */
/* Goroutines that do the same, as one: spawned at one place, in one state, waiting at one place for
 * one reason, and if for a lock then for the same one.
 *
 * However many goroutines there are, this takes two tables of fixed size, no memory and no lock, so
 * that it also works in a signal handler: a report of a million goroutines is as short as one of
 * ten, and is written while one waits.
 */
#ifndef RT_GROUPS_H
#define RT_GROUPS_H

#include "describe.h"
#include "out.h"

enum {
	RT_GROUPS = 512,
	RT_GROUPS_SHOWN = 100, /* of more it is said how many goroutines they are */
	RT_GROUP_NAMED = 4,    /* goroutines of a group that are named, besides the first */
	RT_GROUP_OBJECTS = 6   /* objects that are told apart; of more, only that they differ */
};

/* `first` has the lowest number, `longest` has waited the longest. */
struct rt_group {
	struct rt_seen first;
	struct rt_seen others[RT_GROUP_NAMED];
	uint32_t n;
	uint64_t longest;
	int64_t longest_since;
	int nobjects; /* RT_GROUP_OBJECTS + 1: more than that */
	struct {
		struct rt_seen waiter;
		uint32_t n;
	} objects[RT_GROUP_OBJECTS];
};

struct rt_groups {
	struct rt_group at[RT_GROUPS];
	uint16_t order[RT_GROUPS];     /* indices into `at`, as they are to be shown */
	uint16_t table[2 * RT_GROUPS]; /* a hash table of indices, from 1 */
	uint16_t n;
	uint64_t all, ungrouped; /* goroutines; those for which there was no room */
	uint64_t except;
	bool may_go_on; /* one of them runs, or waits for what is outside the program */
};

enum rt_groups_order { RT_BY_NUMBER, RT_BY_SIZE };

/* Every goroutine but `except` into gs. */
void rt_groups_collect(struct rt_groups *gs, uint64_t except, enum rt_groups_order order);
/* The i-th to be shown. */
static inline struct rt_group *rt_groups_at(struct rt_groups *gs, int i)
{
	return &gs->at[gs->order[i]];
}
/* What there is to say of a group besides its first: how many, which, since when, for what. */
void rt_group_print_others(struct rt_out *o, struct rt_peek *pk, struct rt_group *gr);
/* How many goroutines are in no group that is shown. */
void rt_groups_print_rest(struct rt_out *o, struct rt_groups *gs);

/* For all reports: how long a wait has lasted. */
void rt_print_duration(struct rt_out *o, int64_t ns);

#endif
