/* SPDX-License-Identifier: MIT */
/* The interface is in pages.h.
 *
 * A tree has a page under way for each of its levels, the leaves' first.  When it is full, it is
 * written, and the level above is told of it.  The uppermost one goes to the tree's root page, in
 * the end.
 */
#define _GNU_SOURCE
#include "pages.h"
#include "error.h"
#include "hash.h"
#include "queue.h"

#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/uio.h>
#include <unistd.h>

enum { INDEX_INTERIOR = 2, TABLE_INTERIOR = 5, INDEX_LEAF = 10, TABLE_LEAF = 13 };
enum { LEAF_HEADER = 8, INTERIOR_HEADER = 12, LEVELS = 12 };
enum { BLOCK = 64 /* pages */, LOCK_BYTE = 1 << 30 }; /* no page may be where SQLite locks files */

struct level {
	uint8_t *page;	    /* NULL: the tree is not that high */
	int cells, content; /* how many, and where the last begins */
};

struct tree {
	struct tree *next;
	struct pages *pg;
	uint32_t root;
	bool index;
	int64_t last; /* row id */
	struct level level[LEVELS];
};

/* Pages that follow each other in the file. */
struct block {
	struct pages *pg;
	uint32_t first, n; /* from 0 */
	struct iovec pages[BLOCK];
};

struct pages {
	int fd;
	atomic_int err;
	uint32_t size, count;
	struct block *block; /* of the last pages of count */
	struct queue *writer;
	struct pool blocks, free; /* free: pages */
	struct tree *trees;
};

static void put2(uint8_t *to, unsigned v)
{
	to[0] = (uint8_t)(v >> 8);
	to[1] = (uint8_t)v;
}

static void put4(uint8_t *to, uint32_t v)
{
	put2(to, v >> 16);
	put2(to + 2, v & 0xffff);
}

static uint32_t get4(const uint8_t *from)
{
	return (uint32_t)from[0] << 24 | from[1] << 16 | from[2] << 8 | from[3];
}

/* SQLite's own kind: the high bits first, eight in a ninth byte. */
static int put_long_varint(uint8_t *to, uint64_t v)
{
	uint8_t reversed[9];
	int n = 0;

	if (v >> 56) {
		to[8] = (uint8_t)v;
		v >>= 8;
		for (int i = 7; i >= 0; i--, v >>= 7)
			to[i] = (uint8_t)(v | 0x80);
		return 9;
	}
	for (; v; v >>= 7)
		reversed[n++] = (uint8_t)(v | 0x80);
	reversed[0] &= 0x7f;
	for (int i = 0; i < n; i++)
		to[i] = reversed[n - 1 - i];
	return n;
}

static inline int put_varint(uint8_t *to, uint64_t v)
{
	if (v < 1 << 7) {
		to[0] = (uint8_t)v;
		return 1;
	}
	if (v < 1 << 14) {
		put2(to, (unsigned)((v & 0x3f80) << 1 | 0x8000 | (v & 0x7f)));
		return 2;
	}
	if (v < 1 << 21) {
		to[0] = (uint8_t)(v >> 14 | 0x80);
		put2(to + 1, (unsigned)((v & 0x3f80) << 1 | 0x8000 | (v & 0x7f)));
		return 3;
	}
	if (v < 1 << 28) {
		put4(to, (uint32_t)((v & 0xfe00000) << 3 | (v & 0x1fc000) << 2 | (v & 0x3f80) << 1 |
				    (v & 0x7f) | 0x80808000));
		return 4;
	}
	return put_long_varint(to, v);
}

/* ---- Records ----------------------------------------------------------------------------- */

/* Put an integer's type into *type, and itself behind the record: its end.  Up to eight bytes more may be
 * overwritten. */
