/* SPDX-License-Identifier: MIT */
/* Unpacks blocks: in what order what they hold was. */
#define _GNU_SOURCE
#include "packed.h"
#include "ctf.h"
#include "error.h"
#include "hash.h"
#include "packed_block.h"
#include "packed_form.h"

#include <errno.h>
#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { SILENCE_NS = 2000 * 1000 * 1000, LATE_NS = 1000 * 1000 * 1000 };
#define HELD_MAX (512ul << 20) /* bytes */
#define ALL UINT64_MAX	       /* records */

/* ---- What is held ------------------------------------------------------------------------ */

struct left {
	uint32_t pid;
	struct packed_block block;
	uint8_t data[PACKED_DATA];
};

struct ordinary {
	struct ordinary *next;
	struct record r;
	char texts[];
};

struct packed {
	const struct ctf_sink *sink;
	struct ctf_result *result;
	struct hash tables, procs;
	struct thread **heap; /* by time of the record, the earliest first */
	size_t nheap, room;
	struct ordinary *first, **last;
	struct left **lefts;
	size_t nlefts;
	size_t held;	      /* bytes of blocks */
	int64_t until;	      /* the time before which everything is here */
	bool stopped;	      /* by the sink */
	bool too_much;	      /* was held, once */
	int64_t damaged, cut; /* blocks of which something cannot be read, and records in them */
	int64_t foreign;      /* records of blocks whose table is not known */
};

struct packed *packed_new(const struct ctf_sink *sink, struct ctf_result *result)
{
	struct packed *pk = need(sizeof *pk);

	pk->sink = sink;
	pk->result = result;
	pk->last = &pk->first;
	pk->until = INT64_MIN;
	hash_put(&pk->tables, KINDS, table_own());
	return pk;
}

void packed_kinds(struct packed *pk, uint32_t kinds, const char *text)
{
	struct table *t;

	if (hash_get(&pk->tables, kinds))
		return;
	t = table_read(text);
	if (t)
		hash_put(&pk->tables, kinds, t);
}

static struct proc *proc_of(struct packed *pk, uint32_t pid)
{
	struct proc *pr = hash_get(&pk->procs, pid);

	if (pr)
		return pr;
	pr = need(sizeof *pr);
	pr->pid = pid;
	pr->mark_ns = INT64_MIN;
	hash_put(&pk->procs, pid, pr);
	return pr;
}

void packed_begin(struct packed *pk, uint32_t pid, int64_t now)
{
	proc_of(pk, pid)->heard = now;
}

static struct thread *thread_of(struct proc *pr, uint32_t m)
{
	struct thread *t = hash_get(&pr->threads, m);

	if (t)
		return t;
	t = need(sizeof *t);
	t->proc = pr;
	t->m = m;
	hash_put(&pr->threads, m, t);
	return t;
}

static void drop_block(struct packed *pk, struct thread *t)
{
	struct block *b = t->first;

	t->first = b->next;
	pk->held -= b->size;
	free(b);
}

/* How many records a block has.  What was left in memory does not say it: one, at least. */
static uint32_t counted(uint32_t count, int64_t written)
{
	return written == INT64_MAX ? 1 : count;
}

static void cut_block(struct packed *pk, struct thread *t)
{
	pk->damaged++;
	pk->cut += counted(t->first->count, t->first->written);
	drop_block(pk, t);
}

/* Whether all of the block was taken.  What was left in memory does not say how much it is. */
static bool at_end(const struct block *b)
{
	return !b->count || (b->written == INT64_MAX && b->at == b->size);
}

/* The thread's next record, if it has one.  A block is begun only after the mark that it waits for:
 * one before it may come later. */
static void take_next(struct packed *pk, struct thread *t)
{
	t->has_record = false;
	while (t->first && !t->has_record) {
		struct block *b = t->first;
		int got;

		if (!b->at && b->begun >= t->proc->mark)
			return;
		if (at_end(b) && b->size - b->at < sizeof(uint64_t)) {
			drop_block(pk, t);
			continue;
		}
		got = b->count ? take_record(t, b) : -1;
		if (got < 0)
			cut_block(pk, t);
		else if (got)
			t->has_record = true;
		else
			pk->result->unknown++;
	}
}

