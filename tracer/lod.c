/* SPDX-License-Identifier: MIT */
/* The interface is in lod.h.
 *
 * A lane may have one cell for sixteen of its intervals; when it would have more, its buckets
 * become wider.  So the pyramid is a small part of the database whatever the run was like, and a
 * lane that did little has no level that is finer than what it did.
 */
#include "lod.h"
#include "error.h"
#include "hash.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

enum {
	FINEST = 12,	 /* log2 of the narrowest bucket's width in ns, */
	STEP = 3,	 /* and of how much wider the next level's are */
	TOP = 16,	 /* the last level: few buckets for any time */
	WIDEST = 64,	 /* buckets that are few enough for the run */
	SUMS_UP = 16,	 /* intervals of a row, at least on average */
	FEW = 4,	 /* which are less than that by far */
	LEAST = 64,	 /* intervals without which a lane has no rows */
	MANY = 1 << 12,	 /* cells of a lane that are many for few intervals each */
	ALL = 1 << 15,	 /* buckets of all goroutines together */
	STRIDE = 16,	 /* in cell.at */
	CELLS = 3 << 20, /* in memory */
};
_Static_assert((int)LOD_STATES <= (int)STRIDE, "a state is the lower part of cell.at");

/* What is known of a bucket, and how many after it are all alike: long states cost no more than
 * short ones.  Sums are unsigned, because a trace may say anything. */
struct cell {
	int64_t at; /* bucket * STRIDE + state */
	uint64_t dur, n;
	uint64_t run, each; /* that many more buckets, in each of which dur is this */
};

struct lane {
	struct lane *next, **at; /* of all, and what points at it there */
	char kind;
	int8_t level; /* from 0: buckets of 1 << (FINEST + STEP * level) ns */
	bool ended;
	int64_t key, intervals;
	size_t ncells, room;
	struct cell *cells; /* in order of `at`; two of one place if both have a run */
	struct now *now;    /* of an object; or NULL */
};

/* What an object has since when. */
struct now {
	int64_t since, n[LOD_STATES];
};

/* All goroutines together: what they add up to in a bucket is what is said of that bucket, and what
 * has begun and not ended before it, for all of the bucket. */
struct sum {
	uint64_t dur, n, more;
};

struct lod {
	struct lane *lanes;
	struct hash objects, threads; /* by their keys */
	size_t ncells;
	int8_t floor;  /* the level of the lanes that have not ended */
	int64_t least; /* LEAST, or more if there are very many lanes */
	int8_t all_level;
	int64_t all_intervals, all_end;
	struct sum (*all)[LOD_waiting + 1];
};

static int shift(int level)
{
	return FINEST + STEP * level;
}

struct lod *lod_new(void)
{
	struct lod *lod = need(sizeof *lod);

	lod->least = LEAST;
	lod->all = need(ALL * sizeof *lod->all);
	return lod;
}

/* ---- Cells ------------------------------------------------------------------------------- */

static void free_lane(struct lod *lod, struct lane *l)
{
	*l->at = l->next;
	if (l->next)
		l->next->at = l->at;
	lod->ncells -= l->ncells;
	free(l->cells);
	free(l->now);
	free(l);
}

/* A new cell at a place, which is the last or one of the last. */
static struct cell *insert(struct lod *lod, struct lane *l, int64_t at)
{
	size_t i = l->ncells;

	while (i && l->cells[i - 1].at > at)
		i--;
	if (l->ncells == l->room) {
		l->room = l->room ? 2 * l->room : 2;
		l->cells = realloc(l->cells, l->room * sizeof *l->cells);
		if (!l->cells)
			die("no memory");
	}
	memmove(l->cells + i + 1, l->cells + i, (l->ncells - i) * sizeof *l->cells);
	l->cells[i] = (struct cell){.at = at};
	l->ncells++;
	lod->ncells++;
	return &l->cells[i];
}

/* The cell at a place, made if need be. */
static struct cell *cell_at(struct lod *lod, struct lane *l, int64_t at)
{
	size_t i = l->ncells;

