/* SPDX-License-Identifier: MIT */
/* The packets of LTTng's stream files, and copies of what can be read of them.
 *
 * A stream file is packets one after the other, each a multiple of 4096 bytes, or less if its end
 * was never written and lttng-crash got it out.  Each begins with
 * magic u32, uuid, stream u32, instance u64, then time of begin, time of end, bits of content,
 * bits of the packet: u64 each, in the byte order of the machine that was traced.
 */
#define _GNU_SOURCE
#include "repair.h"
#include "cleanup.h"
#include "error.h"
#include "hash.h"
#include "metadata.h"

#include <byteswap.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <fts.h>
#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

enum { PAGE = 4096, HEADER = 84, BEGIN_AT = 32, END_AT = 40, CONTENT_AT = 48, PACKET_AT = 56 };
#define MAGIC 0xc1fc1fc1u

/* A file in memory; what is written there stays there. */
struct bytes {
	char *at;
	size_t n;
};

static int map_file(struct bytes *b, const char *path)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	struct stat st;
	void *p = NULL;

	*b = (struct bytes){0};
	if (fd < 0 || fstat(fd, &st) < 0) {
		if (fd >= 0)
			close(fd);
		return error("cannot read %s: %s", path, strerror(errno));
	}
	if (st.st_size)
		p = mmap(NULL, (size_t)st.st_size, PROT_READ | PROT_WRITE, MAP_PRIVATE, fd, 0);
	close(fd);
	if (p == MAP_FAILED)
		return error("cannot read %s: %s", path, strerror(errno));
	*b = (struct bytes){p, (size_t)st.st_size};
	return 0;
}

static void unmap_file(struct bytes *b)
{
	if (b->at)
		munmap(b->at, b->n);
}

static bool begins(const struct bytes *b, size_t off)
{
	uint32_t magic = 0;

	if (b->n - off >= HEADER)
		memcpy(&magic, b->at + off, sizeof magic);
	return magic == MAGIC || magic == bswap_32(MAGIC);
}

/* The packet at an offset: its length in bytes, or 0 if there is none. */
static size_t packet_at(const struct bytes *b, size_t off)
{
	const char *p = b->at + off;
	uint64_t begin, end, content, packet;
	uint32_t magic;
	bool swap;

	if (b->n - off < HEADER)
		return 0;
	memcpy(&magic, p, sizeof magic);
	memcpy(&begin, p + BEGIN_AT, sizeof begin);
	memcpy(&end, p + END_AT, sizeof end);
	memcpy(&content, p + CONTENT_AT, sizeof content);
	memcpy(&packet, p + PACKET_AT, sizeof packet);
	swap = magic == bswap_32(MAGIC);
	if (!swap && magic != MAGIC)
		return 0;
	if (swap) {
		begin = bswap_64(begin);
		end = bswap_64(end);
		content = bswap_64(content);
		packet = bswap_64(packet);
	}
	/* What lttng-crash gets out of an unfinished buffer has no time of end, and no padding. */
	if (!begin || (begin > end && end) || content > packet || content < HEADER * 8 ||
	    packet % 8 || packet / 8 > b->n - off)
		return 0;
	if (packet % (PAGE * 8) && packet / 8 != b->n - off && !begins(b, off + packet / 8))
		return 0;
	return packet / 8;
}

/* Where the next packet after a damaged place is, or the end of the file. */
static size_t next_packet(const struct bytes *b, size_t off)
{
	for (off = (off / PAGE + 1) * PAGE; off < b->n; off += PAGE)
		if (packet_at(b, off))
			return off;
	return b->n;
}

__attribute__((format(printf, 2, 3))) static void complain(struct repair *r, const char *fmt, ...)
{
	char *what;
	va_list ap;

	va_start(ap, fmt);
	if (vasprintf(&what, fmt, ap) < 0)
		die("no memory");
	va_end(ap);
	note("%s", what);
	r->complaints = realloc(r->complaints, (r->ncomplaints + 1) * sizeof *r->complaints);
	if (!r->complaints)
		die("no memory");
	r->complaints[r->ncomplaints++] = what;
}

/* ---- The copy ---------------------------------------------------------------------------- */

static char *join(const char *dir, const char *name)
{
	char *path;

	if (asprintf(&path, "%s/%s", dir, name) < 0)
		die("no memory");
	return path;
}

static char *temp_dir(void)
{
	const char *tmp = getenv("TMPDIR");
	char *dir = join(tmp && *tmp ? tmp : "/tmp", "weft-XXXXXX");

	if (!mkdtemp(dir)) {
		error("cannot make a temporary directory %s: %s", dir, strerror(errno));
		free(dir);
		return NULL;
	}
	cleanup_add(dir);
	return dir;
}

