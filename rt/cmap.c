/* SPDX-License-Identifier: MIT */
/* Concurrent maps.
 *
 * The keys are spread over shards, each a hash table of pointers to nodes with linear probing, and
 * a lock for those who write.  A node has its key for ever; its value changes, to `gone` when the
 * key is deleted, before the node is taken out of the table.
 *
 * Who reads takes no lock.  It says that it reads, in its worker (reading is odd meanwhile), and
 * nobody else has the worker then.  Who takes a node or a table out frees it only after each worker
 * has been seen not to read, or to read something else: it fences, then looks; a reader says so,
 * fences, then looks at the table.  So either the reader is seen, or it no longer finds what was
 * taken out.  Reading never waits, and what it is waited for is one look-up.
 *
 * A range holds references to the nodes of the shard that it visits.
 */
#include "key.h"
#include "lock.h"
#include "sched.h"
#include "throw.h"

#include <sched.h>
#include <stdlib.h>
#include <sys/random.h>

enum { SHARDS = 32, GARBAGE = 64, SLOTS_MIN = 8 };
enum op { LOAD, STORE, LOAD_OR_STORE, DELETE, SWAP_IF, DELETE_IF, RANGE, CLEAR }; /* see map_op */

/* What is freed later; first in nodes and in tables. */
struct garbage {
	struct garbage *next;
	uint32_t refs; /* atomic */
};

struct node {
	struct garbage g;
	bool bytes; /* n of them, in key; else the key is n */
	uint64_t hash, n;
	void *value; /* atomic; &gone: deleted */
	char key[];
};

struct table {
	struct garbage g;
	size_t mask;
	struct node *slots[]; /* atomic; NULL ends a chain, &tomb does not */
};

struct shard {
	struct rt_lock lock;
	struct table *table; /* atomic */
	size_t count;	     /* of keys; atomic */
	size_t used;	     /* slots that are not NULL */
	struct garbage *garbage;
	size_t ngarbage;
} __attribute__((aligned(64)));

struct weft_map_state {
	uint64_t seed;
	struct shard shards[SHARDS];
};

static char gone;
static struct node tomb;

/* ---- Keys ------------------------------------------------------------------------------- */

static weft_key key_of(const struct node *n)
{
	return (weft_key){n->bytes ? n->key : NULL, n->n};
}

static bool is(const struct node *n, weft_key key, uint64_t hash)
{
	return n->hash == hash && rt_key_equal(key_of(n), key);
}

/* ---- Reading ---------------------------------------------------------------------------- */

static void read_begin(struct p *pp)
{
	__atomic_exchange_n(&pp->reading, pp->reading + 1,
			    __ATOMIC_SEQ_CST); // see wait_for_readers
}

static void read_end(struct p *pp)
{
	__atomic_store_n(&pp->reading, pp->reading + 1, __ATOMIC_RELEASE);
}

/* Nobody reads any more what was taken out before. */
static void wait_for_readers(void)
{
	__atomic_thread_fence(__ATOMIC_SEQ_CST);
	for (uint32_t i = 0; i < rt_nworkers(); i++) {
		const uint32_t *reading = &rt.workers[i].reading;
		uint32_t seen = __atomic_load_n(reading, __ATOMIC_SEQ_CST);
		int spins = 0;

		while (seen % 2 && __atomic_load_n(reading, __ATOMIC_ACQUIRE) == seen) {
			if (++spins % 64)
				rt_cpu_relax();
			else
				sched_yield();
		}
	}
}

static struct node *find(const struct table *t, weft_key key, uint64_t hash)
{
	struct node *n;

	if (!t)
		return NULL;
	for (size_t i = hash & t->mask; (n = __atomic_load_n(&t->slots[i], __ATOMIC_ACQUIRE));
	     i = (i + 1) & t->mask)
		if (n != &tomb && is(n, key, hash))
			return n;
	return NULL;
}

static struct weft_map_state *state_of(const weft_map *m)
{
	return __atomic_load_n(&m->state, __ATOMIC_ACQUIRE); // pairs with make_state
}

