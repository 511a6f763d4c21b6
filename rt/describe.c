/* SPDX-License-Identifier: MIT */
#define _GNU_SOURCE
#include "describe.h"
#include "chan.h"
#include "throw.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

/* ---- Memory that may be gone ------------------------------------------------------------- */

void rt_peek_close(struct rt_peek *pk)
{
	if (pk->in < 0)
		return;
	close(pk->in);
	close(pk->out);
}

static void make_pipe(struct rt_peek *pk)
{
	int fds[2];

	pk->tried = true;
	if (pipe2(fds, O_CLOEXEC | O_NONBLOCK) == 0) {
		pk->out = fds[0];
		pk->in = fds[1];
	}
}

/* Not by the C library's functions, which sanitizers watch. */
bool rt_peek(struct rt_peek *pk, void *to, const void *from, size_t n)
{
	char half[4096];
	long written;

	if (!pk->tried)
		make_pipe(pk);
	if (pk->in < 0 || !from)
		return false;
	written = syscall(SYS_write, pk->in, from, n);
	if (written == (long)n)
		return syscall(SYS_read, pk->out, to, n) == (long)n;
	if (written > 0)
		syscall(SYS_read, pk->out, half, written);
	return false;
}

/* ---- Goroutines -------------------------------------------------------------------------- */

#define LOOK(field) __atomic_load_n(&(field), __ATOMIC_RELAXED)

bool rt_still(const struct rt_seen *s)
{
	const struct g *gp = s->g;

	__atomic_thread_fence(__ATOMIC_ACQUIRE); // what was read before is not read later
	if (LOOK(gp->id) != s->id || LOOK(gp->status) != s->status)
		return false;
	return s->status != G_WAITING ||
	       (LOOK(gp->since) == s->since && LOOK(gp->obj) == s->obj && LOOK(gp->why) == s->why);
}

bool rt_see(const struct g *gp, struct rt_seen *s)
{
	const struct g_stack *st;

	for (int tries = 0; tries < 3; tries++) {
		*s = (struct rt_seen){.g = gp,
				      .id = LOOK(gp->id),
				      .status = LOOK(gp->status),
				      .why = LOOK(gp->why),
				      .obj = LOOK(gp->obj),
				      .select = LOOK(gp->select),
				      .wait_site = LOOK(gp->wait_site),
				      .since = LOOK(gp->since),
				      .site = LOOK(gp->site),
				      .parent = LOOK(gp->parent)};
		if (!s->id)
			return false;
		st = LOOK(gp->stack);
		if (st)
			snprintf(s->name, sizeof s->name, "%s", st->name);
		if (rt_still(s))
			return true;
	}
	s->status = G_RUNNING; // or else it could not change so fast
	return LOOK(gp->id) == s->id;
}

/* Its name or function, never NULL. */
static const char *label_of(const struct rt_seen *s)
{
	return s->name[0] ? s->name : s->site ? s->site->what : "";
}

void rt_seen_text(const struct rt_seen *s, char *buf, size_t size)
{
	const char *label = label_of(s);

	if (*label)
		snprintf(buf, size, "goroutine %lu (%s)", (unsigned long)s->id, label);
	else
		snprintf(buf, size, "goroutine %lu", (unsigned long)s->id);
}

/* The id is written last, and is 0 meanwhile. */
void rt_ended_add(struct p *pp, const struct g *gp)
{
	struct rt_ended *e = &pp->ended[pp->exits % RT_ENDED];

	__atomic_store_n(&e->id, 0, __ATOMIC_RELAXED);
	__atomic_thread_fence(__ATOMIC_RELEASE); // pairs with rt_ended_look
	e->site = gp->site;
	e->name[0] = 0;
	if (gp->stack->named)
		memcpy(e->name, gp->stack->name, sizeof e->name);
	__atomic_store_n(&e->id, gp->id, __ATOMIC_RELEASE); // pairs with rt_ended_look
}

static bool look_at_ended(const struct p *pp, uint64_t id, struct rt_seen *s)
{
	for (int i = 0; i < RT_ENDED; i++) {
		const struct rt_ended *e = &pp->ended[i];

		if (__atomic_load_n(&e->id, __ATOMIC_ACQUIRE) != id)
			continue;
		s->site = LOOK(e->site);
		memcpy(s->name, e->name, sizeof s->name);
		__atomic_thread_fence(__ATOMIC_ACQUIRE);
		if (LOOK(e->id) == id)
			return true;
	}
	return false;
}

void rt_ended_look(uint64_t id, struct rt_seen *s)
{
	*s = (struct rt_seen){.id = id, .status = G_DEAD};
	for (uint32_t i = 0; i < rt_nworkers(); i++) {
		if (look_at_ended(&rt.workers[i], id, s))
			return;
		s->site = NULL;
		s->name[0] = 0;
	}
}

