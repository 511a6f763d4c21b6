/* SPDX-License-Identifier: MIT */
/* The files in which there is what packed programs have not written. */
#define _GNU_SOURCE
#include "error.h"
#include "packed.h"
#include "packed_form.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* A program that is killed before it begins one, or finds no room for it, leaves zeros, or less. */
int packed_file_read(const char *path, struct packed_left *l)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
	ssize_t n;

	*l = (struct packed_left){0};
	if (fd < 0)
		return -1;
	n = read(fd, l, sizeof *l);
	close(fd);
	if (n < 0)
		return -1;
	errno = 0;
	if (!l->used && (!l->magic || l->magic == PACKED_MAGIC))
		return 0;
	return n == sizeof *l && l->magic == PACKED_MAGIC && l->used <= PACKED_DATA ? 1 : -1;
}

static void each_left(const char *dir, void (*fn)(const char *path, void *arg), void *arg)
{
	DIR *d = opendir(dir);
	struct dirent *e;

	while (d && (e = readdir(d))) {
		size_t n = strlen(e->d_name), suffix = strlen(PACKED_SUFFIX);
		char *path;

		if (n < suffix || strcmp(e->d_name + n - suffix, PACKED_SUFFIX) != 0)
			continue;
		if (asprintf(&path, "%s/%s", dir, e->d_name) < 0)
			die("no memory");
		fn(path, arg);
		free(path);
	}
	if (d)
		closedir(d);
}

static void prune(const char *path, void *arg)
{
	struct packed_left l;

	(void)arg;
	if (packed_file_read(path, &l) == 0)
		unlink(path);
}

void packed_prune(const char *dir)
{
	each_left(dir, prune, NULL);
}

/* What was read is of one block if the file has that block afterwards, too. */
static bool read_whole(const char *path, struct packed_left *l)
{
	enum { TRIES = 100 };
	struct packed_left after;

	for (int i = 0; i < TRIES; i++)
		if (packed_file_read(path, l) > 0 && packed_file_read(path, &after) > 0 &&
		    after.seq == l->seq && after.raw == l->raw)
			return true;
	return false; // it is empty, at least most of the time: what was in it is written
}

static void copy(const char *path, void *to)
{
	struct packed_left l;
	char *name;
	int fd;

	if (!read_whole(path, &l))
		return;
	if (asprintf(&name, "%s%s", (const char *)to, strrchr(path, '/')) < 0)
		die("no memory");
	fd = open(name, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
	if (fd >= 0 && write(fd, &l, sizeof l) != sizeof l)
		unlink(name); // the events in it are missed
	if (fd >= 0)
		close(fd);
	free(name);
}

void packed_copy(const char *dir, const char *to)
{
	each_left(dir, copy, (void *)to);
}
