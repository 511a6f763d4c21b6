/* SPDX-License-Identifier: MIT */
/* What sync has beyond mutexes and WaitGroups. */
#include "state.h"

#include <inttypes.h>

/* ---- RWMutexes --------------------------------------------------------------------------- */

/* One lock, for reading or writing, that may have been waited for. */
static void rw_locked(struct model *md, struct object *o, const char *op, uint64_t g,
		      bool contended, uint64_t site)
{
	struct g *gp = hash_get(&md->proc->gs, g);
	bool waited = contended && gp && gp->lock_since != NONE;

	if (o->owner != NONE && !md->proc->lost)
		anomaly(md, gp, o, "an RWMutex is locked that goroutine %" PRId64 " holds",
			o->owner);
	db_put(md->db, rwmutex_op, .id = md->id, .ts = md->now, .obj = o->obj, .op = op,
	       .g = number_g(md, g), .contended = contended,
	       .dur = waited ? md->now - gp->lock_since : 0,
	       .owner = waited ? gp->lock_holder : NONE, .readers = o->readers,
	       .site = number_site(md, site));
	if (gp)
		gp->lock_since = NONE;
}

void on_rwmutex_lock(struct model *md, const struct record *r)
{
	struct object *o =
		object_at(md, r->rwmutex_lock.rwmutex, OBJ_rwmutex, r->rwmutex_lock.site);

	if (o->readers && !md->proc->lost)
		anomaly(md, NULL, o,
			"an RWMutex is locked for writing that %" PRId64 " goroutines read",
			o->readers);
	o->readers = 0;
	rw_locked(md, o, "lock", r->rwmutex_lock.g, r->rwmutex_lock.contended,
		  r->rwmutex_lock.site);
	o->owner = number_g(md, r->rwmutex_lock.g);
	o->owned_since = md->now;
	lod_set(md->lod, o->obj, LOD_held, md->now, 1);
}

void on_rwmutex_rlock(struct model *md, const struct record *r)
{
	struct object *o =
		object_at(md, r->rwmutex_rlock.rwmutex, OBJ_rwmutex, r->rwmutex_rlock.site);

	o->readers++;
	rw_locked(md, o, "rlock", r->rwmutex_rlock.g, r->rwmutex_rlock.contended,
		  r->rwmutex_rlock.site);
	o->owner = o->owned_since = NONE;
	lod_set(md->lod, o->obj, LOD_held, md->now, o->readers);
}

void on_rwmutex_unlock(struct model *md, const struct record *r)
{
	struct object *o =
		object_at(md, r->rwmutex_unlock.rwmutex, OBJ_rwmutex, r->rwmutex_unlock.site);

	if (o->owner == NONE && !md->proc->lost)
		anomaly(md, NULL, o, "goroutine %" PRId64 " unlocks an RWMutex that is not locked",
			number_g(md, r->rwmutex_unlock.g));
	db_put(md->db, rwmutex_op, .id = md->id, .ts = md->now, .obj = o->obj, .op = "unlock",
	       .g = number_g(md, r->rwmutex_unlock.g),
	       .contended = (int64_t)r->rwmutex_unlock.woken,
	       .dur = o->owner == NONE ? NONE : md->now - o->owned_since, .owner = o->owner,
	       .readers = o->readers, .site = number_site(md, r->rwmutex_unlock.site));
	o->owner = o->owned_since = NONE;
	lod_set(md->lod, o->obj, LOD_held, md->now, o->readers);
}

void on_rwmutex_runlock(struct model *md, const struct record *r)
{
	struct object *o =
		object_at(md, r->rwmutex_runlock.rwmutex, OBJ_rwmutex, r->rwmutex_runlock.site);

	if (o->readers)
		o->readers--;
	else if (!md->proc->lost)
		anomaly(md, NULL, o, "goroutine %" PRId64 " runlocks an RWMutex that nobody reads",
			number_g(md, r->rwmutex_runlock.g));
	db_put(md->db, rwmutex_op, .id = md->id, .ts = md->now, .obj = o->obj, .op = "runlock",
	       .g = number_g(md, r->rwmutex_runlock.g), .contended = !!r->rwmutex_runlock.next,
	       .dur = NONE, .owner = NONE, .readers = o->readers,
	       .site = number_site(md, r->rwmutex_runlock.site));
	lod_set(md->lod, o->obj, LOD_held, md->now, o->readers);
}

/* ---- Onces ------------------------------------------------------------------------------- */

