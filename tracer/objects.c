/* SPDX-License-Identifier: MIT */
/* Channels, sync objects, and the marks that a program makes.
 *
 * An object is what one address means between being made and being freed.  Channels say when;
 * the others begin with their first use, and end when another kind of object is seen there.
 */
#define _GNU_SOURCE
#include "state.h"
#include "error.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const char *const kind_name[OBJ_KINDS] = {"other", "chan", "mutex", "rwmutex", "waitgroup", "once", "cond", "semaphore",
					 "barrier", "pool", "map", "group", "conn", "flight"};

/* ---- Places ------------------------------------------------------------------------------ */

void on_site_def(struct model *md, const struct record *r)
{
	struct proc *pr = md->proc;
	uint64_t n = r->site_def.site;
	size_t room = pr->nsites;

	if (!n || n >= MAX_SITES) {
		anomaly(md, NULL, NULL, "site number %" PRIu64 " is out of range", n);
		return;
	}
	if (n >= room) {
		room = n + 64 > 2 * room ? n + 64 : 2 * room;
		pr->sites = realloc(pr->sites, room * sizeof *pr->sites);
		if (!pr->sites)
			die("no memory");
		memset(pr->sites + pr->nsites, 0, (room - pr->nsites) * sizeof *pr->sites);
		pr->nsites = room;
	}
	if (pr->sites[n]) {
		anomaly(md, NULL, NULL, "site %" PRIu64 " is defined twice", n);
		return;
	}
	pr->sites[n] = need(sizeof *pr->sites[n]);
	*pr->sites[n] = (struct site){need_text(r->site_def.func), need_text(r->site_def.file),
				      need_text(r->site_def.what), (uint32_t)r->site_def.line};
	db_put(md->db, site, .site = number_site(md, n), .func = r->site_def.func,
	       .file = r->site_def.file, .line = (int64_t)r->site_def.line,
	       .what = r->site_def.what);
}

int64_t number_site(const struct model *md, uint64_t site)
{
	const struct proc *pr = md->proc;

	if (site >= pr->nsites || !pr->sites[site])
		return NONE;
	return (int64_t)site + pr->k * MAX_SITES;
}

/* ---- Objects ----------------------------------------------------------------------------- */

/* What it is called by itself: its name, or its address in the network; or NULL. */
static const char *own_name(const struct object *o)
{
	return o->name ? o->name : o->addr_text && *o->addr_text ? o->addr_text : NULL;
}

static char *label_of(const struct proc *pr, const struct object *o)
{
	const struct site *site = o->site == NONE ? NULL : pr->sites[o->site - pr->k * MAX_SITES];
	const char *name = own_name(o), *slash;
	uintptr_t ordinal = name ? o->namesake : o->ordinal;
	char more[32] = "", *label;
	int n;

	if (ordinal > 1)
		snprintf(more, sizeof more, " #%zu", (size_t)ordinal);
	if (name) {
		n = asprintf(&label, "%s%s", name, more);
	} else if (!site) {
		n = asprintf(&label, "%s 0x%" PRIx64, kind_name[o->kind], o->addr);
	} else {
		slash = strrchr(site->file, '/');
		n = asprintf(&label, "%s at %s:%" PRIu32 "%s", kind_name[o->kind],
			     slash ? slash + 1 : site->file, site->line, more);
	}
	if (n < 0)
		die("no memory");
	return label;
}

static void write_chan(struct model *md, const struct object *o)
{
	const struct chan_sums *s = &o->sums.chan;

	db_put(md->db, chan, .obj = o->obj, .cap = o->cap, .size = o->size, .closed = o->closed,
	       .closer = o->closer, .sends = s->sends, .recvs = s->recvs, .direct = s->direct,
	       .sends_parked = s->sends_parked, .recvs_parked = s->recvs_parked,
	       .max_len = s->ops ? s->max_len : NONE);
}

static void write_mutex(struct model *md, const struct object *o)
{
	const struct mutex_sums *s = &o->sums.mutex;

	db_put(md->db, mutex, .obj = o->obj, .locks = s->locks, .contended = s->contended,
	       .held = s->held, .held_max = s->held_max, .waited = s->waited,
	       .waited_max = s->waited_max);
}