static struct shard *shard_of(struct weft_map_state *st, uint64_t hash)
{
	return &st->shards[hash >> 59];
}

static struct table *table_of(const struct shard *sh)
{
	return __atomic_load_n(&sh->table, __ATOMIC_ACQUIRE); // pairs with set_table
}

static bool look_up(struct p *pp, struct weft_map_state *st, weft_key key, void **value)
{
	uint64_t hash = rt_key_hash(st->seed, key);
	struct shard *sh = shard_of(st, hash);
	void *v = &gone;
	struct node *n;

	read_begin(pp);
	n = find(table_of(sh), key, hash);
	if (n) {
		v = __atomic_load_n(&n->value, __ATOMIC_ACQUIRE);
		rt_acquire(&n->value);
	}
	read_end(pp);
	if (v == &gone) {
		rt_acquire(sh); // what deletes it comes before
		return false;
	}
	*value = v;
	return true;
}

/* ---- Writing, under the shard's lock ---------------------------------------------------- */

static void *need(size_t size)
{
	void *mem = calloc(1, size);

	if (!mem)
		rt_fatal(NULL, "no memory for a map");
	return mem;
}

static void throw_away(struct shard *sh, struct garbage *g)
{
	g->next = sh->garbage;
	sh->garbage = g;
	sh->ngarbage++;
}

static void put_in(struct table *t, struct node *n)
{
	size_t i = n->hash & t->mask;

	while (t->slots[i])
		i = (i + 1) & t->mask;
	__atomic_store_n(&t->slots[i], n, __ATOMIC_RELEASE); // pairs with find
}

/* A table with room for one more, without tombs. */
static void make_room(struct shard *sh)
{
	struct table *old = sh->table, *t;
	size_t slots = SLOTS_MIN;

	if (old && (sh->used + 1) * 4 <= (old->mask + 1) * 3)
		return;
	while (slots < (sh->count + 1) * 2)
		slots *= 2;
	t = need(sizeof *t + slots * sizeof *t->slots);
	t->g.refs = 1;
	t->mask = slots - 1;
	for (size_t i = 0; old && i <= old->mask; i++)
		if (old->slots[i] && old->slots[i] != &tomb)
			put_in(t, old->slots[i]);
	sh->used = sh->count;
	__atomic_store_n(&sh->table, t, __ATOMIC_RELEASE); // pairs with table_of
	if (old)
		throw_away(sh, &old->g);
}

static void set_count(struct shard *sh, size_t n)
{
	__atomic_store_n(&sh->count, n, __ATOMIC_RELAXED);
}

static void set_value(struct node *n, void *value)
{
	rt_release(&n->value);
	__atomic_store_n(&n->value, value, __ATOMIC_RELEASE); // pairs with look_up
}

static void insert(struct shard *sh, weft_key key, uint64_t hash, void *value)
{
	size_t bytes = key.ptr ? key.n : 0;
	struct node *n = need(sizeof *n + bytes);

	n->g.refs = 1;
	n->bytes = key.ptr;
	n->hash = hash;
	n->n = key.n;
	rt_copy(n->key, key.ptr ? key.ptr : "", bytes);
	set_value(n, value);
	make_room(sh);
	put_in(sh->table, n);
	sh->used++;
	set_count(sh, sh->count + 1);
	rt_release(&sh->garbage); // the sanitizer sees malloc and free
}

static void take_out(struct shard *sh, struct node *n)
{
	struct table *t = sh->table;
	size_t i = n->hash & t->mask;

	rt_release(sh);
	__atomic_store_n(&n->value, &gone, __ATOMIC_RELEASE);
	while (t->slots[i] != n)
		i = (i + 1) & t->mask;
	__atomic_store_n(&t->slots[i], &tomb, __ATOMIC_RELEASE);
	set_count(sh, sh->count - 1);
	throw_away(sh, &n->g);
}

/* Out of the shard, if it has at least so much: to be freed when the lock is free. */
static struct garbage *take_garbage(struct shard *sh, size_t at_least)
{
	struct garbage *g = NULL;

