/* SPDX-License-Identifier: MIT */
/* The interface is in sort.h.
 *
 * Entries come in the order of their rows.  A run of them, as many as stay in a cache, is sorted by its
 * first key, which leaves each key's in that order, and that is nearly the order of time, the second.  What
 * is sorted goes to a file, the keys of each entry as differences from those of the one before, all that in the
 * writer's thread, and all runs are merged in the end.
 */
#define _GNU_SOURCE
#include "sort.h"
#include "error.h"
#include "files.h"
#include "hash.h"
#include "pages.h"
#include "queue.h"

#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { RUN = 1 << 14, RECORDS = RUN << 5 };	/* entries, and the bytes of their records */
enum { NUMBER_MAX = 10, NUMBERS = SORT_KEYS + 1 }; /* bytes of a number in the file; of an entry */
enum { ENTRY_MAX = NUMBERS * NUMBER_MAX + RECORD_MAX };
enum { PIECES = 16 << 20, PIECE_MAX = 1 << 13 }; /* bytes of runs that are merged: of all, and of one */
enum { HOLE = 1 << 16 };			 /* bytes of the file that are given back at once */

struct entry {
	int64_t keys[SORT_KEYS];
	uint32_t at, size; /* its record, in those of its batch */
};

/* Entries of which a run is made. */
struct batch {
	struct sort *sort;
	size_t n, used; /* entries, and bytes of their records */
	struct entry entries[RUN];
	uint8_t records[RECORDS];
};

/* A run in the file and, when it is merged, what was read of it. */
struct run {
	off_t place, given_back; /* where it is read next; up to where it is given back */
	size_t left;		 /* bytes in the file */
	struct entry entry;
	const uint8_t *record; /* of the entry */
	const uint8_t *at, *end;
	uint8_t piece[]; /* sort.piece bytes */
};

struct sort {
	const char *dir;
	int nkeys; /* the others are 0 */
	struct queue *writer;
	struct pool batches;
	struct batch *batch; /* that is gathered, or NULL */
	/* the writer's, until it has nothing to do: */
	int fd, err;
	struct entry *other; /* RUN of them, to sort into */
	uint8_t *packed;     /* room for a run */
	off_t size;	 /* of the file */
	size_t nruns, room, piece;
	off_t *ends; /* of the runs in the file */
};

struct sort *sort_new(const char *dir, int nkeys, struct queue *writer)
{
	struct sort *s = need(sizeof *s);

	*s = (struct sort){.dir = dir,
			   .nkeys = nkeys,
			   .writer = writer,
			   .batches = POOL_INIT(sizeof(struct batch)),
			   .fd = -1};
	return s;
}

static bool before(const struct entry *a, const struct entry *b)
{
	for (int i = 0; i < SORT_KEYS; i++)
		if (a->keys[i] != b->keys[i])
			return a->keys[i] < b->keys[i];
	return false;
}

static int compare(const void *a, const void *b)
{
	return before(a, b) ? -1 : before(b, a);
}

/* Sort by a byte of the first keys, those that are alike as they were. */
static void sort_by_byte(const struct entry *from, struct entry *to, size_t n, int byte)
{
	size_t start[256] = {0}, sum = 0;

	for (const struct entry *e = from; e < from + n; e++)
		start[(uint64_t)e->keys[0] >> 8 * byte & 0xff]++;
	for (int i = 0; i < 256; i++) {
		size_t count = start[i];

		start[i] = sum;
		sum += count;
	}
	for (const struct entry *e = from; e < from + n; e++)
		to[start[(uint64_t)e->keys[0] >> 8 * byte & 0xff]++] = *e;
}

/* Sort what is nearly sorted: false if it is not, and takes too long. */
static bool sort_nearly(struct entry *e, size_t n)
{
	size_t moves = 0;

	for (size_t i = 1, j; i < n; i++) {
		struct entry moved = e[i];

		for (j = i; j && before(&moved, &e[j - 1]); j--)
			e[j] = e[j - 1];
		e[j] = moved;
		moves += i - j;
		if (moves > 16 * n)
			return false;
	}
	return true;
}