/* Write an object and forget it; `end` is NONE if it lives on. */
static void object_end(struct model *md, struct proc *pr, struct object *o, int64_t end)
{
	char *label = label_of(pr, o);

	lod_object_end(md->lod, o->obj, end == NONE ? pr->last : end);
	if (o->kind == OBJ_conn && o->closed != NONE)
		end = o->closed; /* its record served on, perhaps for another */

	db_put(md->db, object, .obj = o->obj, .pid = pr->pid, .addr = (int64_t)o->addr,
	       .kind = kind_name[o->kind], .name = o->name, .label = label, .site = o->site,
	       .ts = o->ts, .dur = end == NONE ? NONE : end - o->ts);
	if (o->kind == OBJ_chan)
		write_chan(md, o);
	if (o->kind == OBJ_mutex && o->sums.mutex.ops)
		write_mutex(md, o);
	if (o->kind == OBJ_conn)
		db_put(md->db, conn, .obj = o->obj, .fd = o->fd, .how = o->how,
		       .addr = o->addr_text && *o->addr_text ? o->addr_text : NULL,
		       .closed = o->closed);
	free(label);
	free(o->addr_text);
	free(o->name);
	free(o);
}

void object_end_all(struct model *md, struct proc *pr)
{
	for (struct hash_slot *s = NULL; (s = hash_next(&pr->objects, s));)
		object_end(md, pr, s->value, NONE);
}

/* The number of one more with this key and text. */
static uintptr_t next_alike(struct proc *pr, uint64_t key, const char *text)
{
	uintptr_t n;

	for (; *text; text++)
		key = key * 31 + (unsigned char)*text;
	n = (uintptr_t)hash_get(&pr->labels, key) + 1;
	hash_put(&pr->labels, key, (void *)n);
	return n;
}

/* It has another name, or address in the network, than before. */
void object_named(struct proc *pr, struct object *o)
{
	const char *name = own_name(o);

	if (name)
		o->namesake = next_alike(pr, 0, name);
}

/* Learn the kind and the place; several objects of one kind and line are numbered. */
static void place(struct model *md, struct object *o, enum obj_kind kind, uint64_t site)
{
	const struct site *at;

	o->kind = kind;
	if (o->site == NONE)
		o->site = number_site(md, site);
	if (o->site == NONE || kind == OBJ_other)
		return;
	at = md->proc->sites[o->site - md->proc->k * MAX_SITES];
	o->ordinal = next_alike(md->proc, (uint64_t)at->line * OBJ_KINDS + kind, at->file);
}

static struct object *object_new(struct model *md, uint64_t addr, enum obj_kind kind, uint64_t site)
{
	struct object *o = need(sizeof *o);

	*o = (struct object){.obj = ++md->objects,
			     .site = NONE,
			     .ts = md->now,
			     .addr = addr,
			     .cap = NONE,
			     .size = NONE,
			     .closed = NONE,
			     .closer = NONE,
			     .fd = NONE,
			     .owner = NONE,
			     .owned_since = NONE};
	place(md, o, kind, site);
	hash_put(&md->proc->objects, addr, o);
	return o;
}

struct object *object_at(struct model *md, uint64_t addr, enum obj_kind kind, uint64_t site)
{
	struct proc *pr = md->proc;
	struct object *o = hash_get(&pr->objects, addr);

	if (o && o->kind == OBJ_other && kind != OBJ_other)
		place(md, o, kind, site);
	if (o && (o->kind == kind || kind == OBJ_other))
		return o;
	if (o) {
		hash_remove(&pr->objects, addr);
		object_end(md, pr, o, md->now);
	}
	return object_new(md, addr, kind, site);
}

struct object *object_anew(struct model *md, uint64_t addr, enum obj_kind kind, uint64_t site)
{
	struct object *o = hash_remove(&md->proc->objects, addr);

	if (o)
		object_end(md, md->proc, o, md->now);
	return object_new(md, addr, kind, site);
}

static enum obj_kind kind_waited_for(enum wait_reason why)
{
	switch (why) {
	case WAIT_chan_recv:
	case WAIT_chan_send:
		return OBJ_chan;
	case WAIT_mutex_lock:
		return OBJ_mutex;
	case WAIT_rwmutex_lock:
	case WAIT_rwmutex_rlock:
		return OBJ_rwmutex;
	case WAIT_waitgroup_wait:
		return OBJ_waitgroup;
	case WAIT_once_do:
		return OBJ_once;
	case WAIT_flight_do:
		return OBJ_flight;
	case WAIT_cond_wait:
		return OBJ_cond;
	case WAIT_semaphore_acquire:
		return OBJ_semaphore;
	case WAIT_barrier_wait:
		return OBJ_barrier;
	case WAIT_io_read:
	case WAIT_io_write:
	case WAIT_io_accept:
	case WAIT_io_connect:
	case WAIT_io_wait:
		return OBJ_conn;
	case WAIT_group_go:
	case WAIT_group_wait:
		return OBJ_group;
	case WAIT_none:
	case WAIT_select:
	case WAIT_sleep:
	case WAIT_nil_chan:
		break;
	}
	return OBJ_other;
}