void on_once_begin(struct model *md, const struct record *r)
{
	struct object *o = object_at(md, r->once_begin.once, OBJ_once, r->once_begin.site);

	if (o->done) /* its memory was zeroed, and is another now */
		o = object_anew(md, r->once_begin.once, OBJ_once, r->once_begin.site);
	if (o->owner != NONE && !md->proc->lost)
		anomaly(md, NULL, o, "a Once begins that goroutine %" PRId64 " runs", o->owner);
	o->owner = number_g(md, r->once_begin.g);
	o->owned_since = md->now;
	db_put(md->db, once_op, .id = md->id, .ts = md->now, .obj = o->obj, .op = "begin",
	       .g = o->owner, .dur = NONE, .site = number_site(md, r->once_begin.site));
}

void on_once_end(struct model *md, const struct record *r)
{
	struct object *o = object_at(md, r->once_end.once, OBJ_once, 0);

	if (o->owner == NONE && !md->proc->lost)
		anomaly(md, NULL, o, "a Once ends that nobody runs");
	db_put(md->db, once_op, .id = md->id, .ts = md->now, .obj = o->obj, .op = "end",
	       .g = number_g(md, r->once_end.g),
	       .dur = o->owner == NONE ? NONE : md->now - o->owned_since, .site = NONE);
	o->owner = o->owned_since = NONE;
	o->done = true;
}

void on_once_pass(struct model *md, const struct record *r)
{
	struct object *o = object_at(md, r->once_pass.once, OBJ_once, r->once_pass.site);

	if (!o->done && !md->proc->lost)
		anomaly(md, NULL, o, "goroutine %" PRId64 " finds a Once done that nobody has run",
			number_g(md, r->once_pass.g));
	db_put(md->db, once_op, .id = md->id, .ts = md->now, .obj = o->obj, .op = "pass",
	       .g = number_g(md, r->once_pass.g), .dur = NONE, .parked = !!r->once_pass.parked,
	       .site = number_site(md, r->once_pass.site));
}

/* ---- Condition variables ----------------------------------------------------------------- */

/* A wait that ended.  The lock may be of any kind: it was unlocked before. */
static void cond_waited(struct model *md, const char *op, uint64_t cond, uint64_t g, uint64_t lock,
			uint64_t site)
{
	struct object *o = object_at(md, cond, OBJ_cond, site);
	struct object *l = object_at(md, lock, OBJ_other, 0);

	db_put(md->db, cond_op, .id = md->id, .ts = md->now, .obj = o->obj, .op = op,
	       .g = number_g(md, g), .woken = NONE, .next = NONE, .mutex = l->obj,
	       .site = number_site(md, site));
}

void on_cond_wait(struct model *md, const struct record *r)
{
	cond_waited(md, "wait", r->cond_wait.cond, r->cond_wait.g, r->cond_wait.mutex,
		    r->cond_wait.site);
}

void on_cond_cancel(struct model *md, const struct record *r)
{
	cond_waited(md, "cancel", r->cond_cancel.cond, r->cond_cancel.g, r->cond_cancel.mutex,
		    r->cond_cancel.site);
}

void on_cond_signal(struct model *md, const struct record *r)
{
	struct object *o = object_at(md, r->cond_signal.cond, OBJ_cond, r->cond_signal.site);

	db_put(md->db, cond_op, .id = md->id, .ts = md->now, .obj = o->obj, .op = "signal",
	       .g = number_g(md, r->cond_signal.g), .woken = !!r->cond_signal.next,
	       .next = number_peer(md, r->cond_signal.next), .mutex = NONE,
	       .site = number_site(md, r->cond_signal.site));
}

void on_cond_broadcast(struct model *md, const struct record *r)
{
	struct object *o = object_at(md, r->cond_broadcast.cond, OBJ_cond, r->cond_broadcast.site);

	db_put(md->db, cond_op, .id = md->id, .ts = md->now, .obj = o->obj, .op = "broadcast",
	       .g = number_g(md, r->cond_broadcast.g), .woken = (int64_t)r->cond_broadcast.woken,
	       .next = NONE, .mutex = NONE, .site = number_site(md, r->cond_broadcast.site));
}

/* ---- Semaphores -------------------------------------------------------------------------- */

void on_semaphore_acquire(struct model *md, const struct record *r)
{
	int64_t held = r->semaphore_acquire.held, size = r->semaphore_acquire.size;
	struct object *o = object_at(md, r->semaphore_acquire.semaphore, OBJ_semaphore,
				     r->semaphore_acquire.site);

	if (held > size || held < r->semaphore_acquire.n)
		anomaly(md, NULL, o, "%" PRId64 " are held of a semaphore of %" PRId64, held, size);
	db_put(md->db, semaphore_op, .id = md->id, .ts = md->now, .obj = o->obj, .op = "acquire",
	       .g = number_g(md, r->semaphore_acquire.g), .n = r->semaphore_acquire.n, .held = held,
	       .size = size, .parked = !!r->semaphore_acquire.parked, .woken = NONE,
	       .site = number_site(md, r->semaphore_acquire.site));
	lod_set(md->lod, o->obj, LOD_held, md->now, held);
}