	while (i && l->cells[i - 1].at > at)
		i--;
	return i && l->cells[i - 1].at == at ? &l->cells[i - 1] : insert(lod, l, at);
}

/* What is in a bucket; of how many elements a channel has it is the most that counts. */
static void add(struct cell *to, uint64_t dur, uint64_t n)
{
	to->dur += dur;
	if (to->at % STRIDE != LOD_len)
		to->n += n;
	else if (n > to->n)
		to->n = n;
}

/* Add c, which has a run. */
static void add_run(struct lod *lod, struct lane *l, const struct cell *c)
{
	struct cell *to = cell_at(lod, l, c->at);

	add(to, c->dur, c->n);
	if (!c->run)
		return;
	if (to->run)
		to = insert(lod, l, c->at);
	to->run = c->run;
	to->each = c->each;
}

/* n of each bucket in a cell's run. */
static uint64_t n_of_run(const struct lane *l, const struct cell *c)
{
	return c->at % STRIDE == LOD_len ? c->each >> shift(l->level) : 0;
}

/* Put the cells of eight buckets into one. */
static void widen(struct lod *lod, struct lane *l)
{
	struct lane old = *l;

	l->cells = NULL;
	l->ncells = l->room = 0;
	lod->ncells -= old.ncells;
	l->level++;
	for (size_t i = 0; i < old.ncells; i++) {
		const struct cell *c = &old.cells[i];
		uint64_t bucket = (uint64_t)(c->at / STRIDE), state = (uint64_t)(c->at % STRIDE);
		uint64_t here = ~bucket & ((1 << STEP) - 1), rest;
		struct cell wide = {.at = (int64_t)((bucket >> STEP) * STRIDE + state),
				    .dur = c->dur,
				    .n = c->n};

		if (here > c->run)
			here = c->run;
		rest = c->run - here;
		wide.dur += here * c->each;
		wide.run = rest >> STEP;
		wide.each = c->each << STEP;
		add_run(lod, l, &wide);
		if (rest & ((1 << STEP) - 1))
			add(cell_at(lod, l, wide.at + (int64_t)(wide.run + 1) * STRIDE),
			    (rest & ((1 << STEP) - 1)) * c->each, n_of_run(&old, c));
	}
	free(old.cells);
}

/* Lanes are too many, or too long, for memory: all of them tell less. */
static void tell_less(struct lod *lod)
{
	lod->floor++;
	lod->least *= 2;
	for (struct lane *l = lod->lanes, *next; l; l = next) {
		next = l->next;
		while (l->level < lod->floor)
			widen(lod, l);
		if (l->ended && l->intervals < lod->least)
			free_lane(lod, l);
	}
}

/* Another interval of a lane.  Buckets that will hardly sum up enough in the end are widened at once:
 * fewer cells are in memory that is near. */
static void one_more(struct lod *lod, struct lane *l)
{
	l->intervals++;
	while (l->ncells > MANY && l->level < TOP && l->ncells > (uint64_t)l->intervals / FEW)
		widen(lod, l);
	while (lod->ncells > CELLS && lod->floor < TOP)
		tell_less(lod);
}

/* How many rows the lane has at its level. */
static uint64_t count_rows(const struct lane *l)
{
	uint64_t n = l->ncells;

	for (size_t i = 0; i < l->ncells; i++)
		n += l->cells[i].run;
	return n;
}

/* Widen the lane until it sums up enough, but not beyond a level. */
static void sum_up(struct lod *lod, struct lane *l, int level)
{
	while (l->level < level && count_rows(l) > (uint64_t)l->intervals / SUMS_UP)
		widen(lod, l);
}

/* ---- States of lanes --------------------------------------------------------------------- */

static struct lane *lane_new(struct lod *lod, char kind, int64_t key)
{
	struct lane *l = need(sizeof *l);

	*l = (struct lane){.next = lod->lanes,
			   .at = &lod->lanes,
			   .kind = kind,
			   .key = key,
			   .level = lod->floor};
	if (l->next)
		l->next->at = &l->next;
	lod->lanes = l;
	return l;
}

