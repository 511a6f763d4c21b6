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
}

void on_rwmutex_rlock(struct model *md, const struct record *r)
{
	struct object *o =
		object_at(md, r->rwmutex_rlock.rwmutex, OBJ_rwmutex, r->rwmutex_rlock.site);

	o->readers++;
	rw_locked(md, o, "rlock", r->rwmutex_rlock.g, r->rwmutex_rlock.contended,
		  r->rwmutex_rlock.site);
	o->owner = o->owned_since = NONE;
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
}
