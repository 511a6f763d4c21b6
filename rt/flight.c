/* SPDX-License-Identifier: MIT */
/* Flights: calls that run, shared by all who want the same.
 *
 * f->lock protects the calls that are listed and their queues.  A call lives in the frame of the
 * one that runs its function.  It is listed from before the function begins until it has ended, or
 * is forgotten; from then on nobody joins it, and its queue is its goroutine's alone.  The last
 * touch of the flight is the unlock before that; who waits is given what came out in its own frame,
 * and does not come back to the call or to the flight.
 *
 * A call ends in a deferred function, so however it ends: by return, a panic, which was trapped, or
 * weft_exit.
 */
#include "flight.h"
#include "key.h"
#include "lock.h"
#include "panic.h"
#include "throw.h"
#include "waitq.h"

#include <stdio.h>

/* How a call ended; see flight_end. */
enum how { RETURNED, PANICKED, EXITED };

struct outcome {
	enum how how;
	int err;
	weft_flight_result result;
};

struct weft_flight_call {
	struct weft_flight_call *next; /* of the same bucket */
	weft_flight *f;
	weft_key key;
	uint64_t hash;
	bool forgotten; /* no longer listed */

	int (*fn)(void *arg, void **value);
	void *arg;
	uint64_t owner; /* the goroutine that runs fn */
	weft_site *where;

	uint32_t joined; /* how many wait in q */
	weft_waitq q;
	struct outcome out;
	weft_caught *caught; /* in the same frame; if it panicked */
};

struct joiner {
	struct weft_waiter w; /* first */
	struct outcome out;
	weft_caught *caught; /* in the same frame */
};

static struct rt_lock *lock_of(weft_flight *f)
{
	return (struct rt_lock *)&f->lock;
}

static bool commit_unlock(struct g *gp, void *arg)
{
	(void)gp;
	rt_unlock(arg);
	return true;
}

/* For the trace: the key, or of bytes their hash. */
static uint64_t number_of(weft_key key, uint64_t hash)
{
	return key.ptr ? hash : key.n;
}

/* With the lock: where the call with this key is listed, or would be. */
static struct weft_flight_call **find(weft_flight *f, weft_key key, uint64_t hash)
{
	struct weft_flight_call **at = &f->calls[hash % WEFT_FLIGHT_BUCKETS];

	while (*at && ((*at)->hash != hash || !rt_key_equal((*at)->key, key)))
		at = &(*at)->next;
	return at;
}

/* With the lock; read without. */
static void set_waiting(weft_flight *f, uint32_t n)
{
	__atomic_store_n(&f->waiting, n, __ATOMIC_RELAXED);
}

/* ---- Who runs the function -------------------------------------------------------------- */

/* Wake who waits, the first first. */
static void hand_out(struct weft_flight_call *c)
{
	struct weft_waiter *w = c->q.head;

	while (w) {
		struct joiner *j = (struct joiner *)w;

		w = w->next;
		j->out = c->out;
		if (c->out.how == PANICKED)
			rt_copy(j->caught, c->caught, sizeof *c->caught);
		rt_release(j);
		rt_ready(j->w.g);
	}
}

static void end(void *arg)
{
	struct weft_flight_call *c = arg;
	struct g *gp = rt_enter_unlock("weft_flight_do")->curg;
	weft_flight *f = c->f;

	rt_lock(lock_of(f));
	if (!c->forgotten)
		*find(f, c->key, c->hash) = c->next;
	c->out.result.shared = c->joined;
	set_waiting(f, f->waiting - c->joined);
	rt_trace(flight_end, f, gp->id, number_of(c->key, c->hash), c->out.err, c->out.how,
		 c->joined, rt_trace_site(c->where));
	rt_unlock(lock_of(f));
	hand_out(c);
	rt_leave();
}

static void call(void *arg)
{
	struct weft_flight_call *c = arg;

	c->out.err = c->fn(c->arg, &c->out.result.value);
	c->out.how = RETURNED;
}

static void call_try(void *arg)
{
	struct weft_flight_call *c = arg;

	if (!weft_try_at(call, c, c->caught, c->where))
		c->out.how = PANICKED;
}

