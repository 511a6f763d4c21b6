/* SPDX-License-Identifier: MIT */
/* A lock is followed to who has it, and from there to the lock that one waits for.  Each lock has
 * one owner, or readers, all of whom it takes to unlock it: so every way through the graph that
 * ends in a goroutine that cannot go on is one that explains.
 *
 * Nothing is written when a lock is taken but its owner and where (mutex.c), and for reading a note
 * in the goroutine (rwmutex.c).  Unlocking from another goroutine is legal, and leaves such a note
 * behind: readers are believed only if there are no more notes of them than the RWMutex counts.
 */
#include "waitfor.h"
#include "flight.h"
#include "lock.h"
#include "sched.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

enum { LOCKS = 1 << 14, HOLDERS = 2 * LOCKS, FINDINGS = 64, CYCLE_SHOWN = RT_WF_INVOLVED };

/* The graph: a hash table of indices into locks, from 1.  Untouched it takes no memory. */
static struct rt_lock graph_lock;
static struct rt_wf_lock locks[LOCKS];
static struct rt_wf_holder holders[HOLDERS];
static uint32_t table[2 * LOCKS];
static uint32_t nlocks, nholders, nowners; /* the first holders are owners, sorted by id */
static int64_t began_before;
static struct rt_finding findings[FINDINGS];
static int nfindings;

/* ---- Making ------------------------------------------------------------------------------ */

static struct rt_wf_lock *lookup(const void *obj, bool add)
{
	uint32_t i = (uint32_t)(((uintptr_t)obj * 0x9e3779b97f4a7c15u) >> 40);

	for (;; i++) {
		uint32_t *at = &table[i % (2 * LOCKS)];

		if (!*at) {
			if (!add || nlocks == LOCKS)
				return NULL;
			*at = ++nlocks;
			locks[nlocks - 1] = (struct rt_wf_lock){.obj = obj};
		}
		if (locks[*at - 1].obj == obj)
			return &locks[*at - 1];
	}
}

static bool waits_for_owner(const struct rt_seen *s)
{
	return s->status == G_WAITING && s->since <= began_before &&
	       rt_waits_for(s->why) == RT_FOR_OWNER;
}

static bool add_waiter(struct g *gp, void *arg)
{
	struct rt_wf_lock *l;
	struct rt_seen s;

	(void)arg;
	if (__atomic_load_n(&gp->status, __ATOMIC_RELAXED) != G_WAITING || !rt_see(gp, &s) ||
	    !waits_for_owner(&s))
		return true;
	l = lookup(rt_owned(&s), true);
	if (!l)
		return true;
	if (!l->waiters++ || s.since < l->waiter.since)
		l->waiter = s;
	if (s.why == WAIT_rwmutex_lock)
		l->writer = s;
	return true;
}

static struct rt_wf_holder *add_holder(struct rt_wf_lock *l, uint64_t id)
{
	if (nholders == HOLDERS)
		return NULL;
	holders[nholders] = (struct rt_wf_holder){.id = id, .lock = l};
	return &holders[nholders++];
}

/* What the lock itself says, while l->waiter waits for it and so keeps it there. */
static void read_lock(struct rt_peek *pk, struct rt_wf_lock *l)
{
	union {
		weft_mutex mu;
		weft_rwmutex rw;
		weft_once once;
	} o;
	bool rw = l->waiter.why == WAIT_rwmutex_lock || l->waiter.why == WAIT_rwmutex_rlock;
	size_t n = rw ? sizeof o.rw : l->waiter.why == WAIT_once_do ? sizeof o.once : sizeof o.mu;

	if (l->waiter.why == WAIT_flight_do) {
		if (!rt_flight_look(pk, l->obj, &l->owner, &l->where) || !rt_still(&l->waiter))
			l->owner = 0;
		return;
	}
	if (!rt_peek(pk, &o, l->obj, n) || !rt_still(&l->waiter))
		return;
	if (rw) {
		l->readers = rt_rwmutex_readers(&o.rw);
		l->owner = rt_rwmutex_writer(&o.rw);
		l->where = o.rw.where;
	} else if (l->waiter.why == WAIT_once_do) {
		l->owner = o.once.owner;
		l->where = o.once.where;
	} else {
		l->owner = o.mu.owner;
		l->where = o.mu.where;
	}
}