/* ---- Order ------------------------------------------------------------------------------- */

static bool before(const struct thread *a, const struct thread *b)
{
	return a->record.ts < b->record.ts || (a->record.ts == b->record.ts && a->raw < b->raw);
}

static void sift_down(struct packed *pk, size_t i)
{
	struct thread **h = pk->heap, *t = h[i];

	for (size_t child; (child = 2 * i + 1) < pk->nheap; i = child) {
		if (child + 1 < pk->nheap && before(h[child + 1], h[child]))
			child++;
		if (!before(h[child], t))
			break;
		h[i] = h[child];
	}
	h[i] = t;
}

static void push(struct packed *pk, struct thread *t)
{
	size_t i = pk->nheap++;

	if (pk->nheap > pk->room) {
		pk->room = pk->room ? 2 * pk->room : 64;
		pk->heap = realloc(pk->heap, pk->room * sizeof *pk->heap);
		if (!pk->heap)
			die("no memory");
	}
	for (; i && before(t, pk->heap[(i - 1) / 2]); i = (i - 1) / 2)
		pk->heap[i] = pk->heap[(i - 1) / 2];
	pk->heap[i] = t;
}

/* The time of the thread's record; false if it cannot be, and the rest of its block is dropped. */
static bool time_record(struct packed *pk, struct thread *t)
{
	int64_t written = t->first->written;

	t->record.ts = time_of(t->proc, t->raw);
	if (written > INT64_MAX - LATE_NS || t->record.ts <= written + LATE_NS)
		return true;
	t->first->count++; // this one too
	cut_block(pk, t);
	return false;
}

static void wait_for_mark(struct thread *t)
{
	t->next_waiting = t->proc->waiting;
	t->proc->waiting = t;
	t->waits = true;
}

/* The thread has another record, or none: where it belongs now.  True if that is the heap. */
static bool settle_thread(struct packed *pk, struct thread *t)
{
	while (t->has_record && t->raw < t->proc->mark) {
		if (time_record(pk, t))
			return true;
		take_next(pk, t);
	}
	if (t->first)
		wait_for_mark(t);
	return false;
}

static void settle(struct packed *pk, struct proc *pr)
{
	struct thread *t = pr->waiting, *next;

	pr->waiting = NULL;
	for (; t; t = next) {
		next = t->next_waiting;
		t->waits = false;
		if (!t->has_record)
			take_next(pk, t);
		if (settle_thread(pk, t))
			push(pk, t);
	}
}

static void give(struct packed *pk, const struct record *r)
{
	if (!pk->stopped)
		pk->stopped = pk->sink->event(pk->sink->arg, r) != 0;
}

static void give_ordinary(struct packed *pk)
{
	struct ordinary *o = pk->first;

	pk->first = o->next;
	if (!pk->first)
		pk->last = &pk->first;
	give(pk, &o->r);
	free(o);
}

/* Give records before pk->until, so many or all. */
static void drain(struct packed *pk, uint64_t most)
{
	for (uint64_t n = 0; n < most && !pk->stopped; n++) {
		struct thread *t = pk->nheap ? pk->heap[0] : NULL;

		if (pk->first && pk->first->r.ts < pk->until &&
		    (!t || pk->first->r.ts <= t->record.ts)) {
			give_ordinary(pk);
			continue;
		}
		if (!t || t->record.ts >= pk->until)
			return;
		give(pk, &t->record);
		take_next(pk, t);
		if (!settle_thread(pk, t))
			pk->heap[0] = pk->heap[--pk->nheap];
		if (pk->nheap)
			sift_down(pk, 0);
	}
}

static void insert(struct packed *pk, struct thread *t, struct block *b)
{
	struct block **at = &t->first;

	pk->held += b->size;
	if (t->first && t->first->at)
		at = &t->first->next; // records of the first one are taken already
	if (t->first && t->last->begun <= b->begun)
		at = &t->last->next;
	while (*at && (*at)->begun <= b->begun)
		at = &(*at)->next;
	b->next = *at;
	*at = b;
	if (!b->next)
		t->last = b;
	if (t->has_record || t->waits)
		return;
	take_next(pk, t);
	if (settle_thread(pk, t))
		push(pk, t);
}

