/* SPDX-License-Identifier: MIT */
/* Copies of what can be read of damaged traces. */
#define _GNU_SOURCE
#include "repair.h"
#include "cleanup.h"
#include "error.h"
#include "files.h"
#include "hash.h"
#include "metadata.h"
#include "packet.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <fts.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

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
	size_t whole = (content + PACKET_PAGE - 1) / PACKET_PAGE * PACKET_PAGE;
	struct bytes cut = {need(whole), whole};
	int err;

	memcpy(cut.at, b->at + off, content);
	packet_set(&cut, 0, PACKET_CONTENT, content * 8);
	packet_set(&cut, 0, PACKET_SIZE, whole * 8);
	err = copy_bytes(to, cut.at, whole, flags);
	free(cut.at);
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
	size_t low = PACKET_HEADER, high = n, middle;
	uint64_t content;
	int64_t most;

	if (!packet_begins(b, off) || !packet_get(b, off, PACKET_BEGIN))
		return 0;
	content = packet_get(b, off, PACKET_CONTENT) / 8;
	if (content >= PACKET_HEADER && content < high)
		high = content;
	most = events_begun(p, b, off, high);
	if (!most) // the case that there is most of
		return 0;
	while (low < high) {
		middle = low + (high - low) / 2;
		if (events_begun(p, b, off, middle) >= most)
			high = middle;
		else
			low = middle + 1;
	}
	high -= high > PACKET_HEADER;
	return events_in(p, b, off, high) > 0 ? high : 0;
}

static bool whole_decodes(const struct probe *p, const struct bytes *b, size_t off, size_t n)
{
	progress("looking into %zu of %zu bytes", off, b->n);
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

static bool is_readable(const char *path, const char **why)
{
	int fd = open_file(path, why);

	if (fd >= 0)
		close(fd);
	return fd >= 0;
}

/* Copy a file packet by packet, if there is anything wrong with it; else only link to it. */
static int repair_file(struct repair *r, const char *trace, const char *name, const struct probe *p)
{
	char *path = join(trace, name), *to = NULL;
	size_t off = 0, n = 0;
	const char *why;
	struct bytes b;
	bool bad;
	int err;

	if (!is_readable(path, &why)) { // that was said
		free(path);
		return 0;
	}
	err = map_file(&b, path);
	bad = !err && packets_mend_times(&b);
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
			n = n ? n : packet_after(&b, off) - off;
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

static bool is_of(const char *path, mode_t type)
{
	struct stat st;

	return stat(path, &st) == 0 && (st.st_mode & S_IFMT) == type;
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

static bool headers_right(const char *trace, const char *name, uint64_t *last)
{
	char *path = join(trace, name);
	struct bytes b = {0};
	const char *why;
	bool right = true;

	if (is_of(path, S_IFREG)) // what is no file babeltrace2 passes over
		right = is_readable(path, &why) && map_file(&b, path) == 0 && packets_right(&b, last);
	unmap_file(&b);
	free(path);
	return right;
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

static uint64_t cut_end(const char *path)
{
	struct bytes b;
	uint64_t cut = 0;
	size_t end;

	if (map_file(&b, path) < 0)
		return 0;
	end = packets_whole_end(&b);
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

/* babeltrace2 would wait for ever for what a pipe has to say. */
static bool may_be_opened(struct repair *r, const char *dir, const char *name)
{
	char *path = join(dir, name);
	struct stat st;
	bool may = stat(path, &st) < 0 || S_ISREG(st.st_mode) || S_ISDIR(st.st_mode);

	if (!may)
		complain(r, "%s: not a file: nothing of this trace is read", path);
	free(path);
	return may;
}

static void look_at_streams(struct repair *r, const char *trace)
{
	struct dirent **names;
	int n = scandir(trace, &names, is_stream, alphasort);

	for (int i = 0; i < n; i++) {
		char *path = join(trace, names[i]->d_name);
		const char *why;

		if (!is_of(path, S_IFDIR) && !is_readable(path, &why))
			complain(r, "%s: %s: its events are missing", path, why);
		free(path);
	}
	free_names(names, n);
}

static void look_at_indexes(struct repair *r, const char *trace)
{
	char *index = join(trace, "index");
	struct dirent **names;
	struct stat st;
	int n = scandir(index, &names, is_stream, alphasort);

	for (int i = 0; i < n; i++) {
		size_t len = strlen(names[i]->d_name);
		char *path = join(trace, names[i]->d_name);

		r->unreadable |= !may_be_opened(r, index, names[i]->d_name);
		if (len > 4 && !strcmp(names[i]->d_name + len - 4, ".idx")) {
			path[strlen(path) - 4] = '\0';
			if (lstat(path, &st) < 0)
				complain(r,
					 "%s: %s, though it has an index: its events are missing",
					 path, strerror(errno));
		}
		free(path);
	}
	free_names(names, n);
	free(index);
}

void repair_streams(struct repair *r, const char *trace)
{
	look_at_streams(r, trace);
	look_at_indexes(r, trace);
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