/* Threads of several programs may have one number, and so one lane; they do not end. */
static struct lane *thread_lane(struct lod *lod, int64_t key)
{
	struct lane *l = hash_get(&lod->threads, (uint64_t)key);

	if (!l) {
		l = lane_new(lod, 'm', key);
		hash_put(&lod->threads, (uint64_t)key, l);
	}
	return l;
}

/* Add `count` times the time from ts to end, which is not before it. */
static void add_time(struct lod *lod, struct lane *l, int64_t state, int64_t ts, int64_t end,
		     uint64_t count, uint64_t n)
{
	int s = shift(l->level);
	int64_t first = ts >> s, last = end >> s;
	struct cell c = {.at = first * STRIDE + state, .n = n};

	if (first == last) {
		add(cell_at(lod, l, c.at), (uint64_t)(end - ts) * count, n);
		return;
	}
	c.dur = (uint64_t)(((first + 1) << s) - ts) * count;
	c.run = (uint64_t)(last - first - 1);
	c.each = count << s;
	add_run(lod, l, &c);
	if (end > last << s)
		add(cell_at(lod, l, last * STRIDE + state), (uint64_t)(end - (last << s)) * count,
		    state == LOD_len ? n : 0);
}

static void widen_all(struct lod *lod)
{
	uint64_t width = (uint64_t)1 << shift(lod->all_level++);
	struct sum(*a)[LOD_waiting + 1] = lod->all;
	int64_t wider = ALL >> STEP;

	for (int64_t b = 0; b < wider; b++) {
		for (int s = 0; s <= LOD_waiting; s++) {
			struct sum sum = {0};

			for (uint64_t i = 0; i < 1 << STEP; i++) {
				const struct sum *f = &a[(b << STEP) + (int64_t)i][s];

				sum.dur += f->dur + f->more * width * ((1 << STEP) - i);
				sum.n += f->n;
				sum.more += f->more;
			}
			a[b][s] = sum;
		}
	}
	memset(a + wider, 0, (size_t)(ALL - wider) * sizeof *a);
	/* in its own bucket it has been counted */
	for (int64_t b = wider; b > 0; b--)
		for (int s = 0; s <= LOD_waiting; s++)
			a[b][s].more = a[b - 1][s].more;
	for (int s = 0; s <= LOD_waiting; s++)
		a[0][s].more = 0;
}

static void add_to_all(struct lod *lod, enum lod_state state, int64_t ts, int64_t end)
{
	int64_t first, last;
	int s;

	while (end >> shift(lod->all_level) >= ALL - 1)
		widen_all(lod);
	s = shift(lod->all_level);
	first = ts >> s;
	last = end >> s;
	lod->all_intervals++;
	if (end > lod->all_end)
		lod->all_end = end;
	lod->all[first][state].n++;
	if (first == last) {
		lod->all[first][state].dur += (uint64_t)(end - ts);
		return;
	}
	lod->all[first][state].dur += (uint64_t)(((first + 1) << s) - ts);
	lod->all[last][state].dur += (uint64_t)(end - (last << s));
	lod->all[first + 1][state].more++;
	lod->all[last][state].more--;
}

void lod_span(struct lod *lod, struct lane **lane, char kind, int64_t key, enum lod_state state,
	      int64_t ts, int64_t end)
{
	struct lane *l = *lane;

	if (!l)
		l = *lane = kind == 'm' ? thread_lane(lod, key) : lane_new(lod, kind, key);
	if (kind == 'g')
		add_to_all(lod, state, ts, end);
	add_time(lod, l, state, ts, end, 1, 1);
	one_more(lod, l);
}

void lod_lane_end(struct lod *lod, struct lane **lane)
{
	struct lane *l = *lane;

	*lane = NULL;
	if (!l)
		return;
	l->ended = true;
	if (l->intervals < lod->least)
		free_lane(lod, l);
	else
		sum_up(lod, l, TOP);
}

/* ---- What objects have ------------------------------------------------------------------- */