static int by_id(const void *a, const void *b)
{
	uint64_t x = ((const struct rt_wf_holder *)a)->id, y = ((const struct rt_wf_holder *)b)->id;

	return (x > y) - (x < y);
}

static uint32_t first_with(uint64_t id)
{
	uint32_t lo = 0, hi = nowners;

	while (lo < hi) {
		uint32_t mid = (lo + hi) / 2;

		if (holders[mid].id < id)
			lo = mid + 1;
		else
			hi = mid;
	}
	return lo;
}

static void add_reader(const void *rw, const struct rt_seen *s, bool alive)
{
	struct rt_wf_lock *l = lookup(rw, false);
	struct rt_wf_holder *h;

	if (!l || !l->readers || !(h = add_holder(l, s->id)))
		return;
	h->reads = true;
	h->found = alive;
	h->seen = *s;
}

/* Find the owners among the living, and who reads. */
static bool add_living(struct g *gp, void *arg)
{
	uint64_t id = __atomic_load_n(&gp->id, __ATOMIC_RELAXED);
	uint32_t nreads = __atomic_load_n(&gp->nreads, __ATOMIC_RELAXED);
	const struct g_stack *st = __atomic_load_n(&gp->stack, __ATOMIC_RELAXED);
	uint32_t i = first_with(id);
	bool owns = i < nowners && holders[i].id == id;
	struct rt_seen s;

	(void)arg;
	if ((!owns && !nreads) || !rt_see(gp, &s))
		return true;
	for (; i < nowners && holders[i].id == s.id; i++) {
		holders[i].found = true;
		holders[i].seen = s;
	}
	for (i = 0; st && i < nreads && i < RT_READS; i++)
		add_reader(__atomic_load_n(&st->reads[i], __ATOMIC_RELAXED), &s, true);
	return true;
}

/* ---- Readers that have ended --------------------------------------------------------------- */

/* The last that did; left_lock protects them. */
enum { LEFT = 32 };
static struct rt_lock left_lock;
static struct {
	const weft_rwmutex *rw;
	uint64_t id;
} left[LEFT];
static uint32_t nleft;

void rt_wf_readers_left(const struct g *gp)
{
	rt_lock(&left_lock);
	for (uint32_t i = 0; i < gp->nreads && i < RT_READS; i++, nleft++) {
		left[nleft % LEFT].rw = gp->stack->reads[i];
		left[nleft % LEFT].id = gp->id;
	}
	rt_unlock(&left_lock);
}

static void add_left(void)
{
	struct rt_seen s;

	rt_lock(&left_lock);
	for (uint32_t i = 0; i < nleft && i < LEFT; i++) {
		rt_ended_look(left[i].id, &s);
		add_reader(left[i].rw, &s, false);
	}
	rt_unlock(&left_lock);
}

/* ---- The graph, linked --------------------------------------------------------------------- */

static void link_holders(void)
{
	for (uint32_t i = nholders; i-- > 0;) {
		struct rt_wf_holder *h = &holders[i];

		if (!h->reads && !h->found)
			rt_ended_look(h->id, &h->seen);
		h->next = h->lock->holders;
		h->lock->holders = h;
	}
	for (uint32_t i = 0; i < nlocks; i++) {
		uint32_t noted = 0;

		for (struct rt_wf_holder *h = locks[i].holders; h; h = h->next)
			noted += h->reads;
		if (noted > locks[i].readers)
			locks[i].holders = NULL; // someone unlocked for another
	}
}

/* A report takes moments, unless it dies in the middle. */
static bool take_graph(void)
{
	for (int ms = 0; ms < 3000; ms++) {
		if (rt_try_lock(&graph_lock))
			return true;
		nanosleep(&(struct timespec){0, 1000000}, NULL);
	}
	return false;
}