	if (sh->ngarbage >= at_least) {
		g = sh->garbage;
		sh->garbage = NULL;
		sh->ngarbage = 0;
		rt_acquire(&sh->garbage);
	}
	return g;
}

/* ---- Freeing ---------------------------------------------------------------------------- */

static void drop(struct garbage *g)
{
	rt_release(&g->refs);
	if (__atomic_sub_fetch(&g->refs, 1, __ATOMIC_ACQ_REL) == 0) {
		rt_acquire(&g->refs);
		free(g);
	}
}

static void drop_all(struct garbage *g)
{
	while (g) {
		struct garbage *next = g->next;

		drop(g);
		g = next;
	}
}

static void collect(struct garbage *g)
{
	if (g) {
		wait_for_readers();
		drop_all(g);
	}
}

static struct weft_map_state *make_state(weft_map *m)
{
	struct weft_map_state *st = state_of(m), *fresh;

	if (st)
		return st;
	fresh = aligned_alloc(64, sizeof *fresh);
	if (!fresh)
		rt_fatal(NULL, "no memory for a map");
	*fresh = (struct weft_map_state){.seed = (uint64_t)rt_now()};
	if (getrandom(&fresh->seed, sizeof fresh->seed, GRND_NONBLOCK) < 0)
		fresh->seed ^= (uintptr_t)fresh;
	rt_release(fresh);
	if (__atomic_compare_exchange_n(&m->state, &st, fresh, false, __ATOMIC_ACQ_REL,
					__ATOMIC_ACQUIRE))
		return fresh;
	free(fresh);
	return st;
}

/* ---- The API ---------------------------------------------------------------------------- */

/* What writes.  True if the key was there, or for those with a condition if that was met; then *old
 * is the value that was. */
static bool write_op(weft_map *m, enum op op, weft_key key, const void *expected, void *value,
		     void **old, weft_site *site)
{
	struct weft_map_state *st;
	struct garbage *g;
	struct shard *sh;
	struct node *n;
	uint64_t hash;
	bool hit;

	rt_enter("weft_map");
	st = make_state(m);
	hash = rt_key_hash(st->seed, key);
	sh = shard_of(st, hash);
	rt_lock(&sh->lock);
	n = find(sh->table, key, hash);
	hit = n && ((op != SWAP_IF && op != DELETE_IF) || n->value == expected);
	if (n) {
		rt_acquire(&n->value);
		*old = n->value;
	} else {
		rt_acquire(sh);
	}
	if (hit && (op == STORE || op == SWAP_IF))
		set_value(n, value);
	else if (hit && (op == DELETE || op == DELETE_IF))
		take_out(sh, n);
	else if (!n && (op == STORE || op == LOAD_OR_STORE))
		insert(sh, key, hash, value);
	g = take_garbage(sh, GARBAGE);
	rt_unlock(&sh->lock);
	collect(g);
	rt_trace(map_op, m, rt_curg()->id, op, hit, rt_trace_site(site));
	rt_leave();
	return hit;
}

bool weft_map_load_at(weft_map *m, weft_key key, void **value, weft_site *site)
{
	struct m *mp = rt_enter("weft_map_load");
	struct weft_map_state *st = state_of(m);
	bool found = st && look_up(mp->p, st, key, value);

	if (!found)
		*value = NULL;
	rt_trace(map_op, m, mp->curg->id, LOAD, found, rt_trace_site(site));
	rt_leave();
	return found;
}

bool weft_map_swap_at(weft_map *m, weft_key key, void *value, void **old, weft_site *site)
{
	void *was = NULL;
	bool found = write_op(m, STORE, key, NULL, value, &was, site);

	if (old)
		*old = was;
	return found;
}

bool weft_map_load_or_store_at(weft_map *m, weft_key key, void *value, void **actual,
			       weft_site *site)
{
	*actual = value;
	return write_op(m, LOAD_OR_STORE, key, NULL, value, actual, site);
}

bool weft_map_load_and_delete_at(weft_map *m, weft_key key, void **old, weft_site *site)
{
	void *was = NULL;
	bool found = write_op(m, DELETE, key, NULL, NULL, &was, site);

	if (old)
		*old = was;
	return found;
}