/* The entries of a batch in order, there or in s->other. */
static const struct entry *sort_run(struct sort *s, struct batch *b)
{
	struct entry *from = b->entries, *to;
	uint64_t bits = 0;

	if (!s->other)
		s->other = need(RUN * sizeof *s->other);
	to = s->other;
	for (size_t i = 0; i < b->n; i++)
		bits |= (uint64_t)from[i].keys[0];
	for (int byte = 0; byte < 8 && bits >> 8 * byte; byte++) {
		struct entry *sorted = to;

		sort_by_byte(from, sorted, b->n, byte);
		to = from;
		from = sorted;
	}
	if (!sort_nearly(from, b->n))
		qsort(from, b->n, sizeof *from, compare);
	return from;
}

/* ---- The file ---------------------------------------------------------------------------- */

/* Seven bits a byte, the lowest first. */
static uint8_t *put_number(uint8_t *to, uint64_t v)
{
	for (; v >= 0x80; v >>= 7)
		*to++ = (uint8_t)(v | 0x80);
	*to++ = (uint8_t)v;
	return to;
}

static uint64_t take_number(const uint8_t **from)
{
	uint64_t v = 0;

	for (int shift = 0;; shift += 7) {
		uint8_t byte = *(*from)++;

		v |= (uint64_t)(byte & 0x7f) << shift;
		if (byte < 0x80)
			return v;
	}
}

/* The difference of two numbers, which may overflow, as a number that is small if it is near 0. */
static uint64_t fold(int64_t to, int64_t from)
{
	uint64_t by = (uint64_t)to - (uint64_t)from;

	return by << 1 ^ -(by >> 63);
}

static int64_t unfold(int64_t from, uint64_t v)
{
	return (int64_t)((uint64_t)from + (v >> 1 ^ -(v & 1)));
}

static size_t pack_run(struct sort *s, const struct entry *entries, const struct batch *b)
{
	const struct entry *last = &(const struct entry){0};
	uint8_t *to = s->packed;

	for (const struct entry *e = entries; e < entries + b->n; last = e++) {
		for (int i = 0; i < s->nkeys; i++)
			to = put_number(to, fold(e->keys[i], last->keys[i]));
		to = put_number(to, e->size);
		to = mempcpy(to, b->records + e->at, e->size);
	}
	return (size_t)(to - s->packed);
}

/* In the writer's thread. */
static void write_run(void *arg)
{
	struct batch *b = arg;
	struct sort *s = b->sort;
	const uint8_t *data;
	size_t size;

	if (s->fd < 0) {
		s->packed = need((size_t)RUN * NUMBERS * NUMBER_MAX + RECORDS);
		s->fd = temporary_file(s->dir);
	}
	if (s->fd < 0)
		s->err = errno;
	data = s->packed;
	size = pack_run(s, sort_run(s, b), b);
	while (size && !s->err) {
		ssize_t n = write(s->fd, data, size);

		if (n < 0 && errno != EINTR)
			s->err = errno;
		if (n > 0) {
			data += n;
			size -= (size_t)n;
			s->size += n;
		}
	}
	if (s->nruns == s->room) {
		s->room = s->room ? 2 * s->room : 64;
		s->ends = realloc(s->ends, s->room * sizeof *s->ends);
		if (!s->ends)
			die("no memory");
	}
	s->ends[s->nruns++] = s->size;
	pool_put(&s->batches, b);
}

static struct batch *new_batch(struct sort *s)
{
	struct batch *b = pool_get(&s->batches);

	b->sort = s;
	b->n = b->used = 0;
	return b;
}

uint8_t *sort_room(struct sort *s)
{
	struct batch *b = s->batch;

	if (b && (b->n == RUN || b->used + RECORD_MAX > RECORDS)) {
		queue_put(s->writer, write_run, b);
		b = NULL;
	}
	if (!b)
		s->batch = b = new_batch(s);
	return b->records + b->used;
}

void sort_add(struct sort *s, const int64_t *keys, size_t size)
{
	struct batch *b = s->batch;
	struct entry *e = &b->entries[b->n++];

	memcpy(e->keys, keys, sizeof e->keys);
	e->at = (uint32_t)b->used;
	e->size = (uint32_t)size;
	b->used += size;
}

/* ---- Merging ----------------------------------------------------------------------------- */