static void hold(struct packed *pk, const struct packed_block *from)
{
	struct thread *t = thread_of(proc_of(pk, from->pid), from->m);
	const struct table *table = hash_get(&pk->tables, from->kinds);
	struct block *b;

	if (!table) {
		pk->foreign += counted(from->count, from->written);
		return;
	}
	b = need(sizeof *b + from->size);
	*b = (struct block){.table = table,
			    .seq = from->seq,
			    .count = from->count,
			    .raw = from->raw,
			    .begun = from->raw,
			    .mono = from->mono,
			    .written = from->written,
			    .size = from->size};
	memcpy(b->data, from->data, from->size);
	insert(pk, t, b);
}

/* Before the first mark and after the last it is the blocks that tell the time. */
static void add_block_knots(struct proc *pr, bool ends)
{
	const struct block *first = NULL, *last = NULL;

	for (struct hash_slot *s = NULL; (s = hash_next(&pr->threads, s));) {
		for (struct block *b = ((struct thread *)s->value)->first; b; b = b->next) {
			if (!first || b->begun < first->begun)
				first = b;
			if (!last || b->begun > last->begun)
				last = b;
		}
	}
	if (first && !pr->nknots)
		add_knot(pr, first->begun, first->mono);
	if (last && ends)
		add_knot(pr, last->begun, last->mono);
}

/* Nothing follows of a process, or so it seems. */
static void end_proc(struct packed *pk, struct proc *pr)
{
	for (size_t i = 0; i < pk->nlefts; i++) {
		if (pk->lefts[i] && pk->lefts[i]->pid == pr->pid) {
			hold(pk, &pk->lefts[i]->block);
			free(pk->lefts[i]);
			pk->lefts[i] = NULL;
		}
	}
	add_block_knots(pr, true);
	pr->mark = UINT64_MAX;
	pr->mark_ns = INT64_MAX;
	settle(pk, pr);
}

/* Set pk->until: nothing more comes of any process before. */
static void find_until(struct packed *pk, int64_t now)
{
	int64_t until = INT64_MAX;

	for (struct hash_slot *s = NULL; (s = hash_next(&pk->procs, s));) {
		struct proc *pr = s->value;

		if (pr->mark_ns != INT64_MAX && now - pr->heard > SILENCE_NS)
			end_proc(pk, pr);
		if (pr->mark_ns < until)
			until = pr->mark_ns;
	}
	pk->until = until < now ? until : now;
}

static void end_all(struct packed *pk)
{
	for (size_t i = 0; i < pk->nlefts; i++)
		if (pk->lefts[i])
			proc_of(pk, pk->lefts[i]->pid);
	for (struct hash_slot *s = NULL; (s = hash_next(&pk->procs, s));)
		end_proc(pk, s->value);
	pk->until = INT64_MAX;
	drain(pk, ALL);
}

/* ---- What comes -------------------------------------------------------------------------- */

static void take_mark(struct packed *pk, const struct packed_block *b)
{
	struct proc *pr = proc_of(pk, b->pid);

	drain(pk, ALL);
	if (!pr->nknots)
		add_block_knots(pr, false);
	if (!add_knot(pr, b->raw, b->mono)) {
		pk->damaged += pr->nknots && b->raw > pr->knots[pr->nknots - 1].raw;
		return;
	}
	pr->mark = b->raw;
	pr->mark_ns = b->mono;
	settle(pk, pr);
	find_until(pk, b->written);
}

/* What a mark completes is given bit by bit, as many records as come with each block that follows: those
 * who take them have work then while what the next mark completes is gathered. */
int packed_add(struct packed *pk, const struct packed_block *b)
{
	proc_of(pk, b->pid)->heard = b->written;
	if (b->mono > b->written + LATE_NS) {
		pk->damaged++;
		pk->cut += b->count;
	} else if (!b->count) {
		take_mark(pk, b);
	} else {
		hold(pk, b);
		drain(pk, b->count);
	}
	if (pk->held > HELD_MAX) {
		pk->too_much = true;
		end_all(pk);
	}
	return pk->stopped;
}