/* With the lock, which it gives back, as it leaves the runtime. */
static void run(struct weft_flight_call **at, struct weft_flight_call *c)
{
	*at = c;
	rt_trace(flight_begin, c->f, c->owner, number_of(c->key, c->hash), rt_trace_site(c->where));
	rt_unlock(lock_of(c->f));
	rt_leave();
	rt_call_deferring(call_try, c, end, c);
}

/* ---- Who waits for it ------------------------------------------------------------------- */

/* With the lock, which it gives back, as it leaves the runtime. */
static void join(struct weft_flight_call *c, struct joiner *j, weft_site *site)
{
	weft_flight *f = c->f;
	struct g *gp = rt_curg();

	if (c->owner == gp->id) {
		rt_unlock(lock_of(f));
		rt_fatal(site, "weft_flight_do called with its own key from the function that it "
			       "runs");
	}
	j->w = (struct weft_waiter){.g = gp};
	rt_waitq_push(&c->q, &j->w);
	c->joined++;
	set_waiting(f, f->waiting + 1);
	rt_trace(flight_join, f, gp->id, number_of(c->key, c->hash), c->owner, rt_trace_site(site));
	gp->call = c;
	rt_park(WAIT_flight_do, f, site, commit_unlock, lock_of(f));
	rt_acquire(j);
	rt_leave();
}

/* ---- The API ---------------------------------------------------------------------------- */

/* As if the caller had called the function itself. */
static int finish(const struct outcome *out, const weft_caught *caught, weft_flight_result *result)
{
	if (out->how == EXITED)
		weft_exit();
	if (out->how == PANICKED)
		weft_repanic(caught);
	if (result)
		*result = out->result;
	return out->err;
}

int weft_flight_do_at(weft_flight *f, weft_key key, int (*fn)(void *arg, void **value), void *arg,
		      weft_flight_result *result, weft_site *site)
{
	struct weft_flight_call c, **at;
	weft_caught caught;
	struct joiner j;

	c = (struct weft_flight_call){.f = f,
				      .key = key,
				      .hash = rt_key_hash(0, key),
				      .fn = fn,
				      .arg = arg,
				      .owner = rt_enter("weft_flight_do")->curg->id,
				      .where = site,
				      .out.how = EXITED,
				      .caught = &caught};
	if (!fn)
		rt_panic(site, "weft_flight_do of a NULL function");
	rt_lock(lock_of(f));
	at = find(f, key, c.hash);
	if (*at) {
		j.caught = &caught;
		join(*at, &j, site);
		return finish(&j.out, &caught, result);
	}
	run(at, &c);
	return finish(&c.out, &caught, result);
}

void weft_flight_forget_at(weft_flight *f, weft_key key, weft_site *site)
{
	struct g *gp = rt_enter("weft_flight_forget")->curg;
	uint64_t hash = rt_key_hash(0, key), owner = 0;
	struct weft_flight_call **at, *c;

	rt_lock(lock_of(f));
	at = find(f, key, hash);
	c = *at;
	if (c) {
		owner = c->owner;
		c->forgotten = true;
		*at = c->next;
	}
	rt_trace(flight_forget, f, gp->id, number_of(key, hash), owner, rt_trace_site(site));
	rt_unlock(lock_of(f));
	rt_leave();
}

/* ---- Reports ---------------------------------------------------------------------------- */

bool rt_flight_look(struct rt_peek *pk, const void *call, uint64_t *owner, const weft_site **where)
{
	struct weft_flight_call c;

	if (!rt_peek(pk, &c, call, sizeof c))
		return false;
	*owner = c.owner;
	*where = c.where;
	return true;
}

void rt_flight_key(struct rt_peek *pk, const void *call, char *buf, size_t size)
{
	struct weft_flight_call c;
	char bytes[32];
	size_t n;

	buf[0] = 0;
	if (!rt_peek(pk, &c, call, sizeof c))
		return;
	n = c.key.n < sizeof bytes ? c.key.n : sizeof bytes;
	if (!c.key.ptr) {
		snprintf(buf, size, "key %lu", (unsigned long)c.key.n);
	} else if (!n || rt_peek(pk, bytes, c.key.ptr, n)) {
		for (size_t i = 0; i < n; i++)
			if (bytes[i] < ' ' || bytes[i] > '~')
				bytes[i] = '?';
		snprintf(buf, size, "key \"%.*s%s\"", (int)n, bytes, n < c.key.n ? "..." : "");
	}
}