struct object *object_waited_for(struct model *md, uint64_t addr, uint64_t why, uint64_t site)
{
	if (!addr)
		return NULL;
	return object_at(md, addr, kind_waited_for((enum wait_reason)why), site);
}

void on_obj_name(struct model *md, const struct record *r)
{
	struct object *o = object_at(md, r->obj_name.obj, OBJ_other, 0);

	if (o->name && strcmp(o->name, r->obj_name.name) == 0)
		return;
	free(o->name);
	o->name = *r->obj_name.name ? need_text(r->obj_name.name) : NULL;
	object_named(md->proc, o);
}

/* ---- Channels ---------------------------------------------------------------------------- */

/* A channel that is used; its making must have been seen, unless events are missing. */
static struct object *chan_at(struct model *md, uint64_t addr, uint64_t site)
{
	const struct object *before = hash_get(&md->proc->objects, addr);
	bool known = before && before->kind == OBJ_chan;
	struct object *o = object_at(md, addr, OBJ_chan, site);

	if (!known && !md->proc->lost)
		anomaly(md, NULL, o, "channel 0x%" PRIx64 " is used, and was not made or is freed",
			addr);
	return o;
}

void on_chan_make(struct model *md, const struct record *r)
{
	struct proc *pr = md->proc;
	struct object *o = hash_remove(&pr->objects, r->chan_make.chan);

	if (o && o->kind == OBJ_chan && !pr->lost)
		anomaly(md, NULL, o, "a channel is made at 0x%" PRIx64 " where one is in use",
			r->chan_make.chan);
	if (o)
		object_end(md, pr, o, md->now);
	o = object_new(md, r->chan_make.chan, OBJ_chan, r->chan_make.site);
	o->cap = (int64_t)r->chan_make.cap;
	o->size = (int64_t)r->chan_make.size;
}

void on_chan_free(struct model *md, const struct record *r)
{
	struct proc *pr = md->proc;
	struct object *o = chan_at(md, r->chan_free.chan, 0);

	hash_remove(&pr->objects, r->chan_free.chan);
	object_end(md, pr, o, md->now);
}

/* What every operation on a channel tells. */
static struct chan_sums *add_chan_op(struct model *md, struct object *o, uint64_t len)
{
	struct chan_sums *s = &o->sums.chan;

	s->ops++;
	s->len = (int64_t)len;
	if ((int64_t)len > s->max_len)
		s->max_len = (int64_t)len;
	lod_set(md->lod, o->obj, LOD_len, md->now, (int64_t)len);
	md->obj = o->obj;
	return s;
}

void on_chan_send(struct model *md, const struct record *r)
{
	struct object *o = chan_at(md, r->chan_send.chan, r->chan_send.site);
	struct chan_sums *s;

	if (o->closed != NONE)
		anomaly(md, NULL, o, "goroutine %" PRId64 " sends on a closed channel",
			number_g(md, r->chan_send.g));
	s = add_chan_op(md, o, r->chan_send.len);
	s->sends++;
	s->direct += !!r->chan_send.peer;
	s->sends_parked += !!r->chan_send.parked;
}

void on_chan_recv(struct model *md, const struct record *r)
{
	struct object *o = chan_at(md, r->chan_recv.chan, r->chan_recv.site);
	struct chan_sums *s = add_chan_op(md, o, r->chan_recv.len);

	s->recvs += !!r->chan_recv.ok;
	s->direct += r->chan_recv.peer || (r->chan_recv.parked && r->chan_recv.ok); /* of a timer */
	s->recvs_parked += !!r->chan_recv.parked;
}

void on_chan_close(struct model *md, const struct record *r)
{
	struct object *o = chan_at(md, r->chan_close.chan, r->chan_close.site);

	if (o->closed != NONE)
		anomaly(md, NULL, o, "goroutine %" PRId64 " closes a closed channel",
			number_g(md, r->chan_close.g));
	o->closed = md->now;
	o->closer = number_g(md, r->chan_close.g);
	add_chan_op(md, o, r->chan_close.len);
}