bool rt_wf_make(struct rt_peek *pk, int64_t before)
{
	if (!take_graph())
		return false;
	if (nlocks)
		memset(table, 0, sizeof table);
	nlocks = nholders = nowners = 0;
	began_before = before;
	rt_g_each(add_waiter, NULL);
	if (!nlocks)
		return true;
	for (uint32_t i = 0; i < nlocks; i++) {
		read_lock(pk, &locks[i]);
		if (locks[i].owner)
			add_holder(&locks[i], locks[i].owner);
	}
	qsort(holders, nholders, sizeof *holders, by_id);
	nowners = nholders;
	rt_g_each(add_living, NULL);
	add_left();
	link_holders();
	return true;
}

void rt_wf_done(void)
{
	rt_unlock(&graph_lock);
}

/* ---- Sentences ----------------------------------------------------------------------------- */

__attribute__((format(printf, 3, 4))) static void add(char *buf, size_t size, const char *fmt, ...)
{
	size_t n = strlen(buf);
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(buf + n, size - n, fmt, ap);
	va_end(ap);
}

static void add_goroutine(char *buf, size_t size, const struct rt_seen *s)
{
	size_t n = strlen(buf);

	rt_seen_text(s, buf + n, size - n);
}

static void add_object(char *buf, size_t size, const struct rt_wf_lock *l)
{
	size_t n = strlen(buf);

	rt_object_text(l->waiter.why, l->waiter.obj, buf + n, size - n);
}

/* Of the flight that s waits for. */
static void add_key(struct rt_peek *pk, char *buf, size_t size, const struct rt_seen *s)
{
	char key[48];

	rt_flight_key(pk, s->call, key, sizeof key);
	if (key[0] && rt_still(s))
		add(buf, size, ", %s", key);
}

static void add_place(char *buf, size_t size, const weft_site *site)
{
	if (site)
		add(buf, size, " at %s:%u", site->file, site->line);
}

/* What is waited for is no lock, but the end of a function. */
static bool is_run(enum wait why)
{
	return why == WAIT_once_do || why == WAIT_flight_do;
}

static const char *by(enum wait why)
{
	return is_run(why) ? ", run by " : ", locked by ";
}

static void add_holder_text(char *buf, size_t size, const struct rt_wf_holder *h)
{
	add_goroutine(buf, size, &h->seen);
	if (!h->found)
		add(buf, size, ", which has ended%s", h->reads || !h->lock->where ? "" : ",");
	if (!h->reads)
		add_place(buf, size, h->lock->where);
}

/* The first few of them. */
static void add_readers(char *buf, size_t size, const struct rt_wf_lock *l)
{
	int n = 0;

	for (const struct rt_wf_holder *h = l->holders; h && n < 4; h = h->next, n++) {
		add(buf, size, n ? "; " : " by ");
		add_holder_text(buf, size, h);
	}
}

bool rt_wf_describe(struct rt_peek *pk, const struct rt_seen *s, bool graph, char *buf, size_t size)
{
	struct rt_wf_lock alone = {.obj = rt_owned(s), .waiter = *s}, *l = &alone;

	buf[0] = 0;
	rt_object_text(s->why, s->obj, buf, size);
	if (s->why == WAIT_flight_do)
		add_key(pk, buf, size, s);
	if (!graph || !(l = lookup(rt_owned(s), false))) {
		l = &alone;
		read_lock(pk, l);
	}
	if (l->readers) {
		add(buf, size, ", read-locked %u time%s", l->readers, l->readers > 1 ? "s" : "");
		add_readers(buf, size, l);
		if (l->writer.id && s->why == WAIT_rwmutex_rlock)
			add(buf, size, ", and goroutine %lu waits to write",
			    (unsigned long)l->writer.id);
	} else if (l->holders) {
		add(buf, size, "%s", by(s->why));
		add_holder_text(buf, size, l->holders);
	} else if (l->owner) {
		add(buf, size, "%sgoroutine %lu", by(s->why), (unsigned long)l->owner);
		add_place(buf, size, l->where);
	}
	return true;
}

const char *rt_cause_name(enum rt_cause cause)
{
	static const char *const names[] = {"self-lock", "order cycle", "owner gone",
					    "owner blocked"};

	return names[cause];
}

