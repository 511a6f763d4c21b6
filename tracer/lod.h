/* SPDX-License-Identifier: MIT */
/* The level-of-detail pyramid: what each lane did in each bucket of time, for pictures of more than
 * can be drawn.
 *
 * A lane is a goroutine, a worker, a thread, an object, or all goroutines together.  Its buckets
 * are of one width while it is filled, eight times as wide whenever they become too many for what
 * they sum up; the wider levels are made of the finest one at the end.  So it takes one pass, and
 * memory that does not depend on how long the trace is.
 */
#ifndef TRACER_LOD_H
#define TRACER_LOD_H

#include "db.h"

#include <stdint.h>

/* What a lane does, or has: the numbers of states in lod_cell, g_interval and p_interval (schema.sql). */
enum lod_state {
	LOD_none,
	LOD_running,
	LOD_detached,
	LOD_runnable,
	LOD_waiting,
	LOD_searching,
	LOD_stopped,
	LOD_len,
	LOD_senders,
	LOD_receivers,
	LOD_waiters,
	LOD_held,
	LOD_STATES
};

struct lod;
struct lane;

struct lod *lod_new(void);

/* A lane of goroutines ('g'), workers ('p') or threads ('m') was in a state; *lane is NULL before
 * the first time.  What goroutines do is added to all of them, too. */
void lod_span(struct lod *lod, struct lane **lane, char kind, int64_t key, enum lod_state state,
	      int64_t ts, int64_t end);
/* Nothing more comes of it. */
void lod_lane_end(struct lod *lod, struct lane **lane);

/* What an object has from now on. */
void lod_set(struct lod *lod, int64_t obj, enum lod_state what, int64_t now, int64_t n);
/* The same, by how much it changes. */
void lod_change(struct lod *lod, int64_t obj, enum lod_state what, int64_t now, int64_t by);
/* What changed by one at a time did not, after all. */
void lod_take_back(struct lod *lod, int64_t obj, enum lod_state what, int64_t since, int64_t now);
void lod_object_end(struct lod *lod, int64_t obj, int64_t now);

/* Put it all into the database, of a run of this length, and free it. */
void lod_finish(struct lod *lod, struct db *db, int64_t dur);

#endif