void on_select_done(struct model *md, const struct record *r)
{
	static const char *const kinds[] = {"send", "recv", "default", "timeout"};
	struct g *gp = hash_get(&md->proc->gs, r->select_done.g);
	uint64_t kind = r->select_done.kind;
	int64_t obj = NONE;

	if (kind < 1 || kind > 4) {
		anomaly(md, NULL, NULL,
			"a select of goroutine %" PRId64 " chose a case of kind "
			"%" PRIu64 ", which there is not",
			number_g(md, r->select_done.g), kind);
		return;
	}
	if (r->select_done.chan)
		obj = chan_at(md, r->select_done.chan, r->select_done.site)->obj;
	if (gp && r->select_done.parked)
		g_select_done(md, gp, obj);
	db_put(md->db, select_op, .id = md->id, .ts = md->now, .g = number_g(md, r->select_done.g),
	       .cases = (int64_t)r->select_done.cases, .chosen = (int64_t)r->select_done.chosen,
	       .kind = kinds[kind - 1], .obj = obj, .parked = !!r->select_done.parked,
	       .site = number_site(md, r->select_done.site));
}

/* ---- Timers ------------------------------------------------------------------------------ */

/* A timer is stopped or set anew: what it sent and nobody received is no longer in its channel. */
static void drop_value(struct model *md, uint64_t timer, uint64_t g, uint64_t site)
{
	struct object *o = hash_get(&md->proc->objects, timer);

	if (!o || o->kind != OBJ_chan || !o->sums.chan.len)
		return; /* it runs a function, or nothing is there */
	o->sums.chan.len = 0;
	lod_set(md->lod, o->obj, LOD_len, md->now, 0);
	db_put(md->db, timer_drop, .id = md->id, .ts = md->now, .obj = o->obj,
	       .g = number_g(md, g), .site = number_site(md, site));
}

void on_timer_start(struct model *md, const struct record *r)
{
	drop_value(md, r->timer_start.timer, r->timer_start.g, r->timer_start.site);
}

void on_timer_stop(struct model *md, const struct record *r)
{
	drop_value(md, r->timer_stop.timer, r->timer_stop.g, r->timer_stop.site);
}

/* ---- sync -------------------------------------------------------------------------------- */

static void add_time(int64_t *total, int64_t *max, int64_t dur)
{
	*total += dur;
	if (dur > *max)
		*max = dur;
}

void on_mutex_lock(struct model *md, const struct record *r)
{
	struct object *o = object_at(md, r->mutex_lock.mutex, OBJ_mutex, r->mutex_lock.site);
	struct g *gp = hash_get(&md->proc->gs, r->mutex_lock.g);
	bool waited = r->mutex_lock.contended && gp && gp->lock_since != NONE;
	int64_t dur = waited ? md->now - gp->lock_since : 0;
	struct mutex_sums *s = &o->sums.mutex;

	if (o->owner != NONE)
		anomaly(md, gp, o, "a mutex is locked that goroutine %" PRId64 " holds", o->owner);
	md->obj = o->obj;
	s->ops++;
	s->locks++;
	s->contended += !!r->mutex_lock.contended;
	add_time(&s->waited, &s->waited_max, dur);
	db_put(md->db, mutex_time, .id = md->id, .dur = dur,
	       .owner = waited ? gp->lock_holder : NONE);
	o->owner = number_g(md, r->mutex_lock.g);
	o->owned_since = md->now;
	lod_set(md->lod, o->obj, LOD_held, md->now, 1);
	if (gp)
		gp->lock_since = NONE;
}

void on_mutex_unlock(struct model *md, const struct record *r)
{
	struct object *o = object_at(md, r->mutex_unlock.mutex, OBJ_mutex, r->mutex_unlock.site);
	int64_t dur = o->owner == NONE ? NONE : md->now - o->owned_since;
	struct mutex_sums *s = &o->sums.mutex;

	if (o->owner == NONE && !md->proc->lost)
		anomaly(md, NULL, o, "goroutine %" PRId64 " unlocks a mutex that is not locked",
			number_g(md, r->mutex_unlock.g));
	md->obj = o->obj;
	s->ops++;
	if (dur != NONE)
		add_time(&s->held, &s->held_max, dur);
	db_put(md->db, mutex_time, .id = md->id, .dur = dur, .owner = o->owner);
	o->owner = o->owned_since = NONE;
	lod_set(md->lod, o->obj, LOD_held, md->now, 0);
}