static char *add_file(struct repair *r, const char *name)
{
	char *path = join(r->dir, name);

	r->files = realloc(r->files, (r->nfiles + 1) * sizeof *r->files);
	if (!r->files)
		die("no memory");
	r->files[r->nfiles++] = path;
	cleanup_add(path);
	return path;
}

static int link_file(struct repair *r, const char *trace, const char *name)
{
	char *from = join(trace, name), *whole = realpath(from, NULL), *to = add_file(r, name);
	int err = 0;

	if (!whole || symlink(whole, to) < 0)
		err = error("cannot link %s to %s: %s", to, from, strerror(errno));
	free(from);
	free(whole);
	return err;
}

static int write_all(int fd, const char *at, size_t n)
{
	while (n) {
		ssize_t done = write(fd, at, n);

		if (done < 0 && errno != EINTR)
			return -1;
		at += done > 0 ? done : 0;
		n -= done > 0 ? (size_t)done : 0;
	}
	return 0;
}

static int copy_bytes(const char *to, const char *at, size_t n, int flags)
{
	int fd = open(to, O_WRONLY | O_CREAT | O_CLOEXEC | flags, 0600);
	int err = fd < 0 || write_all(fd, at, n) < 0 ? errno : 0;

	if (fd >= 0 && close(fd) < 0 && !err)
		err = errno;
	return err ? error("cannot write %s: %s", to, strerror(err)) : 0;
}

void repair_free(struct repair *r)
{
	for (int i = r->nfiles - 1; i >= 0; i--) {
		cleanup_done(r->files[i], false);
		free(r->files[i]);
	}
	if (r->dir)
		cleanup_done(r->dir, false);
	for (int i = 0; i < r->ncomplaints; i++)
		free(r->complaints[i]);
	free(r->files);
	free(r->complaints);
	free(r->dir);
	*r = (struct repair){0};
}

/* ---- What of a file can be read ---------------------------------------------------------- */

/* A directory with a trace's metadata, and a file for one packet, to see what can be read of it. */
struct probe {
	struct repair dir;
	char *file;
	repair_count_fn *count;
};

static int open_probe(struct probe *p, const char *trace, repair_count_fn *count)
{
	*p = (struct probe){.count = count};
	p->dir.dir = temp_dir();
	if (!p->dir.dir || link_file(&p->dir, trace, "metadata") < 0)
		return -1;
	p->file = add_file(&p->dir, "stream");
	return 0;
}

/* Write a packet with only the first bytes of its content. */
static int write_cut(const char *to, const struct bytes *b, size_t off, size_t content, int flags)
{
	size_t whole = (content + PAGE - 1) / PAGE * PAGE;
	uint64_t bits[2] = {content * 8, whole * 8};
	char *packet = need(whole);
	uint32_t magic;
	int err;

	memcpy(packet, b->at + off, content);
	memcpy(&magic, packet, sizeof magic);
	for (int i = 0; i < 2; i++)
		bits[i] = magic == MAGIC ? bits[i] : bswap_64(bits[i]);
	memcpy(packet + CONTENT_AT, bits, sizeof bits);
	err = copy_bytes(to, packet, whole, flags);
	free(packet);
	return err;
}

/* How many events can be read of a packet's first bytes, or -1 - that if an error follows. */
static int64_t events_in(const struct probe *p, const struct bytes *b, size_t off, size_t content)
{
	if (write_cut(p->file, b, off, content, O_TRUNC) < 0)
		return -1;
	return p->count(p->dir.dir);
}

static int64_t events_begun(const struct probe *p, const struct bytes *b, size_t off,
			    size_t content)
{
	int64_t n = events_in(p, b, off, content);

	return n < 0 ? -1 - n : n;
}

/* Of a damaged packet: how many bytes can be read, up to the end of the last event before the
 * damage.  Fewer bytes never hold more events, so that place can be bisected; an event of which
 * only the first byte is there counts, so the last one's end is one byte before. */
static size_t good_prefix(const struct probe *p, const struct bytes *b, size_t off, size_t n)
{
	size_t low = HEADER, high = n, middle;
	uint32_t magic;
	uint64_t content;
	int64_t most;

	if (n < HEADER)
		return 0;
	memcpy(&magic, b->at + off, sizeof magic);
	if (magic != MAGIC && magic != bswap_32(MAGIC))
		return 0;
	memcpy(&content, b->at + off + CONTENT_AT, sizeof content);
	content = (magic == MAGIC ? content : bswap_64(content)) / 8;
	if (content >= HEADER && content < high)
		high = content;
	most = events_begun(p, b, off, high);
	while (low < high) {
		middle = low + (high - low) / 2;
		if (events_begun(p, b, off, middle) >= most)
			high = middle;
		else
			low = middle + 1;
	}
	high -= high > HEADER;
	return events_in(p, b, off, high) > 0 ? high : 0;
}