static inline uint8_t *put_integer(uint8_t *type, uint8_t *to, int64_t v)
{
	/* by how many zeros precede its bits, if negative of its complement, in eights */
	static const struct {
		uint8_t type, size, shift;
	} forms[] = {{6, 8, 0}, {6, 8, 0}, {5, 6, 16}, {5, 6, 16}, {4, 4, 32}, {3, 3, 40}, {2, 2, 48}, {1, 1, 56}};
	unsigned zeros;
	uint64_t big;

	if ((uint64_t)v <= 1) {
		*type = (uint8_t)(8 + v);
		return to;
	}
	/* the sign takes one of them */
	zeros = ((unsigned)__builtin_clzll((uint64_t)(v ^ v >> 63) | 1) - 1) >> 3;
	*type = forms[zeros].type;
	big = __builtin_bswap64((uint64_t)v << forms[zeros].shift);
	memcpy(to, &big, sizeof big);
	return to + forms[zeros].size;
}

static inline uint8_t *put_text(uint8_t *type, uint8_t *to, const char *text)
{
	size_t size = strlen(text);

	assert(size < 57); /* its type has one byte */
	*type = (uint8_t)(13 + 2 * size);
	return (uint8_t *)mempcpy(to, text, size);
}

size_t record_encode(uint8_t *to, const int64_t *cells, const enum column *columns, int n)
{
	uint8_t *type = to + 1, *body;

	/* columns that are not in a record are NULL, as if they had been added to the table since */
	while (n > 1 && (columns[n - 1] == COLUMN_ROWID ||
			 (cells[n - 1] == INT64_MIN && columns[n - 1] != COLUMN_NOT_NULL)))
		n--;
	body = type + n;
	*to = (uint8_t)(n + 1);
	for (int i = 0; i < n; i++, type++) {
		if (columns[i] <= COLUMN_NOT_NULL && cells[i] != INT64_MIN)
			body = put_integer(type, body, cells[i]);
		else if (columns[i] == COLUMN_NOT_NULL)
			body = put_integer(type, body, cells[i]);
		else if (columns[i] == COLUMN_ROWID || cells[i] == INT64_MIN)
			*type = 0;
		else
			body = put_text(type, body, (const char *)(intptr_t)cells[i]);
	}
	return (size_t)(body - to);
}

size_t record_encode_integers(uint8_t *to, const int64_t *cells, const enum column *columns, int n)
{
	uint8_t *type = to + 1, *body;

	while (n > 1 && cells[n - 1] == INT64_MIN && columns[n - 1] != COLUMN_NOT_NULL)
		n--;
	body = type + n;
	*to = (uint8_t)(n + 1);
	for (int i = 0; i < n; i++, type++) {
		if (cells[i] != INT64_MIN || columns[i] == COLUMN_NOT_NULL)
			body = put_integer(type, body, cells[i]);
		else
			*type = 0;
	}
	return (size_t)(body - to);
}

/* ---- Pages ------------------------------------------------------------------------------- */

static void write_at(struct pages *pg, const uint8_t *data, size_t size, off_t at)
{
	while (size && !pg->err) {
		ssize_t n = pwrite(pg->fd, data, size, at);

		if (n < 0 && errno != EINTR)
			pg->err = errno;
		if (n <= 0)
			continue;
		data += n;
		size -= (size_t)n;
		at += n;
	}
}

/* In the writer's thread. */
static void write_block(void *arg)
{
	struct block *b = arg;
	struct pages *pg = b->pg;

	size_t size = (size_t)b->n * pg->size;
	off_t at = (off_t)b->first * pg->size;

	if (!pg->err && pwritev(pg->fd, b->pages, (int)b->n, at) != (ssize_t)size)
		for (uint32_t i = 0; i < b->n; i++) /* what is wrong is said by each alone */
			write_at(pg, b->pages[i].iov_base, pg->size, at + (off_t)i * pg->size);
	/* on its way to the disk, so that there is little to wait for in the end */
	sync_file_range(pg->fd, at, (off_t)size, SYNC_FILE_RANGE_WRITE);
	for (uint32_t i = 0; i < b->n; i++)
		pool_put(&pg->free, b->pages[i].iov_base);
	pool_put(&pg->blocks, b);
}

static void send_block(struct pages *pg)
{
	if (pg->block)
		queue_put(pg->writer, write_block, pg->block);
	pg->block = NULL;
}

static struct block *new_block(struct pages *pg)
{
	struct block *b = pool_get(&pg->blocks);