void on_waitgroup_add(struct model *md, const struct record *r)
{
	struct object *o =
		object_at(md, r->waitgroup_add.waitgroup, OBJ_waitgroup, r->waitgroup_add.site);

	db_put(md->db, waitgroup_op, .id = md->id, .ts = md->now, .obj = o->obj, .op = "add",
	       .g = number_g(md, r->waitgroup_add.g), .delta = r->waitgroup_add.delta,
	       .count = r->waitgroup_add.count, .site = number_site(md, r->waitgroup_add.site));
}

void on_waitgroup_wait(struct model *md, const struct record *r)
{
	struct object *o =
		object_at(md, r->waitgroup_wait.waitgroup, OBJ_waitgroup, r->waitgroup_wait.site);

	db_put(md->db, waitgroup_op, .id = md->id, .ts = md->now, .obj = o->obj, .op = "wait",
	       .g = number_g(md, r->waitgroup_wait.g), .delta = NONE, .count = NONE,
	       .parked = !!r->waitgroup_wait.parked,
	       .site = number_site(md, r->waitgroup_wait.site));
}

/* ---- Marks ------------------------------------------------------------------------------- */

static void task_end(struct model *md, struct task *t, int64_t end)
{
	db_put(md->db, task, .task = t->task, .parent = t->parent, .g = t->g, .name = t->name,
	       .ts = t->ts, .dur = end == NONE ? NONE : end - t->ts);
	free(t->name);
	free(t);
}

void task_end_all(struct model *md, struct proc *pr)
{
	for (struct hash_slot *s = NULL; (s = hash_next(&pr->tasks, s));)
		task_end(md, s->value, NONE);
}

void on_task_begin(struct model *md, const struct record *r)
{
	struct g *gp = hash_get(&md->proc->gs, r->task_begin.g);
	struct task *t;

	if (!r->task_begin.task || bits_has(&md->proc->tasks_seen, r->task_begin.task)) {
		anomaly(md, gp, NULL, "task %" PRIu64 " begins, which was before or is none",
			r->task_begin.task);
		return;
	}
	bits_add(&md->proc->tasks_seen, r->task_begin.task);
	t = need(sizeof *t);
	*t = (struct task){.task = number_task(md, r->task_begin.task),
			   .parent = number_task(md, r->task_begin.parent),
			   .g = number_g(md, r->task_begin.g),
			   .ts = md->now,
			   .name = need_text(r->task_begin.name)};
	hash_put(&md->proc->tasks, r->task_begin.task, t);
	if (gp)
		gp->task_now = t->task;
}

void on_task_end(struct model *md, const struct record *r)
{
	struct task *t = hash_remove(&md->proc->tasks, r->task_end.task);
	struct g *gp = hash_get(&md->proc->gs, r->task_end.g);

	if (!t) {
		if (!md->proc->lost)
			anomaly(md, gp, NULL, "task %" PRIu64 " ends and has not begun",
				r->task_end.task);
		return;
	}
	if (gp && gp->task_now == t->task)
		gp->task_now = t->parent;
	task_end(md, t, md->now);
}

void on_region_begin(struct model *md, const struct record *r)
{
	struct g *gp = g_of(md, r->region_begin.g);
	struct region *region;

	if (!gp)
		return;
	region = need(sizeof *region);
	*region = (struct region){.outer = gp->regions,
				  .task = number_task(md, r->region_begin.task),
				  .ts = md->now,
				  .name = need_text(r->region_begin.name)};
	gp->regions = region;
}

void region_close(struct model *md, struct g *gp, int64_t end)
{
	struct region *region = gp->regions;
	int64_t depth = 0;

	for (const struct region *o = region->outer; o; o = o->outer)
		depth++;
	db_put(md->db, region, .id = ++md->regions, .g = gp->g, .task = region->task,
	       .name = region->name, .depth = depth, .ts = region->ts,
	       .dur = end == NONE ? NONE : end - region->ts);
	gp->regions = region->outer;
	free(region->name);
	free(region);
}

void on_region_end(struct model *md, const struct record *r)
{
	struct g *gp = g_of(md, r->region_end.g);

	if (!gp)
		return;
	if (gp->regions)
		region_close(md, gp, md->now);
	else if (!md->proc->lost)
		anomaly(md, gp, NULL, "a region ends and none has begun");
}

void on_user_log(struct model *md, const struct record *r)
{
	db_put(md->db, log, .id = md->id, .ts = md->now, .g = number_g(md, r->user_log.g),
	       .task = number_task(md, r->user_log.task), .category = r->user_log.category,
	       .message = r->user_log.message);
}
