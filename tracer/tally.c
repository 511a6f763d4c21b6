/* SPDX-License-Identifier: MIT */
/* The interface is in tally.h.
 *
 * The function of a goroutine may be known late.  So each goroutine has sums of its own, and they
 * are added to those of its function when it ends; then it is known, too, of how many goroutines a
 * group is.
 */
#include "tally.h"
#include "error.h"
#include "hash.h"
#include "lod.h"
#include "values.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { PARTS = 6, FEW_PARTS = 8, BLOCK = 128 };

/* What a map has under a key of numbers. */
struct entry {
	struct entry *next;  /* under another key that looks alike */
	struct entry *after; /* that was made next */
	int64_t key[4];
};

/* All of them, in the order in which they were made.  They are many and stay until the end, so they
 * have their room together. */
struct map {
	size_t size, n; /* of an entry, and how many there are */
	struct hash at;
	struct entry *first, **last;
	struct block {
		struct block *next;
		_Alignas(16) char room[];
	} * blocks;
	size_t left; /* entries in the first of them */
};

struct cell {
	struct entry entry; /* state, why, obj, site */
	int64_t number;
	struct pair *pair;    /* that was added to last */
	struct values values; /* runnable, waiting: how long */
	struct group *groups[3];
	struct cell *others[3]; /* the next cell of each group */
};

/* Intervals of which together the percentiles are told. */
struct group {
	struct entry entry; /* state, why, obj, site, some of which are NONE for all */
	int64_t goroutines, last_g;
	size_t ncells;
	struct cell *cells;
	int which; /* of a cell's groups it is */
};

/* Waits for an object because of a goroutine. */
struct pair {
	struct entry entry; /* obj, culprit */
	int64_t n, total;
};

struct sum {
	int64_t n, total, max;
	int64_t g, ts, id; /* of the longest */
};

struct func_sum {
	struct entry entry; /* func, the cell's number */
	const struct cell *cell;
	struct sum sum;
};

struct part {
	struct cell *cell;
	struct sum sum;
};

struct tally {
	struct db *db;
	struct values_file file;
	struct map cells, groups, pairs, sums;
	int64_t ncells;
};

/* ---- Maps -------------------------------------------------------------------------------- */

static uint64_t mix(const int64_t key[4])
{
	uint64_t h = 0;

	for (int i = 0; i < 4; i++) {
		h = (h ^ (uint64_t)key[i]) * 0x9e3779b97f4a7c15u;
		h ^= h >> 29;
	}
	return h;
}

static struct entry *new_entry(struct map *m)
{
	if (!m->left) {
		struct block *b = need(sizeof *b + BLOCK * m->size);

		b->next = m->blocks;
		m->blocks = b;
		m->left = BLOCK;
	}
	return (struct entry *)(m->blocks->room + --m->left * m->size);
}

/* What is under the key, zeroed if it was made just now. */
static void *entry_of(struct map *m, const int64_t key[4])
{
	uint64_t h = mix(key);
	struct entry *first = hash_get(&m->at, h), *e;

	for (e = first; e; e = e->next)
		if (memcmp(e->key, key, sizeof e->key) == 0)
			return e;
	e = new_entry(m);
	memcpy(e->key, key, sizeof e->key);
	e->next = first;
	hash_put(&m->at, h, e);
	*m->last = e;
	m->last = &e->after;
	m->n++;
	return e;
}

static void map_init(struct map *m, size_t size)
{
	*m = (struct map){.size = size, .last = &m->first};
}

static void map_free(struct map *m)
{
	for (struct block *b = m->blocks, *next; b; b = next) {
		next = b->next;
		free(b);
	}
	hash_free(&m->at);
}

/* ---- Intervals --------------------------------------------------------------------------- */

struct tally *tally_new(struct db *db)
{
	struct tally *t = need(sizeof *t);

	t->db = db;
	t->file = (struct values_file){.db = db, .fd = -1};
	map_init(&t->cells, sizeof(struct cell));
	map_init(&t->groups, sizeof(struct group));
	map_init(&t->pairs, sizeof(struct pair));
	map_init(&t->sums, sizeof(struct func_sum));
	return t;
}