	b->pg = pg;
	b->first = pg->count;
	b->n = 0;
	return b;
}

/* Takes the page. */
static void append(struct pages *pg, uint8_t *page)
{
	if (pg->count == UINT32_MAX - 1) {
		pg->err = EFBIG;
		pool_put(&pg->free, page);
		return;
	}
	if (!pg->block)
		pg->block = new_block(pg);
	pg->block->pages[pg->block->n++] = (struct iovec){page, pg->size};
	pg->count++;
	if (pg->block->n == BLOCK)
		send_block(pg);
}

/* The number of a level's page, which is written and no longer there. */
static uint32_t write_page(struct pages *pg, struct level *l)
{
	if (pg->count == LOCK_BYTE / pg->size) /* it is never looked at */
		append(pg, memcpy(pool_get(&pg->free), l->page, pg->size));
	append(pg, l->page);
	l->page = NULL;
	return pg->count;
}

struct pages *pages_new(int fd, uint32_t size, uint32_t count, struct queue *writer)
{
	struct pages *pg = need(sizeof *pg);

	*pg = (struct pages){.fd = fd,
			     .size = size,
			     .count = count,
			     .writer = writer,
			     .blocks = POOL_INIT(sizeof(struct block)),
			     .free = POOL_INIT(size)};
	return pg;
}

int pages_error(const struct pages *pg)
{
	return pg->err;
}

/* ---- Trees ------------------------------------------------------------------------------- */

struct tree *tree_new(struct pages *pg, uint32_t root)
{
	struct tree *t = need(sizeof *t);

	*t = (struct tree){.next = pg->trees, .pg = pg, .root = root};
	pg->trees = t;
	return t;
}

static void begin_page(struct tree *t, int level)
{
	struct level *l = &t->level[level];

	if (!l->page)
		l->page = pool_get(&t->pg->free);
	memset(l->page, 0, INTERIOR_HEADER);
	l->page[0] = level	? t->index ? INDEX_INTERIOR : TABLE_INTERIOR
		     : t->index ? INDEX_LEAF
				: TABLE_LEAF;
	l->cells = 0;
	l->content = (int)t->pg->size;
}

/* As memcpy, for sizes that are mostly small and never known. */
static inline void copy(uint8_t *to, const uint8_t *from, size_t n)
{
	if (n > 64 || n < 16) {
		memcpy(to, from, n);
		return;
	}
	if (n > 32) {
		memcpy(to, from, 32);
		memcpy(to + n - 32, from + n - 32, 32);
		return;
	}
	memcpy(to, from, 16);
	memcpy(to + n - 16, from + n - 16, 16);
}

/* The place of another cell in a level's page, or NULL if it is full. */
static inline uint8_t *add_cell(struct level *l, int header, int size)
{
	int end = header + 2 * (l->cells + 1);

	if (l->content - size < end)
		return NULL;
	l->content -= size;
	put2(l->page + end - 2, (unsigned)l->content);
	l->cells++;
	return l->page + l->content;
}

/* Take back the last cell, which goes to `last`: its size. */
static int take_last(const struct tree *t, struct level *l, int header, uint8_t *last)
{
	const uint8_t *before = l->page + header + 2 * (l->cells - 2);
	int end = l->cells > 1 ? before[0] << 8 | before[1] : (int)t->pg->size;
	int size = end - l->content;

	memcpy(last, l->page + l->content, (size_t)size);
	l->content = end;
	l->cells--;
	return size;
}

/* Complete the page of a level; what is free in it is zero, whatever was there. */
static void end_page(struct level *l, int header)
{
	int end = header + 2 * l->cells;

	memset(l->page + end, 0, (size_t)(l->content - end));
	put2(l->page + 3, (unsigned)l->cells);
	put2(l->page + 5, (unsigned)l->content); /* 0 is 65536 */
}