/* ---- Names ------------------------------------------------------------------------------ */

enum { BUCKETS = 1024 };

struct named {
	struct named *next;
	const void *obj;
	char name[];
};

/* names_lock protects the table; `names` counts what is in it and is read without. */
static struct rt_lock names_lock;
static struct named *table[BUCKETS];
static size_t names;

static struct named **bucket(const void *obj)
{
	return &table[((uintptr_t)obj >> 4) % BUCKETS];
}

static void drop_locked(const void *obj)
{
	for (struct named **at = bucket(obj); *at; at = &(*at)->next) {
		struct named *n = *at;

		if (n->obj != obj)
			continue;
		*at = n->next;
		free(n);
		__atomic_store_n(&names, names - 1, __ATOMIC_RELAXED);
		return;
	}
}

void rt_name_drop(const void *obj)
{
	if (!__atomic_load_n(&names, __ATOMIC_RELAXED))
		return;
	rt_lock(&names_lock);
	rt_acquire(&names_lock); // the sanitizer sees malloc and free, but not our lock
	drop_locked(obj);
	rt_release(&names_lock);
	rt_unlock(&names_lock);
}

void weft_name(void *obj, const char *name)
{
	struct named *n;

	if (!obj || !name)
		rt_panic(NULL, "weft_name %s", obj ? "with a NULL name" : "of NULL");
	n = malloc(sizeof *n + strlen(name) + 1);
	if (!n)
		rt_fatal(NULL, "no memory for the name %s", name);
	strcpy(n->name, name);
	n->obj = obj;
	rt_trace(obj_name, obj, name);
	rt_lock(&names_lock);
	rt_acquire(&names_lock);
	drop_locked(obj);
	n->next = *bucket(obj);
	*bucket(obj) = n;
	__atomic_store_n(&names, names + 1, __ATOMIC_RELAXED);
	rt_release(&names_lock);
	rt_unlock(&names_lock);
}

/* The lock is held for moments only, but who ends the program may hold it. */
static bool lock_names(void)
{
	for (int tries = 0; tries < 1000; tries++) {
		if (rt_try_lock(&names_lock))
			return true;
		rt_cpu_relax();
	}
	return false;
}

bool rt_name_of(const void *obj, char *buf, size_t size)
{
	struct named *n;

	if (!LOOK(names) || !lock_names())
		return false;
	for (n = *bucket(obj); n && n->obj != obj;)
		n = n->next;
	if (n)
		snprintf(buf, size, "\"%s\"", n->name);
	rt_unlock(&names_lock);
	return n;
}

/* ---- What is waited for ------------------------------------------------------------------ */

enum rt_waits_for rt_waits_for(enum wait why)
{
	switch (why) {
	case WAIT_mutex_lock:
	case WAIT_rwmutex_lock:
	case WAIT_rwmutex_rlock:
	case WAIT_once_do:
	case WAIT_flight_do:
		return RT_FOR_OWNER;
	case WAIT_chan_recv:
	case WAIT_chan_send:
	case WAIT_select:
	case WAIT_waitgroup_wait:
	case WAIT_cond_wait:
	case WAIT_semaphore_acquire:
	case WAIT_barrier_wait:
	case WAIT_group_go:
	case WAIT_group_wait:
		return RT_FOR_PEER;
	case WAIT_nil_chan:
		return RT_FOR_NOBODY;
	case WAIT_io_read:
	case WAIT_io_write:
	case WAIT_io_accept:
	case WAIT_io_connect:
	case WAIT_io_wait:
	case WAIT_none:
	case WAIT_sleep:
		break;
	}
	return RT_FOR_THE_WORLD;
}

const char *rt_peer_would(enum wait why)
{
	switch (why) {
	case WAIT_chan_recv:
		return "send";
	case WAIT_chan_send:
		return "receive";
	case WAIT_select:
		return "complete a case";
	case WAIT_waitgroup_wait:
		return "call done";
	case WAIT_cond_wait:
		return "signal";
	case WAIT_semaphore_acquire:
		return "release";
	case WAIT_barrier_wait:
		return "come to it";
	case WAIT_group_go:
	case WAIT_group_wait:
		return "end";
	default:
		return "wake it";
	}
}

static const char *noun(enum wait why)
{
	switch (why) {
	case WAIT_chan_recv:
	case WAIT_chan_send:
	case WAIT_select:
		return "channel";
	case WAIT_mutex_lock:
		return "mutex";
	case WAIT_rwmutex_lock:
	case WAIT_rwmutex_rlock:
		return "RWMutex";
	case WAIT_waitgroup_wait:
		return "WaitGroup";
	case WAIT_once_do:
		return "Once";
	case WAIT_flight_do:
		return "flight";
	case WAIT_cond_wait:
		return "cond";
	case WAIT_semaphore_acquire:
		return "semaphore";
	case WAIT_barrier_wait:
		return "barrier";
	case WAIT_io_read:
	case WAIT_io_write:
	case WAIT_io_accept:
	case WAIT_io_connect:
	case WAIT_io_wait:
		return "connection";
	case WAIT_group_go:
	case WAIT_group_wait:
		return "group";
	case WAIT_none:
	case WAIT_sleep:
	case WAIT_nil_chan:
		break;
	}
	return "object";
}

