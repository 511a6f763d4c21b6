/* SPDX-License-Identifier: MIT */
#include "packet.h"
#include "error.h"
#include "files.h"

#include <byteswap.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#define MAGIC 0xc1fc1fc1u

int map_file(struct bytes *b, const char *path)
{
	const char *why;
	int fd = open_file(path, &why);
	struct stat st = {0};
	void *p = NULL;

	*b = (struct bytes){0};
	if (fd < 0)
		return error("cannot read %s: %s", path, why);
	if (fstat(fd, &st) == 0 && st.st_size)
		p = mmap(NULL, (size_t)st.st_size, PROT_READ | PROT_WRITE, MAP_PRIVATE, fd, 0);
	close(fd);
	if (p == MAP_FAILED)
		return error("cannot read %s: %s", path, strerror(errno));
	*b = (struct bytes){p, (size_t)st.st_size};
	return 0;
}

void unmap_file(struct bytes *b)
{
	if (b->at)
		munmap(b->at, b->n);
}

bool packet_begins(const struct bytes *b, size_t off)
{
	uint32_t magic = 0;

	if (b->n - off >= PACKET_HEADER)
		memcpy(&magic, b->at + off, sizeof magic);
	return magic == MAGIC || magic == bswap_32(MAGIC);
}

/* Of the other byte order. */
static bool swapped(const struct bytes *b, size_t off)
{
	return memcmp(b->at + off, &(uint32_t){MAGIC}, 4) != 0;
}

uint64_t packet_get(const struct bytes *b, size_t off, enum packet_field field)
{
	uint64_t v;

	memcpy(&v, b->at + off + field, sizeof v);
	return swapped(b, off) ? bswap_64(v) : v;
}

void packet_set(struct bytes *b, size_t off, enum packet_field field, uint64_t value)
{
	if (swapped(b, off))
		value = bswap_64(value);
	memcpy(b->at + off + field, &value, sizeof value);
}

size_t packet_at(const struct bytes *b, size_t off)
{
	uint64_t begin, end, content, size;

	if (!packet_begins(b, off))
		return 0;
	begin = packet_get(b, off, PACKET_BEGIN);
	end = packet_get(b, off, PACKET_END);
	content = packet_get(b, off, PACKET_CONTENT);
	size = packet_get(b, off, PACKET_SIZE);
	/* What lttng-crash gets out of an unfinished buffer has no time of end, and no padding. */
	if (!begin || (begin > end && end) || content > size || content < PACKET_HEADER * 8 || size % 8 ||
	    size / 8 > b->n - off)
		return 0;
	if (size % (PACKET_PAGE * 8) && size / 8 != b->n - off && !packet_begins(b, off + size / 8))
		return 0;
	return size / 8;
}

size_t packet_after(const struct bytes *b, size_t off)
{
	for (off = (off / PACKET_PAGE + 1) * PACKET_PAGE; off < b->n; off += PACKET_PAGE)
		if (packet_at(b, off))
			return off;
	return b->n;
}

/* What was looked at up to an offset, from `from` on, need not stay in memory; where to go on from. */
static size_t forget_bytes(const struct bytes *b, size_t from, size_t off)
{
	enum { ENOUGH = 16 << 20 }; /* whole pages */
	size_t n = (off < b->n ? off : b->n) - from;

	n -= n % ENOUGH;
	if (n)
		madvise(b->at + from, n, MADV_DONTNEED);
	return from + n;
}

bool packets_right(const struct bytes *b, uint64_t *last)
{
	size_t n, forgotten = 0;
	uint64_t begin, floor = 0;
	bool ended = true; // all before

	for (size_t off = 0; off < b->n; off += n) {
		n = packet_at(b, off);
		if (!n)
			return false;
		begin = packet_get(b, off, PACKET_BEGIN);
		if (!ended || begin < floor)
			return false;
		floor = packet_get(b, off, PACKET_END);
		ended = floor != 0;
		floor = ended ? floor : begin;
		*last = floor > *last ? floor : *last;
		forgotten = forget_bytes(b, forgotten, off + n);
	}
	return true;
}

/* ---- Times ------------------------------------------------------------------------------- */

/* A header, and what is to become of its times; 0: not known. */
struct times {
	size_t off;
	uint64_t begin, end;
};

/* All headers in a file: *n of them, to be freed. */
static struct times *read_times(const struct bytes *b, size_t *n)
{
	struct times *t = NULL;
	size_t room = 0, size;

	*n = 0;
	for (size_t off = 0; off < b->n; off += size ? size : PACKET_PAGE) {
		size = 0;
		if (!packet_begins(b, off))
			continue;
		if (*n == room) {
			room = 2 * room + 16;
			t = realloc(t, room * sizeof *t);
			if (!t)
				die("no memory");
		}
		t[(*n)++] = (struct times){off, packet_get(b, off, PACKET_BEGIN), packet_get(b, off, PACKET_END)};
		size = packet_get(b, off, PACKET_SIZE);
		/* Only a packet that is cut is no multiple of a page. */
		size = size % 8 == 0 && size / 8 < b->n - off && packet_begins(b, off + size / 8) ? size / 8 : 0;
	}
	return t;
}

/* The first packet has nothing before it.  Events count from the begin in 32 bits of nanoseconds. */
static uint64_t begin_by_end(uint64_t end)
{
	return end ? end - (end < UINT32_MAX ? end - 1 : UINT32_MAX) : 0;
}

static bool ends_too_late(const struct times *t, const struct times *next)
{
	return t->begin <= next->begin && next->begin < t->end && next->end && next->end < t->end;
}

/* A buffer is used again and again, and a program that is killed while it goes on to the next leaves that
 * without its time of begin, or its own without that of end, or with that of its last use.  One begins when
 * the one before ends.  Where neither is known, the later one's events have no times. */
static void mend(struct times *t, size_t n)
{
	uint64_t floor = 0; // what is before ended then, or began if it has no end
	bool ended = false;

	for (size_t i = 0, next; i < n; i = next) {
		if (t[i].end < floor)
			t[i].end = 0;
		if (t[i].begin < floor || (t[i].end && t[i].begin > t[i].end))
			t[i].begin = ended ? floor : 0;
		if (!t[i].begin && i == 0)
			t[i].begin = begin_by_end(t[i].end);
		next = i + 1;
		if (!t[i].begin)
			continue;
		if (!t[i].end || (next < n && ends_too_late(&t[i], &t[next]))) {
			for (; next < n && t[next].begin < t[i].begin; next++)
				t[next].begin = 0;
			t[i].end = next < n ? t[next].begin : 0;
		}
		ended = t[i].end;
		floor = ended ? t[i].end : t[i].begin;
	}
}

bool packets_mend_times(struct bytes *b)
{
	size_t n;
	struct times *t = read_times(b, &n);
	bool mended = false;

	mend(t, n);
	for (size_t i = 0; i < n; i++) {
		if (packet_get(b, t[i].off, PACKET_BEGIN) == t[i].begin &&
		    packet_get(b, t[i].off, PACKET_END) == t[i].end)
			continue;
		packet_set(b, t[i].off, PACKET_BEGIN, t[i].begin);
		packet_set(b, t[i].off, PACKET_END, t[i].end);
		mended = true;
	}
	free(t);
	return mended;
}

size_t packets_whole_end(const struct bytes *b)
{
	size_t off = 0, n = 1;

	while (n && off < b->n)
		off += n = packet_at(b, off);
	if (b->n - off < PACKET_HEADER)
		return off;
	return packet_begins(b, off) && packet_get(b, off, PACKET_SIZE) / 8 > b->n - off ? off : b->n;
}