/* A level's page has been written; its last key is told to the level above. */
static void tell(struct tree *t, int level, uint32_t child, const uint8_t *key, int size)
{
	struct level *l = &t->level[level];
	uint8_t *cell;

	assert(level < LEVELS);
	if (!l->page)
		begin_page(t, level);
	cell = add_cell(l, INTERIOR_HEADER, 4 + size);
	if (!cell) {
		/* its last cell becomes the right child, and the key of that goes up */
		uint8_t last[4 + 9 + RECORD_MAX];
		int n = take_last(t, l, INTERIOR_HEADER, last);

		put4(l->page + 8, get4(last));
		end_page(l, INTERIOR_HEADER);
		tell(t, level + 1, write_page(t->pg, l), last + 4, n - 4);
		begin_page(t, level);
		cell = add_cell(l, INTERIOR_HEADER, 4 + size);
	}
	put4(cell, child);
	memcpy(cell + 4, key, (size_t)size);
}

void tree_add_row(struct tree *t, int64_t rowid, const uint8_t *record, size_t size)
{
	struct level *l = &t->level[0];
	uint8_t head[20], *cell;
	int n = put_varint(head, size);

	assert(rowid > t->last || !l->page);
	n += put_varint(head + n, (uint64_t)rowid);
	if (!l->page)
		begin_page(t, 0);
	cell = add_cell(l, LEAF_HEADER, n + (int)size);
	if (!cell) {
		uint8_t key[9];

		end_page(l, LEAF_HEADER);
		tell(t, 1, write_page(t->pg, l), key, put_varint(key, (uint64_t)t->last));
		begin_page(t, 0);
		cell = add_cell(l, LEAF_HEADER, n + (int)size);
	}
	for (int i = 0; i < n; i++)
		cell[i] = head[i];
	copy(cell + n, record, size);
	t->last = rowid;
}

int64_t tree_last(const struct tree *t)
{
	return t->last;
}

void tree_add_entry(struct tree *t, const uint8_t *record, size_t size)
{
	struct level *l = &t->level[0];
	uint8_t head[9], *cell;
	int n = put_varint(head, size);

	t->index = true;
	if (!l->page)
		begin_page(t, 0);
	cell = add_cell(l, LEAF_HEADER, n + (int)size);
	if (!cell) {
		/* its last entry goes up */
		uint8_t last[9 + RECORD_MAX];
		int m = take_last(t, l, LEAF_HEADER, last);

		end_page(l, LEAF_HEADER);
		tell(t, 1, write_page(t->pg, l), last, m);
		begin_page(t, 0);
		cell = add_cell(l, LEAF_HEADER, n + (int)size);
	}
	for (int i = 0; i < n; i++)
		cell[i] = head[i];
	copy(cell + n, record, size);
}

/* Write the pages that are under way: each is the right child of the one above. */
static void finish_tree(struct tree *t)
{
	uint32_t child = 0;

	for (int i = 0; i < LEVELS && t->level[i].page; i++) {
		struct level *l = &t->level[i];

		if (i)
			put4(l->page + 8, child);
		end_page(l, i ? INTERIOR_HEADER : LEAF_HEADER);
		if (i + 1 < LEVELS && t->level[i + 1].page)
			child = write_page(t->pg, l);
		else
			write_at(t->pg, l->page, t->pg->size, (off_t)(t->root - 1) * t->pg->size);
	}
	for (int i = 0; i < LEVELS; i++)
		free(t->level[i].page);
	free(t);
}

/* The first page says how many there are, twice, and that it has changed. */
static void write_count(struct pages *pg)
{
	uint8_t header[100];

	if (pread(pg->fd, header, sizeof header, 0) != sizeof header) {
		pg->err = EIO;
		return;
	}
	put4(header + 24, get4(header + 24) + 1);
	put4(header + 92, get4(header + 24));
	put4(header + 28, pg->count);
	write_at(pg, header, sizeof header, 0);
}

int pages_finish(struct pages *pg)
{
	int err;

	for (struct tree *t = pg->trees, *next; t; t = next) {
		next = t->next;
		finish_tree(t);
	}
	send_block(pg);
	queue_wait(pg->writer);
	if (!pg->err)
		write_count(pg);
	err = pg->err;
	pool_free(&pg->blocks);
	pool_free(&pg->free);
	free(pg);
	return err;
}