int packed_ordinary(struct packed *pk, const struct record *r)
{
	const struct event_desc *d = &event_desc[r->kind];
	size_t size = sizeof(struct ordinary);
	struct ordinary *o;
	char *to;

	if (!pk->procs.count) {
		give(pk, r);
		return pk->stopped;
	}
	for (int i = 0; i < d->nfields; i++)
		if (d->field[i].type == FIELD_str)
			size += strlen(r->a[i].str) + 1;
	o = need(size);
	o->r = *r;
	to = o->texts;
	for (int i = 0; i < d->nfields; i++) {
		if (d->field[i].type != FIELD_str)
			continue;
		o->r.a[i].str = strcpy(to, r->a[i].str);
		to += strlen(to) + 1;
	}
	*pk->last = o;
	pk->last = &o->next;
	find_until(pk, r->ts);
	drain(pk, 1);
	return pk->stopped;
}

/* ---- What was left in memory ------------------------------------------------------------- */

__attribute__((format(printf, 2, 3))) static void complain(struct packed *pk, const char *fmt, ...)
{
	char what[512];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(what, sizeof what, fmt, ap);
	va_end(ap);
	note("%s", what);
	pk->sink->complaint(pk->sink->arg, what);
}

void packed_left(struct packed *pk, const char *path, uint32_t pid, int64_t shift)
{
	struct packed_left l;
	struct left *left;
	int has = packed_file_read(path, &l);

	if (has < 0)
		complain(pk, "%s: %s: the last events of a thread are missing", path,
			 errno ? strerror(errno) : "damaged");
	if (has <= 0)
		return;
	left = need(sizeof *left);
	left->pid = pid ? pid : l.pid;
	left->block = (struct packed_block){.pid = left->pid,
					    .m = l.m,
					    .seq = l.seq,
					    .count = l.used, // not more
					    .kinds = l.kinds,
					    .raw = l.raw,
					    .mono = (int64_t)l.mono + shift,
					    .written = INT64_MAX,
					    .data = left->data,
					    .size = l.used};
	memcpy(left->data, l.data, l.used);
	pk->lefts = realloc(pk->lefts, (pk->nlefts + 1) * sizeof *pk->lefts);
	if (!pk->lefts)
		die("no memory");
	pk->lefts[pk->nlefts++] = left;
}

/* ---- The end ----------------------------------------------------------------------------- */

int packed_finish(struct packed *pk)
{
	end_all(pk);
	if (pk->stopped)
		return -1;
	if (pk->damaged)
		complain(pk,
			 "%" PRId64 " blocks of packed events are damaged: %" PRId64
			 " events in them cannot be read",
			 pk->damaged, pk->cut);
	if (pk->foreign)
		complain(pk,
			 "%" PRId64 " events were packed by another version of weft, and what "
			 "their numbers mean is not in the trace: load it with that version",
			 pk->foreign);
	if (pk->too_much)
		complain(pk,
			 "the trace has no marks for long: some packed events may be out of order");
	return 0;
}

static void free_thread(struct thread *t)
{
	for (struct block *b = t->first, *next; b; b = next) {
		next = b->next;
		free(b);
	}
	free(t->texts);
	free(t);
}

static void free_proc(struct proc *pr)
{
	for (struct hash_slot *s = NULL; (s = hash_next(&pr->threads, s));)
		free_thread(s->value);
	hash_free(&pr->threads);
	free(pr->knots);
	free(pr);
}

void packed_free(struct packed *pk)
{
	for (struct hash_slot *s = NULL; (s = hash_next(&pk->procs, s));)
		free_proc(s->value);
	for (struct hash_slot *s = NULL; (s = hash_next(&pk->tables, s));)
		free(s->value);
	hash_free(&pk->procs);
	hash_free(&pk->tables);
	for (struct ordinary *o = pk->first, *next; o; o = next) {
		next = o->next;
		free(o);
	}
	for (size_t i = 0; i < pk->nlefts; i++)
		free(pk->lefts[i]);
	free(pk->lefts);
	free(pk->heap);
	free(pk);
}