void rt_object_text(enum wait why, const void *obj, char *buf, size_t size)
{
	char name[64];

	if (rt_name_of(obj, name, sizeof name))
		snprintf(buf, size, "%s %s", noun(why), name);
	else
		snprintf(buf, size, "%s %p", noun(why), obj);
}

static bool is_timers(struct rt_peek *pk, const void *chan)
{
	struct weft_chan c;

	return rt_peek(pk, &c, chan, sizeof c) && c.timer;
}

static void describe_select(struct rt_peek *pk, const struct rt_seen *s, char *buf, size_t size)
{
	const void *chans[4];
	size_t total, n;
	bool timed;

	n = rt_select_look(pk, s->select, chans, 4, &total, &timed);
	if (total > 1)
		snprintf(buf, size, "one of ");
	for (size_t i = 0, at = strlen(buf); i < n && at < size; i++) {
		at += (size_t)snprintf(buf + at, size - at, "%s", i ? ", " : "");
		if (at < size)
			rt_object_text(WAIT_select, chans[i], buf + at, size - at);
		at += strlen(buf + at);
		if (i == n - 1 && total > n && at < size)
			at += (size_t)snprintf(buf + at, size - at, " and %zu more", total - n);
		if (i == n - 1 && timed && at < size)
			snprintf(buf + at, size - at, ", or a time-out");
	}
}

union object {
	struct weft_chan c;
	weft_waitgroup wg;
	weft_semaphore s;
	weft_barrier b;
	weft_group g;
};

static size_t size_of(enum wait why)
{
	switch (why) {
	case WAIT_chan_recv:
	case WAIT_chan_send:
		return sizeof(struct weft_chan);
	case WAIT_waitgroup_wait:
		return sizeof(weft_waitgroup);
	case WAIT_semaphore_acquire:
		return sizeof(weft_semaphore);
	case WAIT_barrier_wait:
		return sizeof(weft_barrier);
	case WAIT_group_go:
	case WAIT_group_wait:
		return sizeof(weft_group);
	default:
		return 0;
	}
}

static void describe_state(enum wait why, const union object *o, char *buf, size_t size)
{
	switch (why) {
	case WAIT_chan_recv:
	case WAIT_chan_send:
		if (o->c.timer)
			snprintf(buf, size, " of a timer");
		else
			snprintf(buf, size, " (%zu of %zu buffered)", o->c.count, o->c.cap);
		break;
	case WAIT_waitgroup_wait:
		snprintf(buf, size, ", counter %ld", (long)o->wg.count);
		break;
	case WAIT_semaphore_acquire:
		snprintf(buf, size, ", %ld of %ld held", (long)o->s.held, (long)o->s.size);
		break;
	case WAIT_barrier_wait:
		snprintf(buf, size, ", %ld of %ld arrived", (long)o->b.arrived, (long)o->b.parties);
		break;
	case WAIT_group_go:
		snprintf(buf, size, ", %ld of %ld running", (long)o->g.running, (long)o->g.limit);
		break;
	case WAIT_group_wait:
		snprintf(buf, size, ", %ld running", (long)o->g.running);
		break;
	default:
		break;
	}
}

bool rt_describe(struct rt_peek *pk, const struct rt_seen *s, char *buf, size_t size)
{
	union object o;
	size_t n = size_of(s->why);

	buf[0] = 0;
	if (s->why == WAIT_select && s->select) {
		describe_select(pk, s, buf, size);
		return buf[0] && rt_still(s);
	}
	if (!s->obj)
		return false;
	rt_object_text(s->why, s->obj, buf, size);
	if (rt_waits_for(s->why) == RT_FOR_THE_WORLD && rt_still(s)) // a record is never unmapped
		rt_conn_describe(s->obj, buf + strlen(buf), size - strlen(buf));
	if (n && rt_peek(pk, &o, s->obj, n) && rt_still(s))
		describe_state(s->why, &o, buf + strlen(buf), size - strlen(buf));
	return true;
}

bool rt_wait_ends(struct rt_peek *pk, const struct rt_seen *s)
{
	const void *chans[64];
	size_t total, n;
	bool timed;

	if (s->why == WAIT_chan_recv)
		return is_timers(pk, s->obj);
	if (s->why != WAIT_select)
		return false;
	n = rt_select_look(pk, s->select, chans, 64, &total, &timed);
	for (size_t i = 0; i < n && !timed; i++)
		timed = is_timers(pk, chans[i]);
	return timed || total > n;
}