static bool whole_decodes(const struct probe *p, const struct bytes *b, size_t off, size_t n)
{
	return copy_bytes(p->file, b->at + off, n, O_TRUNC) == 0 && p->count(p->dir.dir) >= 0;
}

/* Append what can be read of a damaged stretch of a file, and complain of the rest. */
static int copy_damaged(struct repair *r, const char *path, const struct bytes *b,
			const struct probe *p, size_t off, size_t n, const char *to)
{
	size_t keep = good_prefix(p, b, off, n);

	if (keep && write_cut(to, b, off, keep, O_APPEND) < 0)
		return -1;
	complain(r, "%s: damaged: %zu bytes from offset %zu are left out", path, n - keep,
		 off + keep);
	return 0;
}

static uint64_t header_u64(const struct bytes *b, size_t off, size_t field, bool swap)
{
	uint64_t v;

	memcpy(&v, b->at + off + field, sizeof v);
	return swap ? bswap_64(v) : v;
}

/* A program that is killed while it goes on to a new buffer leaves it without its time of begin,
 * which the events' times count from: they have 32 bits, of nanoseconds.  The packet before tells;
 * for the first one, its end does.  True if there was such a packet. */
static bool mend_begins(struct bytes *b)
{
	uint64_t before = 0, end, begin, next;
	bool mended = false, swap;
	uint32_t magic;

	for (size_t off = 0; off < b->n; off += next) {
		next = PAGE;
		if (!begins(b, off))
			continue;
		memcpy(&magic, b->at + off, sizeof magic);
		swap = magic != MAGIC;
		begin = header_u64(b, off, BEGIN_AT, swap);
		end = header_u64(b, off, END_AT, swap);
		if (!begin && (before || end)) {
			begin = before ? before : end - (end < UINT32_MAX ? end - 1 : UINT32_MAX);
			next = swap ? bswap_64(begin) : begin;
			memcpy(b->at + off + BEGIN_AT, &next, sizeof next);
			mended = true;
		}
		before = end ? end : begin;
		next = packet_at(b, off);
		next = next ? next : PAGE;
	}
	return mended;
}

/* Copy a file packet by packet, if there is anything wrong with it; else only link to it. */
static int repair_file(struct repair *r, const char *trace, const char *name, const struct probe *p)
{
	char *path = join(trace, name), *to = NULL;
	size_t off = 0, n = 0;
	struct bytes b;
	int err = map_file(&b, path);
	bool bad = !err && mend_begins(&b);

	while (!err && off < b.n && !bad) {
		n = packet_at(&b, off);
		bad = !n || !whole_decodes(p, &b, off, n);
		off += bad ? 0 : n;
	}
	if (!err && !bad)
		err = link_file(r, trace, name);
	if (!err && bad) {
		to = add_file(r, name);
		err = copy_bytes(to, b.at, off, 0);
	}
	while (!err && bad && off < b.n) {
		n = packet_at(&b, off);
		if (n && whole_decodes(p, &b, off, n)) {
			err = copy_bytes(to, b.at + off, n, O_APPEND);
		} else {
			n = n ? n : next_packet(&b, off) - off;
			err = copy_damaged(r, path, &b, p, off, n, to);
		}
		off += n;
	}
	unmap_file(&b);
	free(path);
	return err;
}

/* ---- Traces ------------------------------------------------------------------------------ */

static int is_stream(const struct dirent *e)
{
	return e->d_name[0] != '.' && strcmp(e->d_name, "metadata") && e->d_type != DT_DIR;
}

/* Only LTTng's files have the layout that is known here. */
static bool is_lttng(const char *trace)
{
	char *path = join(trace, "metadata");
	struct bytes b;
	bool yes = map_file(&b, path) == 0 && b.n && memmem(b.at, b.n, "lttng-ust", 9);

	unmap_file(&b);
	free(path);
	return yes;
}

