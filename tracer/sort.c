/* SPDX-License-Identifier: MIT */
/* The interface is in sort.h.
 *
 * Entries come in the order of their rows.  A run of them is sorted by key, which leaves each key's
 * in that order, and mostly that is the order of time, too.  Runs that are full wait in a file, and
 * are merged.
 */
#define _GNU_SOURCE
#include "sort.h"
#include "error.h"
#include "hash.h"
#include "pages.h"

#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { RUN = 1 << 21, PIECE = 1 << 12 }; /* entries in memory; of a run, when it is merged */

struct entry {
	int64_t key, ts, rowid;
};

struct sort {
	const char *dir;
	int fd, err;
	size_t n, room, runs;
	struct entry *entries, *other; /* as many */
};

/* A run that is merged: the entries that were read of it. */
struct run {
	size_t at, n, left; /* in piece; still in the file */
	off_t place;
	struct entry piece[PIECE];
};

struct sort *sort_new(const char *dir)
{
	struct sort *s = need(sizeof *s);

	*s = (struct sort){.dir = dir, .fd = -1};
	return s;
}

static bool before(const struct entry *a, const struct entry *b)
{
	if (a->key != b->key)
		return a->key < b->key;
	return a->ts != b->ts ? a->ts < b->ts : a->rowid < b->rowid;
}

static int compare(const void *a, const void *b)
{
	return before(a, b) ? -1 : before(b, a);
}

/* Sort by a byte of the keys, those that are alike as they were. */
static void sort_by_byte(struct sort *s, int byte)
{
	size_t start[256] = {0}, sum = 0;
	struct entry *from = s->entries;

	for (size_t i = 0; i < s->n; i++)
		start[(uint64_t)from[i].key >> 8 * byte & 0xff]++;
	for (int i = 0; i < 256; i++) {
		size_t n = start[i];

		start[i] = sum;
		sum += n;
	}
	for (size_t i = 0; i < s->n; i++)
		s->other[start[(uint64_t)from[i].key >> 8 * byte & 0xff]++] = from[i];
	s->entries = s->other;
	s->other = from;
}

static void sort_run(struct sort *s)
{
	uint64_t bits = 0;

	for (size_t i = 0; i < s->n; i++)
		bits |= (uint64_t)s->entries[i].key;
	for (int byte = 0; byte < 8 && bits >> 8 * byte; byte++)
		sort_by_byte(s, byte);
	for (size_t i = 0, j; i < s->n; i = j) {
		bool sorted = true;

		for (j = i + 1; j < s->n && s->entries[j].key == s->entries[i].key; j++)
			sorted &= s->entries[j - 1].ts <= s->entries[j].ts;
		if (!sorted)
			qsort(s->entries + i, j - i, sizeof *s->entries, compare);
	}
}

/* A file without a name, or -1. */
static int open_temporary(const char *dir)
{
	int fd = open(dir, O_TMPFILE | O_RDWR | O_CLOEXEC, 0600);
	char *path;

	if (fd >= 0 || (errno != EOPNOTSUPP && errno != EISDIR))
		return fd;
	if (asprintf(&path, "%s/.weft-XXXXXX", dir) < 0)
		die("no memory");
	fd = mkostemp(path, O_CLOEXEC);
	if (fd >= 0)
		unlink(path);
	free(path);
	return fd;
}

static void write_run(struct sort *s)
{
	const uint8_t *data = (const uint8_t *)s->entries;
	size_t size = s->n * sizeof *s->entries;

	if (s->fd < 0)
		s->fd = open_temporary(s->dir);
	if (s->fd < 0)
		s->err = errno;
	while (size && !s->err) {
		ssize_t n = write(s->fd, data, size);

		if (n < 0 && errno != EINTR)
			s->err = errno;
		if (n > 0) {
			data += n;
			size -= (size_t)n;
		}
	}
	s->runs++;
	s->n = 0;
}