bool weft_map_compare_and_swap_at(weft_map *m, weft_key key, const void *expected, void *value,
				  weft_site *site)
{
	void *was;

	return write_op(m, SWAP_IF, key, expected, value, &was, site);
}

bool weft_map_compare_and_delete_at(weft_map *m, weft_key key, const void *expected,
				    weft_site *site)
{
	void *was;

	return write_op(m, DELETE_IF, key, expected, NULL, &was, site);
}

size_t weft_map_count(const weft_map *m)
{
	struct weft_map_state *st = state_of(m);
	size_t n = 0;

	for (int i = 0; st && i < SHARDS; i++)
		n += __atomic_load_n(&st->shards[i].count, __ATOMIC_RELAXED);
	return n;
}

/* The nodes of a shard, with a reference to each. */
static struct node **hold(struct shard *sh, size_t *n)
{
	struct node **nodes;

	rt_lock(&sh->lock);
	nodes = need((sh->count + 1) * sizeof *nodes);
	*n = 0;
	for (size_t i = 0; sh->table && i <= sh->table->mask; i++) {
		struct node *at = sh->table->slots[i];

		if (!at || at == &tomb)
			continue;
		__atomic_add_fetch(&at->g.refs, 1, __ATOMIC_RELAXED);
		nodes[(*n)++] = at;
	}
	rt_unlock(&sh->lock);
	return nodes;
}

/* Out of the runtime. */
static bool visit(struct node *n, bool (*fn)(weft_key key, void *value, void *arg), void *arg)
{
	void *value = __atomic_load_n(&n->value, __ATOMIC_ACQUIRE);

	rt_acquire(&n->value);
	return value == &gone || fn(key_of(n), value, arg);
}

void weft_map_range_at(weft_map *m, bool (*fn)(weft_key key, void *value, void *arg), void *arg,
		       weft_site *site)
{
	struct g *gp = rt_enter("weft_map_range")->curg;
	struct weft_map_state *st = state_of(m);
	bool more = st != NULL;

	if (!fn)
		rt_panic(site, "weft_map_range with a NULL function");
	rt_trace(map_op, m, gp->id, RANGE, more, rt_trace_site(site));
	for (int i = 0; more && i < SHARDS; i++) {
		size_t n;
		struct node **nodes = hold(&st->shards[i], &n);

		rt_leave();
		for (size_t k = 0; more && k < n; k++)
			more = visit(nodes[k], fn, arg);
		rt_enter("weft_map_range");
		for (size_t k = 0; k < n; k++)
			drop(&nodes[k]->g);
		free(nodes);
	}
	rt_leave();
}

static void empty(struct shard *sh)
{
	struct table *t = sh->table;

	for (size_t i = 0; t && i <= t->mask; i++)
		if (t->slots[i] && t->slots[i] != &tomb)
			take_out(sh, t->slots[i]);
	__atomic_store_n(&sh->table, NULL, __ATOMIC_RELEASE);
	sh->used = 0;
	if (t)
		throw_away(sh, &t->g);
}

void weft_map_clear_at(weft_map *m, weft_site *site)
{
	struct g *gp = rt_enter("weft_map_clear")->curg;
	struct weft_map_state *st = state_of(m);

	for (int i = 0; st && i < SHARDS; i++) {
		struct shard *sh = &st->shards[i];
		struct garbage *g;

		rt_lock(&sh->lock);
		empty(sh);
		g = take_garbage(sh, 1);
		rt_unlock(&sh->lock);
		collect(g);
	}
	rt_trace(map_op, m, gp->id, CLEAR, st != NULL, rt_trace_site(site));
	rt_leave();
}

void weft_map_free_at(weft_map *m, weft_site *site)
{
	struct weft_map_state *st = state_of(m);

	weft_map_clear_at(m, site);
	if (st)
		rt_acquire(st);
	free(st);
	__atomic_store_n(&m->state, NULL, __ATOMIC_RELAXED);
}