void on_semaphore_release(struct model *md, const struct record *r)
{
	struct object *o = object_at(md, r->semaphore_release.semaphore, OBJ_semaphore,
				     r->semaphore_release.site);

	if (r->semaphore_release.held < 0)
		anomaly(md, NULL, o, "more is released of a semaphore than was held");
	db_put(md->db, semaphore_op, .id = md->id, .ts = md->now, .obj = o->obj, .op = "release",
	       .g = number_g(md, r->semaphore_release.g), .n = r->semaphore_release.n,
	       .held = r->semaphore_release.held, .size = NONE,
	       .woken = (int64_t)r->semaphore_release.woken,
	       .site = number_site(md, r->semaphore_release.site));
	lod_set(md->lod, o->obj, LOD_held, md->now, r->semaphore_release.held);
}

void on_semaphore_cancel(struct model *md, const struct record *r)
{
	struct object *o = object_at(md, r->semaphore_cancel.semaphore, OBJ_semaphore,
				     r->semaphore_cancel.site);

	db_put(md->db, semaphore_op, .id = md->id, .ts = md->now, .obj = o->obj, .op = "cancel",
	       .g = number_g(md, r->semaphore_cancel.g), .n = r->semaphore_cancel.n, .held = NONE,
	       .size = NONE, .woken = (int64_t)r->semaphore_cancel.woken,
	       .site = number_site(md, r->semaphore_cancel.site));
}

/* ---- Barriers ---------------------------------------------------------------------------- */

void on_barrier_arrive(struct model *md, const struct record *r)
{
	int64_t arrived = r->barrier_arrive.arrived, parties = r->barrier_arrive.parties;
	struct object *o =
		object_at(md, r->barrier_arrive.barrier, OBJ_barrier, r->barrier_arrive.site);

	if (arrived < 1 || arrived > parties)
		anomaly(md, NULL, o, "%" PRId64 " have come to a barrier of %" PRId64, arrived,
			parties);
	db_put(md->db, barrier_op, .id = md->id, .ts = md->now, .obj = o->obj, .op = "arrive",
	       .g = number_g(md, r->barrier_arrive.g), .arrived = arrived, .parties = parties,
	       .site = number_site(md, r->barrier_arrive.site));
}

void on_barrier_pass(struct model *md, const struct record *r)
{
	struct object *o =
		object_at(md, r->barrier_pass.barrier, OBJ_barrier, r->barrier_pass.site);

	db_put(md->db, barrier_op, .id = md->id, .ts = md->now, .obj = o->obj, .op = "pass",
	       .g = number_g(md, r->barrier_pass.g), .arrived = NONE, .parties = NONE,
	       .parked = !!r->barrier_pass.parked, .site = number_site(md, r->barrier_pass.site));
}

/* ---- Groups ------------------------------------------------------------------------------ */

void on_group_go(struct model *md, const struct record *r)
{
	int64_t running = r->group_go.running, max = r->group_go.max;
	struct object *o = object_at(md, r->group_go.group, OBJ_group, r->group_go.site);

	if (max && running > max)
		anomaly(md, NULL, o, "%" PRId64 " run in a group of at most %" PRId64, running,
			max);
	db_put(md->db, group_op, .id = md->id, .ts = md->now, .obj = o->obj, .op = "go",
	       .g = number_g(md, r->group_go.g), .running = running,
	       .max = max ? max : NONE, .err = NONE, .parked = !!r->group_go.parked,
	       .site = number_site(md, r->group_go.site));
}

void on_group_done(struct model *md, const struct record *r)
{
	struct object *o = object_at(md, r->group_done.group, OBJ_group, r->group_done.site);

	if (r->group_done.running < 0)
		anomaly(md, NULL, o, "more have left a group than were in it");
	db_put(md->db, group_op, .id = md->id, .ts = md->now, .obj = o->obj, .op = "done",
	       .g = number_g(md, r->group_done.g), .running = r->group_done.running, .max = NONE,
	       .err = r->group_done.panicked ? NONE : r->group_done.err,
	       .site = number_site(md, r->group_done.site));
}

void on_group_wait(struct model *md, const struct record *r)
{
	struct object *o = object_at(md, r->group_wait.group, OBJ_group, r->group_wait.site);

	db_put(md->db, group_op, .id = md->id, .ts = md->now, .obj = o->obj, .op = "wait",
	       .g = number_g(md, r->group_wait.g), .max = NONE,
	       .err = r->group_wait.panicked ? NONE : r->group_wait.err,
	       .parked = !!r->group_wait.parked, .site = number_site(md, r->group_wait.site));
}