/* ---- Findings ------------------------------------------------------------------------------ */

static uint64_t mix(uint64_t a, uint64_t b)
{
	a = (a ^ b) * 0x9e3779b97f4a7c15u;
	return a ^ a >> 29;
}

/* A new finding, or NULL if it is one already or there is no room. */
static struct rt_finding *found(enum rt_cause cause, uint64_t key)
{
	struct rt_finding *f = &findings[nfindings];

	key = mix(key, cause + 1);
	for (int i = 0; i < nfindings; i++)
		if (findings[i].key == key)
			return NULL;
	if (nfindings == FINDINGS)
		return NULL;
	f->cause = cause;
	f->key = key;
	f->ninvolved = 0;
	f->text[0] = 0;
	nfindings++;
	return f;
}

static void involve(struct rt_finding *f, const struct rt_seen *s)
{
	if (f->ninvolved < RT_WF_INVOLVED)
		f->involved[f->ninvolved++] = *s;
}

/* Others than one who wait for a lock. */
static void add_others(char *buf, size_t size, const struct rt_wf_lock *l)
{
	if (l->waiters > 1)
		add(buf, size, " (as %s %u more)", l->waiters > 2 ? "do" : "does", l->waiters - 1);
}

/* It waits for a lock that it has itself. */
static void self_lock(struct rt_wf_lock *l, const struct rt_wf_holder *h)
{
	struct rt_finding *f = found(RT_SELF_LOCK, mix(h->id, (uint64_t)h->seen.since));
	bool reads = h->seen.why == WAIT_rwmutex_rlock;
	size_t size = sizeof f->text;

	if (!f)
		return;
	involve(f, &h->seen);
	add_goroutine(f->text, size, &h->seen);
	add(f->text, size, reads ? " locks for reading the " : " locks the ");
	add_object(f->text, size, l);
	add(f->text, size, h->reads ? " that it reads itself" : " that it holds itself");
	if (!h->reads)
		add(f->text, size, ", locked");
	if (!h->reads)
		add_place(f->text, size, l->where);
	if (h->reads && reads && l->writer.id) {
		add(f->text, size, ", and ");
		add_goroutine(f->text, size, &l->writer);
		add(f->text, size, " waits to write in between");
		involve(f, &l->writer);
	}
}

static void wait_in_cycle(struct rt_finding *f, const struct rt_seen *s, const struct rt_wf_lock *l)
{
	size_t size = sizeof f->text;

	involve(f, s);
	add(f->text, size, "\n    ");
	add_goroutine(f->text, size, s);
	add(f->text, size, " waits for the ");
	add_object(f->text, size, l);
	add(f->text, size, "%s", l->at->reads ? ", read by " : by(s->why));
	add_holder_text(f->text, size, l->at);
}

/* The path leads by `below` from top down to l, which top's holder waits for. */
static void cycle(struct rt_wf_lock *l, struct rt_wf_lock *top)
{
	uint64_t key = 0;
	struct rt_finding *f;
	struct rt_wf_lock *k, *below = top;
	int n = 0;

	if (top == l) {
		self_lock(l, l->at);
		return;
	}
	for (k = top, top->above = NULL; k != l; k = k->below) {
		key += mix(k->at->id, (uint64_t)k->at->seen.since);
		k->below->above = k;
	}
	f = found(RT_CYCLE, key + mix(l->at->id, (uint64_t)l->at->seen.since));
	if (!f)
		return;
	add(f->text, sizeof f->text, "order cycle: goroutine %lu", (unsigned long)top->at->id);
	for (k = l; k; k = k->above)
		if (n++ < CYCLE_SHOWN)
			add(f->text, sizeof f->text, " -> %lu", (unsigned long)k->at->id);
	if (n > CYCLE_SHOWN)
		add(f->text, sizeof f->text, " -> ... (%d in all)", n);
	for (k = l; k && f->ninvolved < RT_WF_INVOLVED; below = k, k = k->above)
		wait_in_cycle(f, &below->at->seen, k);
}