/* Give back what was read of a run: its disk and its memory are for the tree's pages, which are about as many.
 * Memory that was never touched is slow: without it the pages of a hundred million events' tables took five times
 * as long to write.  A file system that cannot do it keeps all until the end. */
static void give_back(struct sort *s, struct run *r)
{
	off_t end = r->place & -(off_t)HOLE;

	if (end <= r->given_back)
		return;
	fallocate(s->fd, FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE, r->given_back, end - r->given_back);
	r->given_back = end;
}

/* Read more of a run, behind what is left of the piece. */
static void fill(struct sort *s, struct run *r)
{
	size_t have = (size_t)(r->end - r->at), n = s->piece - have;

	memmove(r->piece, r->at, have);
	if (n > r->left)
		n = r->left;
	r->at = r->piece;
	r->end = r->piece + have + n;
	r->left -= n;
	for (uint8_t *to = r->piece + have; n && !s->err;) {
		ssize_t k = pread(s->fd, to, n, r->place);

		if (k == 0 || (k < 0 && errno != EINTR))
			s->err = k ? errno : EIO;
		if (k > 0) {
			r->place += k;
			n -= (size_t)k;
			to += k;
		}
	}
	give_back(s, r);
}

/* Make the run's next entry r->entry: false if there is none. */
static bool take_next(struct sort *s, struct run *r)
{
	if (r->end - r->at < ENTRY_MAX && r->left)
		fill(s, r);
	if (r->at == r->end || s->err)
		return false;
	for (int i = 0; i < s->nkeys; i++)
		r->entry.keys[i] = unfold(r->entry.keys[i], take_number(&r->at));
	r->entry.size = (uint32_t)take_number(&r->at);
	r->record = r->at;
	r->at += r->entry.size;
	return true;
}

static void sift_down(struct run **heap, size_t n, size_t i)
{
	struct run *r = heap[i];

	for (size_t child; (child = 2 * i + 1) < n; i = child) {
		if (child + 1 < n && before(&heap[child + 1]->entry, &heap[child]->entry))
			child++;
		if (!before(&heap[child]->entry, &r->entry))
			break;
		heap[i] = heap[child];
	}
	heap[i] = r;
}

static size_t piece_size(size_t nruns)
{
	size_t size = PIECES / nruns;

	return size > PIECE_MAX ? PIECE_MAX : size < 2 * ENTRY_MAX ? 2 * ENTRY_MAX : size;
}

static void merge(struct sort *s, struct tree *t)
{
	struct run **heap = need(s->nruns * sizeof *heap);
	size_t n = 0;

	s->piece = piece_size(s->nruns);
	for (size_t i = 0; i < s->nruns; i++) {
		struct run *r = need(sizeof *r + s->piece);

		r->place = r->given_back = i ? s->ends[i - 1] : 0;
		r->left = (size_t)(s->ends[i] - r->place);
		r->at = r->end = r->piece;
		heap[n++] = r;
		if (!take_next(s, r))
			free(heap[--n]);
	}
	for (size_t i = n / 2; i-- > 0;)
		sift_down(heap, n, i);
	while (n) {
		tree_add_entry(t, heap[0]->record, heap[0]->entry.size);
		if (!take_next(s, heap[0])) {
			free(heap[0]);
			heap[0] = heap[--n];
		}
		if (n)
			sift_down(heap, n, 0);
	}
	free(heap);
}

static void add_batch(struct sort *s, struct batch *b, struct tree *t)
{
	const struct entry *entries = sort_run(s, b);

	for (const struct entry *e = entries; e < entries + b->n; e++)
		tree_add_entry(t, b->records + e->at, e->size);
}

int sort_finish(struct sort *s, struct tree *t)
{
	int err;

	queue_wait(s->writer);
	if (t && s->batch && s->nruns) {
		write_run(s->batch);
		s->batch = NULL;
		if (!s->err)
			merge(s, t);
	} else if (t && s->batch) {
		add_batch(s, s->batch, t);
	}
	err = s->err;
	if (s->fd >= 0)
		close(s->fd);
	pool_free(&s->batches);
	free(s->batch);
	free(s->other);
	free(s->packed);
	free(s->ends);
	free(s);
	return err;
}