/* Make a cell one of a group, which is its i-th. */
static void join(struct tally *t, struct cell *c, int i, int64_t why, int64_t obj, int64_t site)
{
	struct group *g = entry_of(&t->groups, (int64_t[4]){c->entry.key[0], why, obj, site});

	c->groups[i] = g;
	c->others[i] = g->cells;
	g->cells = c;
	g->ncells++;
	g->which = i;
}

static struct cell *cell_of(struct tally *t, const struct row_g_interval *row)
{
	int64_t why = row->why, obj = row->obj, site = row->site;
	struct cell *c = entry_of(&t->cells, (int64_t[4]){row->state, why, obj, site});

	if (c->number)
		return c;
	c->number = ++t->ncells;
	if (row->state == LOD_runnable || row->state == LOD_waiting)
		join(t, c, 0, why, NONE, NONE);
	if (row->state == LOD_waiting && obj != NONE)
		join(t, c, 1, NONE, obj, NONE);
	if (row->state == LOD_waiting && site != NONE)
		join(t, c, 2, why, NONE, site);
	return c;
}

static bool is_of(const struct part *p, const struct row_g_interval *row)
{
	const int64_t *key = p->cell->entry.key;

	return key[0] == row->state && key[1] == row->why && key[2] == row->obj &&
	       key[3] == row->site;
}

static void add_place(struct tally_g *g, uint32_t i)
{
	hash_put(g->places, (uint64_t)g->parts[i].cell->number, (void *)(uintptr_t)(i + 1));
}

static uint32_t new_part(struct tally_g *g, struct cell *c)
{
	if (g->n == g->room) {
		g->room = g->room ? 2 * g->room : PARTS;
		g->parts = realloc(g->parts, g->room * sizeof *g->parts);
		if (!g->parts)
			die("no memory");
	}
	g->parts[g->n] = (struct part){.cell = c};
	if (g->places) {
		add_place(g, g->n);
	} else if (g->n == FEW_PARTS) {
		g->places = need(sizeof *g->places);
		for (uint32_t i = 0; i <= g->n; i++)
			add_place(g, i);
	}
	return g->n++;
}

static uint32_t find_part(struct tally *t, struct tally_g *g, const struct row_g_interval *row)
{
	struct cell *c;
	uint32_t i = g->recent[row->state];

	if (i < g->n && is_of(&g->parts[i], row))
		return i;
	if (!g->places) {
		for (i = 0; i < g->n; i++)
			if (is_of(&g->parts[i], row))
				return i;
		return new_part(g, cell_of(t, row));
	}
	c = cell_of(t, row);
	i = (uint32_t)(uintptr_t)hash_get(g->places, (uint64_t)c->number);
	return i ? i - 1 : new_part(g, c);
}

/* The longest interval is the first of them. */
static void add(struct sum *to, const struct sum *s)
{
	if (!to->n || s->max > to->max || (s->max == to->max && s->id < to->id)) {
		to->max = s->max;
		to->g = s->g;
		to->ts = s->ts;
		to->id = s->id;
	}
	to->n += s->n;
	to->total += s->total;
}

static void blame(struct tally *t, struct cell *c, int64_t culprit, int64_t dur)
{
	int64_t obj = c->entry.key[2];

	if (obj == NONE || culprit <= 0)
		return;
	if (!c->pair || c->pair->entry.key[1] != culprit)
		c->pair = entry_of(&t->pairs, (int64_t[4]){obj, culprit, 0, 0});
	c->pair->n++;
	c->pair->total += dur;
}

void tally_add(struct tally *t, struct tally_g *g, const struct row_g_interval *row, int64_t end)
{
	int64_t dur = end - row->ts;
	uint32_t i = find_part(t, g, row);
	struct cell *c = g->parts[i].cell;

	g->recent[row->state] = i;
	g->last = row->ts;
	add(&g->parts[i].sum, &(struct sum){1, dur, dur, row->g, row->ts, row->id});
	if (row->state == LOD_runnable || row->state == LOD_waiting)
		values_add(&t->file, &c->values, dur);
	if (row->state == LOD_waiting)
		blame(t, c, row->holder != NONE ? row->holder : row->waker, dur);
}

/* ---- Goroutines -------------------------------------------------------------------------- */

