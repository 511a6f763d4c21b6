/* SPDX-License-Identifier: MIT */
/* A process that was recorded, and has not called exit(), has numbered events.  It goes on if it still has the file
 * in memory.  Its process id alone would not tell: it may be another's by now, or be that of a pid namespace.
 */
#define _GNU_SOURCE
#include "remaining.h"
#include "counts.h"
#include "error.h"
#include "packed.h"
#include "place.h"
#include "procs.h"

#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

struct search {
	const struct remaining *r;
	const char *file; /* its name, with that of its directory, which no other has */
	pid_t first; /* 0: none */
	char comm[PROCESS_NAME];
	int more;
};

static bool has_in_memory(pid_t pid, const char *file)
{
	char path[64], *line = NULL;
	size_t size = 0;
	bool has = false;
	FILE *f;

	snprintf(path, sizeof path, "/proc/%d/maps", pid);
	f = fopen(path, "re");
	while (f && !has && getline(&line, &size, f) > 0)
		has = strstr(line, file);
	free(line);
	if (f)
		fclose(f);
	return has;
}

/* As the process sees it itself. */
static uint32_t own_pid(pid_t pid)
{
	char path[64], line[512], *last;
	uint32_t own = (uint32_t)pid;
	FILE *f;

	snprintf(path, sizeof path, "/proc/%d/status", pid);
	f = fopen(path, "re");
	while (f && fgets(line, sizeof line, f))
		if (strncmp(line, "NSpid:", 6) == 0 && (last = strrchr(line, '\t')))
			own = (uint32_t)atoi(last);
	if (f)
		fclose(f);
	return own;
}

static bool is_recorded(const struct remaining *r, uint32_t own)
{
	for (size_t i = 0; i < r->nthreads; i++)
		if (r->threads[i].pid == own && !r->threads[i].ended)
			return true;
	return false;
}

static void look_at(void *arg, pid_t pid, pid_t parent, const char *comm)
{
	struct search *s = arg;

	(void)parent;
	if (!has_in_memory(pid, s->file) || !is_recorded(s->r, own_pid(pid)))
		return;
	s->more += s->first != 0;
	if (s->first)
		return;
	s->first = pid;
	snprintf(s->comm, sizeof s->comm, "%s", comm);
}

void remaining_find(struct remaining *r, const char *counts)
{
	const char *name = strrchr(counts, '/');
	struct search s = {.r = r, .file = memrchr(counts, '/', (size_t)(name - counts))};
	char more[64] = "";
	bool any = false;

	r->what = NULL;
	r->threads = counts_read(counts, &r->nthreads);
	for (size_t i = 0; i < r->nthreads; i++)
		any |= !r->threads[i].ended;
	if (any)
		each_process(look_at, &s);
	if (s.more)
		snprintf(more, sizeof more, ", and %d more,", s.more);
	if (s.first && asprintf(&r->what,
				"process %d (%s)%s went on after the program had ended; what it did then is not "
				"recorded",
				s.first, s.comm, more) < 0)
		die("no memory");
}

char *remaining_copy(const struct remaining *r, const char *left)
{
	char *to, *counts;

	if (asprintf(&to, "%s.copy", left) < 0 || asprintf(&counts, "%s/threads" COUNTS_SUFFIX, to) < 0)
		die("no memory");
	if (mkdir(to, 0700) < 0 || place_give(to) < 0 || counts_write(counts, r->threads, r->nthreads) < 0) {
		error("cannot write %s: %s", counts, strerror(errno));
		free(to);
		to = NULL;
	} else {
		packed_copy(left, to);
	}
	free(counts);
	return to;
}

void remaining_free(struct remaining *r)
{
	free(r->what);
	free(r->threads);
}