/* Add what it had until now. */
static void advance(struct lod *lod, struct lane *l, int64_t now)
{
	struct now *n = l->now;

	for (int s = LOD_len; s < LOD_STATES && now > n->since; s++)
		if (n->n[s])
			add_time(lod, l, s, n->since, now, (uint64_t)n->n[s],
				 s == LOD_len ? (uint64_t)n->n[s] : 0);
	n->since = now;
	one_more(lod, l);
}

/* The object's lane, at this time; NULL if it has none and needs none. */
static struct lane *object_lane(struct lod *lod, int64_t obj, int64_t now, bool make)
{
	struct lane *l = hash_get(&lod->objects, (uint64_t)obj);

	if (l) {
		advance(lod, l, now);
		return l;
	}
	if (!make)
		return NULL;
	l = lane_new(lod, 'o', obj);
	l->now = need(sizeof *l->now);
	l->now->since = now;
	hash_put(&lod->objects, (uint64_t)obj, l);
	return l;
}

void lod_set(struct lod *lod, int64_t obj, enum lod_state what, int64_t now, int64_t n)
{
	struct lane *l = object_lane(lod, obj, now, n != 0);

	if (l)
		l->now->n[what] = n;
}

void lod_change(struct lod *lod, int64_t obj, enum lod_state what, int64_t now, int64_t by)
{
	struct lane *l = object_lane(lod, obj, now, by > 0);

	if (!l)
		return;
	l->now->n[what] += by;
	if (by > 0)
		cell_at(lod, l, (now >> shift(l->level)) * STRIDE + what)->n++;
}

void lod_take_back(struct lod *lod, int64_t obj, enum lod_state what, int64_t since, int64_t now)
{
	struct lane *l = object_lane(lod, obj, now, false);

	if (!l)
		return;
	l->now->n[what]--;
	add_time(lod, l, what, since, now, (uint64_t)-1, (uint64_t)-1); // sums of it are right in the end
}

void lod_object_end(struct lod *lod, int64_t obj, int64_t now)
{
	struct lane *l = hash_remove(&lod->objects, (uint64_t)obj);

	if (!l)
		return;
	advance(lod, l, now);
	free(l->now);
	l->now = NULL;
	lod_lane_end(lod, &l);
}

/* ---- The end ----------------------------------------------------------------------------- */

static void make_all_lane(struct lod *lod)
{
	struct lane *l = lane_new(lod, 'a', 0);
	int64_t end = lod->all_end >> shift(lod->all_level);
	uint64_t more[LOD_waiting + 1] = {0}, width = (uint64_t)1 << shift(lod->all_level);

	l->level = lod->all_level;
	l->intervals = lod->all_intervals;
	for (int64_t b = 0; b <= end; b++) {
		for (int s = LOD_running; s <= LOD_waiting; s++) {
			const struct sum *sum = &lod->all[b][s];
			uint64_t dur;

			more[s] += sum->more;
			dur = sum->dur + more[s] * width;
			if (dur || sum->n)
				add(cell_at(lod, l, b * STRIDE + s), dur, sum->n);
		}
	}
}

static int by_place(const void *a, const void *b)
{
	const struct cell *c = a, *d = b;

	return c->at < d->at ? -1 : c->at > d->at;
}

/* Nearly all are in order: the few that are not are moved, unless that would take long. */
static void sort_cells(struct cell *cells, size_t n)
{
	size_t moved = 0;

	for (size_t i = 1; i < n; i++) {
		struct cell c = cells[i];
		size_t to = i;

		while (to && cells[to - 1].at > c.at)
			to--;
		memmove(cells + to + 1, cells + to, (i - to) * sizeof *cells);
		cells[to] = c;
		moved += i - to;
		if (moved > 8 * n) {
			qsort(cells, n, sizeof *cells, by_place);
			return;
		}
	}
}

