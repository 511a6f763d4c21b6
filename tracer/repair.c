/* SPDX-License-Identifier: MIT */
/* The packets of LTTng's stream files, and copies of traces without those that are damaged.
 *
 * A stream file is packets one after the other, each a multiple of 4096 bytes.  Each begins with
 * magic u32, uuid, stream u32, instance u64, then time of begin, time of end, bits of content,
 * bits of the packet: u64 each, in the byte order of the machine that was traced.
 */
#define _GNU_SOURCE
#include "repair.h"
#include "cleanup.h"
#include "error.h"
#include "hash.h"

#include <byteswap.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
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

/* A file in memory. */
struct bytes {
	const char *at;
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
		p = mmap(NULL, (size_t)st.st_size, PROT_READ, MAP_PRIVATE, fd, 0);
	close(fd);
	if (p == MAP_FAILED)
		return error("cannot read %s: %s", path, strerror(errno));
	*b = (struct bytes){p, (size_t)st.st_size};
	return 0;
}

static void unmap_file(struct bytes *b)
{
	if (b->at)
		munmap((void *)b->at, b->n);
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
	/* What lttng-crash gets out of a program's last buffer has no end, and no padding. */
	if ((begin > end && end) || content > packet || content < HEADER * 8 || packet % 8 ||
	    (packet % (PAGE * 8) && packet / 8 != b->n - off) || packet / 8 > b->n - off)
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

	if (fd < 0 || write_all(fd, at, n) < 0 || close(fd) < 0)
		return error("cannot write %s: %s", to, strerror(errno));
	return 0;
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

/* ---- Which packets are good -------------------------------------------------------------- */

typedef bool decodes_fn(const char *dir);

/* Whether a packet decodes: a trace with it alone, in a directory with the metadata. */
static bool packet_decodes(const char *probe, const struct bytes *b, size_t off, size_t n,
			   decodes_fn *decodes)
{
	char *file = join(probe, "stream");
	bool ok = copy_bytes(file, b->at + off, n, O_TRUNC) == 0 && decodes(probe);

	free(file);
	return ok;
}

/* How many bytes of a file are not good packets, or -1.  If `to` is given, append what is good to
 * it, and complain of the rest. */
static int64_t walk(struct repair *r, const char *path, const struct bytes *b, const char *probe,
		    decodes_fn *decodes, const char *to)
{
	int64_t bad = 0;
	size_t off = 0, n;

	while (off < b->n) {
		bool good;

		n = packet_at(b, off);
		good = n && (!decodes || packet_decodes(probe, b, off, n, decodes));
		if (!n)
			n = next_packet(b, off) - off;
		if (!good) {
			bad += (int64_t)n;
			if (to)
				complain(r, "%s: damaged: %zu bytes from offset %zu are left out",
					 path, n, off);
		} else if (to && copy_bytes(to, b->at + off, n, O_APPEND) < 0) {
			return -1;
		}
		off += n;
	}
	return bad;
}

static int64_t bad_bytes(struct repair *r, const char *trace, const char *name, const char *probe,
			 decodes_fn *decodes)
{
	char *path = join(trace, name);
	struct bytes b;
	int64_t bad = map_file(&b, path);

	if (!bad)
		bad = walk(r, path, &b, probe, decodes, NULL);
	unmap_file(&b);
	free(path);
	return bad;
}

static int copy_good(struct repair *r, const char *trace, const char *name, const char *probe,
		     decodes_fn *decodes)
{
	char *path = join(trace, name), *to = add_file(r, name);
	struct bytes b;
	int err = map_file(&b, path);

	if (!err)
		err = walk(r, path, &b, probe, decodes, to) < 0 ? -1 : 0;
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

static int make_copy(struct repair *r, const char *trace, struct dirent **names, int n,
		     const bool *bad, const char *probe, decodes_fn *decodes)
{
	int err;

	r->dir = temp_dir();
	if (!r->dir)
		return -1;
	err = link_file(r, trace, "metadata");
	for (int i = 0; !err && i < n; i++)
		err = bad[i] ? copy_good(r, trace, names[i]->d_name, probe, decodes)
			     : link_file(r, trace, names[i]->d_name);
	return err;
}

static int repair(struct repair *r, const char *trace, decodes_fn *decodes)
{
	struct repair probe = {0}; /* a trace of one packet, to test it */
	struct dirent **names = NULL;
	bool *bad = NULL, any = false;
	int n = 0, err = 0;

	if (!is_lttng(trace))
		return 0;
	n = scandir(trace, &names, is_stream, alphasort);
	if (n < 0)
		return error("cannot read %s: %s", trace, strerror(errno));
	bad = need((size_t)n + 1);
	if (decodes) {
		probe.dir = temp_dir();
		err = probe.dir ? link_file(&probe, trace, "metadata") : -1;
		if (!err && !decodes(probe.dir)) {
			complain(r, "%s/metadata: damaged: nothing of this trace can be read",
				 trace);
			r->unreadable = true;
		}
		if (!err)
			add_file(&probe, "stream");
	}
	for (int i = 0; !err && !r->unreadable && i < n; i++) {
		int64_t bytes = bad_bytes(r, trace, names[i]->d_name, probe.dir, decodes);

		err = bytes < 0 ? -1 : 0;
		bad[i] = bytes > 0;
		any |= bad[i];
	}
	if (!err && any)
		err = make_copy(r, trace, names, n, bad, probe.dir, decodes);
	repair_free(&probe);
	for (int i = 0; i < n; i++)
		free(names[i]);
	free(names);
	free(bad);
	return err;
}

int repair_headers(struct repair *r, const char *trace)
{
	return repair(r, trace, NULL);
}

int repair_packets(struct repair *r, const char *trace, bool (*decodes)(const char *dir))
{
	repair_free(r);
	return repair(r, trace, decodes);
}