static void make_room(struct sort *s)
{
	if (s->room == RUN) {
		sort_run(s);
		write_run(s);
		return;
	}
	s->room = s->room ? 2 * s->room : 1024;
	s->entries = realloc(s->entries, s->room * sizeof *s->entries);
	s->other = realloc(s->other, s->room * sizeof *s->other);
	if (!s->entries || !s->other)
		die("no memory");
}

void sort_add(struct sort *s, int64_t key, int64_t ts, int64_t rowid)
{
	if (s->n == s->room)
		make_room(s);
	s->entries[s->n++] = (struct entry){key, ts, rowid};
}

static void add_entry(struct tree *t, const struct entry *e)
{
	static const enum column columns[] = {COLUMN_NOT_NULL, COLUMN_NOT_NULL, COLUMN_NOT_NULL};
	const int64_t cells[] = {e->key, e->ts, e->rowid};
	uint8_t record[RECORD_MAX];

	tree_add_entry(t, record, record_encode(record, cells, columns, 3));
}

/* The run's next entry, or NULL. */
static const struct entry *peek(struct sort *s, struct run *r)
{
	if (r->at == r->n && r->left && !s->err) {
		size_t n = r->left < PIECE ? r->left : PIECE, size = n * sizeof *r->piece, got = 0;

		while (got < size && !s->err) {
			ssize_t k = pread(s->fd, (char *)r->piece + got, size - got,
					  r->place + (off_t)got);

			if (k == 0 || (k < 0 && errno != EINTR))
				s->err = k ? errno : EIO;
			else if (k > 0)
				got += (size_t)k;
		}
		r->place += (off_t)size;
		r->left -= n;
		r->at = 0;
		r->n = n;
	}
	return r->at < r->n && !s->err ? &r->piece[r->at] : NULL;
}

static void sift_down(struct sort *s, struct run **heap, size_t n, size_t i)
{
	struct run *r = heap[i];

	for (size_t child; (child = 2 * i + 1) < n; i = child) {
		if (child + 1 < n && before(peek(s, heap[child + 1]), peek(s, heap[child])))
			child++;
		if (!before(peek(s, heap[child]), peek(s, r)))
			break;
		heap[i] = heap[child];
	}
	heap[i] = r;
}

static void merge(struct sort *s, struct tree *t)
{
	struct run **heap = need(s->runs * sizeof *heap);
	size_t n = 0;

	for (size_t i = 0; i < s->runs; i++) {
		struct run *r = need(sizeof *r);
		off_t place = (off_t)(i * RUN * sizeof(struct entry));
		off_t end = lseek(s->fd, 0, SEEK_END);
		off_t left = (end - place) / (off_t)sizeof(struct entry);

		r->place = place;
		r->left = left < RUN ? (size_t)left : RUN;
		if (peek(s, r))
			heap[n++] = r;
		else
			free(r);
	}
	for (size_t i = n / 2; i-- > 0 && !s->err;)
		sift_down(s, heap, n, i);
	while (n && !s->err) {
		add_entry(t, peek(s, heap[0]));
		heap[0]->at++;
		if (!peek(s, heap[0])) {
			free(heap[0]);
			heap[0] = heap[--n];
		}
		if (n && !s->err)
			sift_down(s, heap, n, 0);
	}
	while (n)
		free(heap[--n]);
	free(heap);
}

int sort_finish(struct sort *s, struct tree *t)
{
	int err;

	if (t && s->n)
		sort_run(s);
	if (t && s->runs) {
		write_run(s);
		free(s->entries);
		free(s->other);
		s->entries = s->other = NULL;
		if (!s->err)
			merge(s, t);
	} else if (t) {
		for (size_t i = 0; i < s->n; i++)
			add_entry(t, &s->entries[i]);
	}
	err = s->err;
	if (s->fd >= 0)
		close(s->fd);
	free(s->entries);
	free(s->other);
	free(s);
	return err;
}
