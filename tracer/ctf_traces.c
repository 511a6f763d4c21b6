/* SPDX-License-Identifier: MIT */
/* The traces below directories, and what is wrong with them. */
#define _GNU_SOURCE
#include "ctf_traces.h"
#include "error.h"
#include "guard.h"
#include "hash.h"
#include "packed_form.h"

#include <errno.h>
#include <fts.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

static void add_trace(struct ctf *c, const char *dir)
{
	c->traces = realloc(c->traces, (size_t)(c->n + 1) * sizeof *c->traces);
	if (!c->traces)
		die("no memory");
	c->traces[c->n++] = (struct trace){.dir = need_text(dir)};
}

static void add_path(struct paths *p, const char *path)
{
	p->path = realloc(p->path, (size_t)(p->n + 1) * sizeof *p->path);
	if (!p->path)
		die("no memory");
	p->path[p->n++] = need_text(path);
}

static void free_paths(struct paths *p)
{
	for (int i = 0; i < p->n; i++)
		free(p->path[i]);
	free(p->path);
}

static bool ends_in(const FTSENT *e, const char *suffix)
{
	size_t n = strlen(suffix);

	return e->fts_info == FTS_F && e->fts_namelen > n &&
	       !strcmp(e->fts_name + e->fts_namelen - n, suffix);
}

static int no_trace(const char *path)
{
	return error("%s: there is no CTF trace in this directory or below it (no file called "
		     "metadata)",
		     path);
}

/* A trace is a directory with a file called metadata. */
static int find_traces(struct ctf *c, const char *path)
{
	char *const roots[] = {(char *)path, NULL};
	FTS *fts = fts_open(roots, FTS_LOGICAL | FTS_NOCHDIR, NULL);
	int before = c->n + c->lefts.n + c->counts.n, err = 0;
	FTSENT *e;

	if (!fts)
		return error("%s: %s", path, strerror(errno));
	while (!err && (e = fts_read(fts))) {
		c->bytes += e->fts_info == FTS_F ? (uint64_t)e->fts_statp->st_size : 0;
		if (e->fts_info == FTS_F && !strcmp(e->fts_name, "metadata") && e->fts_level > 0) {
			char *dir = need_text(e->fts_path);

			*strrchr(dir, '/') = '\0';
			add_trace(c, dir);
			free(dir);
		} else if (ends_in(e, PACKED_SUFFIX)) {
			add_path(&c->lefts, e->fts_path);
		} else if (ends_in(e, COUNTS_SUFFIX)) {
			add_path(&c->counts, e->fts_path);
		} else if (e->fts_info == FTS_NS || e->fts_info == FTS_ERR ||
			   e->fts_info == FTS_DNR) {
			err = error("%s: %s", e->fts_path, strerror(e->fts_errno));
		} else if (e->fts_level == 0 && e->fts_info != FTS_D && e->fts_info != FTS_DP) {
			err = error("%s is not a directory, nor does its name end in .trace", path);
		}
	}
	fts_close(fts);
	return !err && c->n + c->lefts.n + c->counts.n == before ? no_trace(path) : err;
}

static int need_readable(const struct ctf *c)
{
	for (int i = 0; i < c->n; i++)
		if (!c->traces[i].repair.unreadable)
			return 0;
	return error("%s: nothing in it can be read", c->traces[0].dir);
}

int repair_all(struct ctf *c)
{
	c->repaired = true;
	note("the trace is damaged; looking into each of its packets");
	for (int i = 0; i < c->n; i++)
		if (repair_packets(&c->traces[i].repair, c->traces[i].dir, count_events) < 0)
			return -1;
	return need_readable(c);
}

struct ctf *ctf_open(char *const *dirs, int ndirs, bool careful)
{
	struct ctf *c = need(sizeof *c);
	int err = 0;

	if (!fs_class() || !muxer_class())
		err = error(
			"the plugins of babeltrace2 are missing: install the package babeltrace2");
	for (int i = 0; !err && i < ndirs; i++)
		err = find_traces(c, dirs[i]);
	if (!err && !c->n)
		err = no_trace(dirs[0]);
	guard_memory(c->bytes);
	for (int i = 0; !err && i < c->n; i++)
		repair_metadata(&c->traces[i].repair, c->traces[i].dir);
	for (int i = 0; !err && i < c->n; i++)
		repair_streams(&c->traces[i].repair, c->traces[i].dir);
	if (!err)
		err = need_readable(c);
	if (!err && careful)
		err = repair_all(c);
	for (int i = 0; !err && i < c->n && !c->repaired; i++)
		if (!c->traces[i].repair.unreadable &&
		    !repair_headers_right(c->traces[i].dir, &c->last))
			err = repair_all(c);
	if (!err)
		return c;
	ctf_close(c);
	return NULL;
}

void ctf_close(struct ctf *c)
{
	for (int i = 0; i < c->n; i++) {
		repair_free(&c->traces[i].repair);
		free(c->traces[i].dir);
	}
	free_paths(&c->lefts);
	free_paths(&c->counts);
	free(c->traces);
	free(c);
}

struct counted {
	struct thread_count *threads; /* NULL: damaged */
	size_t n;
};

static bool is_copy(const struct counted *a, const struct counted *b)
{
	return a->threads && b->threads && a->n == b->n &&
	       !memcmp(a->threads, b->threads, a->n * sizeof *a->threads);
}

bool read_counts(const struct paths *files, struct origins *os)
{
	struct counted *c = need((size_t)(files->n + 1) * sizeof *c);
	bool any = false;

	for (int i = 0; i < files->n; i++) {
		bool known = false;

		c[i].threads = counts_read(files->path[i], &c[i].n);
		for (int j = 0; j < i && !known; j++)
			known = is_copy(&c[i], &c[j]);
		if (c[i].threads && !known)
			origins_counted(os, c[i].threads, c[i].n);
		any |= c[i].threads != NULL;
	}
	for (int i = 0; i < files->n; i++)
		free(c[i].threads);
	free(c);
	return any;
}

void give_complaints(const struct ctf *c, const struct ctf_sink *sink)
{
	struct thread_count *threads;
	char what[512];
	size_t n;

	for (int i = 0; i < c->n; i++)
		for (int j = 0; j < c->traces[i].repair.ncomplaints; j++)
			sink->complaint(sink->arg, c->traces[i].repair.complaints[j]);
	for (int i = 0; i < c->counts.n; i++) {
		threads = counts_read(c->counts.path[i], &n);
		if (!threads) {
			snprintf(what, sizeof what,
				 "%s: %s: what threads lost after their last event is not "
				 "known",
				 c->counts.path[i], errno ? strerror(errno) : "damaged");
			note("%s", what);
			sink->complaint(sink->arg, what);
		}
		free(threads);
	}
}