static void owner_gone(struct rt_wf_lock *l, const struct rt_wf_holder *h)
{
	struct rt_finding *f = found(RT_OWNER_GONE, mix((uintptr_t)l->obj, h->id));
	size_t size = sizeof f->text;

	if (!f)
		return;
	involve(f, &l->waiter);
	add_goroutine(f->text, size, &l->waiter);
	add(f->text, size, " waits for the ");
	add_object(f->text, size, l);
	add_others(f->text, size, l);
	add(f->text, size, h->reads ? ", which is read by " : ", which was locked by ");
	add_holder_text(f->text, size, h);
	add(f->text, size, ": nobody has unlocked it");
}

static void owner_blocked(struct rt_peek *pk, struct rt_wf_lock *l, const struct rt_wf_holder *h,
			  bool certain)
{
	struct rt_finding *f = found(RT_OWNER_BLOCKED, mix(h->id, (uint64_t)h->seen.since));
	size_t size = sizeof f->text;
	char about[256];

	if (!f)
		return;
	involve(f, &l->waiter);
	involve(f, &h->seen);
	add_goroutine(f->text, size, &l->waiter);
	add(f->text, size, " waits for the ");
	add_object(f->text, size, l);
	add_others(f->text, size, l);
	add(f->text, size, ", which ");
	add_goroutine(f->text, size, &h->seen);
	add(f->text, size, "%s while it waits itself, in %s",
	    h->reads		    ? " reads"
	    : is_run(l->waiter.why) ? " runs"
				    : " holds",
	    rt_wait_phrase(h->seen.why));
	add_place(f->text, size, h->seen.wait_site);
	if (rt_describe(pk, &h->seen, about, sizeof about))
		add(f->text, size, " for %s", about);
	if (!certain && rt_waits_for(h->seen.why) == RT_FOR_PEER)
		add(f->text, size, "; both wait for somebody to %s", rt_peer_would(h->seen.why));
}

/* True if to wait so is to be stuck, as far as that can be said. */
static bool blocked(struct rt_peek *pk, const struct rt_seen *s, bool certain)
{
	if (s->status != G_WAITING || s->since > began_before)
		return false;
	switch (rt_waits_for(s->why)) {
	case RT_FOR_PEER:
		return certain || !rt_wait_ends(pk, s);
	case RT_FOR_NOBODY:
		return true;
	case RT_FOR_OWNER: // of a lock that there was no room for
	case RT_FOR_THE_WORLD:
		break;
	}
	return false;
}

/* Look at the top's next holder; the top of the path after that. */
static struct rt_wf_lock *step(struct rt_peek *pk, struct rt_wf_lock *top, bool certain)
{
	struct rt_wf_holder *h = top->at;
	struct rt_wf_lock *next = NULL;

	if (h->found && waits_for_owner(&h->seen))
		next = lookup(rt_owned(&h->seen), false);
	if (next && next->state == RT_WF_NEW && next->holders) {
		next->below = top;
		next->at = next->holders;
		next->state = RT_WF_ON_PATH;
		return next;
	}
	if (next && next->state == RT_WF_ON_PATH)
		cycle(next, top);
	else if (!h->found)
		owner_gone(top, h);
	else if (blocked(pk, &h->seen, certain))
		owner_blocked(pk, top, h, certain);
	for (; top && !(top->at = top->at->next); top = top->below)
		top->state = RT_WF_DONE;
	return top;
}

static bool all_still(const struct rt_finding *f)
{
	for (int i = 0; i < f->ninvolved; i++)
		if (!rt_still(&f->involved[i]))
			return false;
	return true;
}

int rt_wf_find(struct rt_peek *pk, bool certain, const struct rt_finding **result)
{
	int kept = 0;

	nfindings = 0;
	for (uint32_t i = 0; i < nlocks; i++) {
		struct rt_wf_lock *top = &locks[i];

		if (top->state != RT_WF_NEW || !top->holders)
			continue;
		top->below = NULL;
		top->at = top->holders;
		top->state = RT_WF_ON_PATH;
		while (top)
			top = step(pk, top, certain);
	}
	for (int i = 0; i < nfindings; i++)
		if (all_still(&findings[i]))
			findings[kept++] = findings[i];
	*result = findings;
	return kept;
}