void repair_metadata(struct repair *r, const char *trace)
{
	char *path = join(trace, "metadata");
	struct bytes b;

	r->unreadable = map_file(&b, path) < 0 || metadata_text(b.at, b.n) <= 0;
	if (r->unreadable)
		complain(r, "%s: damaged: nothing of this trace can be read", path);
	unmap_file(&b);
	free(path);
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

static bool headers_right(const char *trace, const char *name, uint64_t *last)
{
	char *path = join(trace, name);
	struct bytes b;
	size_t off = 0, n = 1, forgotten = 0;
	bool right = map_file(&b, path) == 0;

	while (right && n && off < b.n) {
		n = packet_at(&b, off);
		if (n) {
			bool swap = memcmp(b.at + off, &(uint32_t){MAGIC}, 4) != 0;
			uint64_t begin = header_u64(&b, off, BEGIN_AT, swap);
			uint64_t end = header_u64(&b, off, END_AT, swap);

			end = end > begin ? end : begin;
			*last = end > *last ? end : *last;
		}
		off += n;
		forgotten = forget_bytes(&b, forgotten, off);
	}
	unmap_file(&b);
	free(path);
	return right && n;
}

/* The names of a trace's stream files; -1 after a message. */
static int streams(const char *trace, struct dirent ***names)
{
	int n = scandir(trace, names, is_stream, alphasort);

	return n < 0 ? error("cannot read %s: %s", trace, strerror(errno)) : n;
}

static void free_names(struct dirent **names, int n)
{
	for (int i = 0; i < n; i++)
		free(names[i]);
	if (n >= 0)
		free(names);
}

/* Where the packets of a file end that are there as long as they say, if the rest is the beginning of one
 * that is not; else its end. */
static size_t whole_end(const struct bytes *b)
{
	size_t off = 0, n = 1;
	uint64_t bits;

	while (n && off < b->n)
		off += n = packet_at(b, off);
	if (b->n - off < HEADER)
		return off;
	memcpy(&bits, b->at + off + PACKET_AT, sizeof bits);
	if (memcmp(b->at + off, &(uint32_t){MAGIC}, 4) != 0)
		bits = bswap_64(bits);
	return begins(b, off) && bits / 8 > b->n - off ? off : b->n;
}

static uint64_t cut_end(const char *path)
{
	struct bytes b;
	uint64_t cut = 0;
	size_t end;

	if (map_file(&b, path) < 0)
		return 0;
	end = whole_end(&b);
	if (end < b.n && truncate(path, (off_t)end) == 0)
		cut = b.n - end;
	unmap_file(&b);
	return cut;
}

uint64_t repair_cut_ends(const char *dir)
{
	char *const roots[] = {(char *)dir, NULL};
	FTS *fts = fts_open(roots, FTS_PHYSICAL | FTS_NOCHDIR, NULL);
	uint64_t cut = 0;
	FTSENT *e;

	while (fts && (e = fts_read(fts))) {
		if (e->fts_info == FTS_D && !strcmp(e->fts_name, "index"))
			fts_set(fts, e, FTS_SKIP);
		else if (e->fts_info == FTS_F && strcmp(e->fts_name, "metadata") != 0)
			cut += cut_end(e->fts_path);
	}
	if (fts)
		fts_close(fts);
	return cut;
}

void repair_streams(struct repair *r, const char *trace)
{
	char *index = join(trace, "index");
	struct dirent **names;
	int n = scandir(index, &names, is_stream, alphasort);

	for (int i = 0; i < n; i++) {
		size_t len = strlen(names[i]->d_name);
		char *path = join(trace, names[i]->d_name);

		if (len > 4 && !strcmp(names[i]->d_name + len - 4, ".idx")) {
			path[strlen(path) - 4] = '\0';
			if (access(path, F_OK) < 0)
				complain(r,
					 "%s: %s, though it has an index: its events are missing",
					 path, strerror(errno));
		}
		free(path);
	}
	free_names(names, n);
	free(index);
}

bool repair_headers_right(const char *trace, uint64_t *last)
{
	struct dirent **names;
	bool right = true;
	int n;

	if (!is_lttng(trace))
		return true;
	n = streams(trace, &names);
	for (int i = 0; i < n; i++)
		right &= headers_right(trace, names[i]->d_name, last);
	free_names(names, n);
	return right && n >= 0;
}

int repair_packets(struct repair *r, const char *trace, repair_count_fn *count)
{
	struct dirent **names;
	struct probe probe;
	int n, err;

	if (r->unreadable || !is_lttng(trace))
		return 0;
	n = streams(trace, &names);
	if (n < 0)
		return -1;
	err = open_probe(&probe, trace, count);
	if (!err && count(probe.dir.dir) < 0) {
		complain(r, "%s/metadata: damaged: nothing of this trace can be read", trace);
		r->unreadable = true;
	} else if (!err) {
		r->dir = temp_dir();
		err = r->dir ? link_file(r, trace, "metadata") : -1;
		for (int i = 0; !err && i < n; i++)
			err = repair_file(r, trace, names[i]->d_name, &probe);
	}
	repair_free(&probe.dir);
	free_names(names, n);
	return err;
}