static void add_to_goroutine(struct row_goroutine *row, int64_t state, const struct sum *s)
{
	switch (state) {
	case LOD_running:
		row->running += s->total;
		row->runs += s->n;
		return;
	case LOD_detached:
		row->detached += s->total;
		return;
	case LOD_runnable:
		row->runnable += s->total;
		return;
	case LOD_waiting:
		row->waiting += s->total;
		row->waits += s->n;
	}
}

void tally_end_g(struct tally *t, struct tally_g *g, struct row_goroutine *row)
{
	int64_t func = db_string(t->db, row->func);

	for (uint32_t k = 0; k < g->n; k++) {
		const struct part *p = &g->parts[k];
		struct func_sum *s = entry_of(&t->sums, (int64_t[4]){func, p->cell->number, 0, 0});

		s->cell = p->cell;
		add(&s->sum, &p->sum);
		for (int i = 0; i < 3; i++) {
			struct group *gr = p->cell->groups[i];

			if (gr && gr->last_g != row->g) {
				gr->last_g = row->g;
				gr->goroutines++;
			}
		}
		add_to_goroutine(row, p->cell->entry.key[0], &p->sum);
	}
	row->last = g->n ? g->last : NONE;
}

void tally_free_g(struct tally_g *g)
{
	if (g->places)
		hash_free(g->places);
	free(g->places);
	free(g->parts);
}

/* ---- The end ----------------------------------------------------------------------------- */

static void write_sum(struct tally *t, const struct func_sum *s)
{
	const int64_t *key = s->cell->entry.key;

	db_put(t->db, g_sum, .func = s->entry.key[0], .state = key[0], .why = key[1], .obj = key[2],
	       .site = key[3], .n = s->sum.n, .total = s->sum.total, .max = s->sum.max,
	       .g = s->sum.g, .ts = s->sum.ts, .id = s->sum.id);
}

/* If there is one interval, all percentiles are that. */
static void write_spread(struct tally *t, const struct group *g)
{
	static const int percent[VALUES_PERCENTILES] = {50, 90, 99};
	const int64_t *key = g->entry.key;
	const struct values **lists = need(g->ncells * sizeof *lists);
	int64_t p[VALUES_PERCENTILES];
	size_t n = 0;

	for (const struct cell *c = g->cells; c; c = c->others[g->which])
		lists[n++] = &c->values;
	if (values_count(lists, n) > 1) {
		values_percentiles(&t->file, lists, n, percent, p);
		db_put(t->db, spread, .state = key[0], .why = key[1], .obj = key[2], .site = key[3],
		       .goroutines = g->goroutines, .p50 = p[0], .p90 = p[1], .p99 = p[2]);
	}
	free(lists);
}

static void free_all(struct tally *t)
{
	for (struct entry *e = t->cells.first; e; e = e->after)
		values_free(&((struct cell *)e)->values);
	map_free(&t->cells);
	map_free(&t->groups);
	map_free(&t->pairs);
	map_free(&t->sums);
	if (t->file.fd >= 0)
		close(t->file.fd);
	free(t);
}

static int by_key(const void *a, const void *b)
{
	const struct pair *p = *(struct pair *const *)a, *q = *(struct pair *const *)b;

	for (int i = 0; i < 2; i++)
		if (p->entry.key[i] != q->entry.key[i])
			return p->entry.key[i] < q->entry.key[i] ? -1 : 1;
	return 0;
}

/* In the order of the table's key. */
static void write_pairs(struct tally *t)
{
	struct pair **pairs = need((t->pairs.n + 1) * sizeof *pairs);
	size_t n = 0;

	for (struct entry *e = t->pairs.first; e; e = e->after)
		pairs[n++] = (struct pair *)e;
	qsort(pairs, n, sizeof *pairs, by_key);
	for (size_t i = 0; i < n; i++)
		db_put(t->db, blame_sum, .obj = pairs[i]->entry.key[0],
		       .culprit = pairs[i]->entry.key[1], .waits = pairs[i]->n,
		       .total = pairs[i]->total);
	free(pairs);
}

void tally_finish(struct tally *t)
{
	for (struct entry *e = t->sums.first; e; e = e->after)
		write_sum(t, (struct func_sum *)e);
	write_pairs(t);
	for (struct entry *e = t->groups.first; e && !db_failed(t->db); e = e->after)
		write_spread(t, (struct group *)e);
	free_all(t);
}