/* A cell for each bucket. */
static void expand(struct lod *lod, struct lane *l)
{
	size_t count = count_rows(l), n = count, to = 0;
	struct cell *cells = need((count + 1) * sizeof *cells);

	for (size_t k = 0; k < l->ncells; k++) { // of none there is no array
		const struct cell *c = &l->cells[k];

		cells[to++] = (struct cell){.at = c->at, .dur = c->dur, .n = c->n};
		for (uint64_t i = 1; i <= c->run; i++)
			cells[to++] = (struct cell){.at = c->at + (int64_t)i * STRIDE,
						    .dur = c->each,
						    .n = n_of_run(l, c)};
	}
	sort_cells(cells, n);
	to = 0;
	for (size_t i = 0; i < n; i++) {
		if (to && cells[to - 1].at == cells[i].at)
			add(&cells[to - 1], cells[i].dur, cells[i].n);
		else
			cells[to++] = cells[i];
	}
	n = to;
	to = 0;
	for (size_t i = 0; i < n; i++) // what was taken back is nothing
		if (cells[i].dur || cells[i].n)
			cells[to++] = cells[i];
	free(l->cells);
	lod->ncells += to - l->ncells;
	l->cells = cells;
	l->ncells = to;
	l->room = count + 1;
}

static int by_lane(const void *a, const void *b)
{
	const struct lane *l = *(struct lane *const *)a, *m = *(struct lane *const *)b;

	if (l->kind != m->kind)
		return l->kind < m->kind ? -1 : 1;
	return l->key < m->key ? -1 : l->key > m->key;
}

/* The lanes in the order of the table's key; of how many is in n. */
static struct lane **sort_lanes(struct lod *lod, size_t *n)
{
	struct lane **lanes;

	*n = 0;
	for (struct lane *l = lod->lanes; l; l = l->next)
		++*n;
	lanes = need(*n * sizeof *lanes);
	*n = 0;
	for (struct lane *l = lod->lanes; l; l = l->next)
		lanes[(*n)++] = l;
	qsort(lanes, *n, sizeof *lanes, by_lane);
	return lanes;
}

static const char *kind_name(char kind)
{
	switch (kind) {
	case 'g':
		return "g";
	case 'm':
		return "m";
	case 'o':
		return "o";
	case 'p':
		return "p";
	}
	return "all";
}

static void write_level(struct lod *lod, struct db *db, struct lane **lanes, size_t n, int level,
			int64_t number)
{
	for (size_t i = 0; i < n; i++) {
		struct lane *l = lanes[i];
		const char *kind = kind_name(l->kind);

		if (l->level > level)
			continue;
		if (l->level < level)
			widen(lod, l);
		else
			db_put(db, lod_lane, .lane = kind, .key = l->key, .level = number);
		for (size_t k = 0; k < l->ncells; k++) {
			const struct cell *c = &l->cells[k];

			db_put(db, lod_cell, .level = number, .lane = kind, .key = l->key,
			       .bucket = c->at / STRIDE, .state = c->at % STRIDE,
			       .dur = (int64_t)c->dur, .n = (int64_t)c->n);
		}
	}
	db_put(db, lod_level, .level = number, .width = (int64_t)1 << shift(level));
}

void lod_finish(struct lod *lod, struct db *db, int64_t dur)
{
	int top = lod->floor, finest = TOP;
	struct lane **lanes;
	size_t n;

	make_all_lane(lod);
	while (dur >> shift(top) >= WIDEST)
		top++;
	for (struct lane *l = lod->lanes, *next; l; l = next) {
		next = l->next;
		sum_up(lod, l, l->kind == 'a' ? top : TOP);
		if (l->kind != 'a' && (l->level > top || l->intervals < lod->least)) {
			free_lane(lod, l);
			continue;
		}
		expand(lod, l);
		if (l->level < finest)
			finest = l->level;
	}
	lanes = sort_lanes(lod, &n);
	for (int level = finest; level <= top; level++)
		write_level(lod, db, lanes, n, level, level - finest);
	free(lanes);
	while (lod->lanes)
		free_lane(lod, lod->lanes);
	hash_free(&lod->objects);
	hash_free(&lod->threads);
	free(lod->all);
	free(lod);
}
