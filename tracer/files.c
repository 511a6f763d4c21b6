/* SPDX-License-Identifier: MIT */
#define _GNU_SOURCE
#include "files.h"
#include "error.h"

#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/sendfile.h>
#include <sys/stat.h>
#include <unistd.h>

static int remove_entry(const char *path, const struct stat *st, int type, struct FTW *ftw)
{
	(void)st, (void)type, (void)ftw;
	remove(path);
	return 0;
}

void remove_tree(const char *path)
{
	nftw(path, remove_entry, 16, FTW_DEPTH | FTW_PHYS | FTW_MOUNT);
}

static int own_entry(const char *path, const struct stat *st, int type, struct FTW *ftw)
{
	(void)type, (void)ftw;
	if (st->st_uid != geteuid() && lchown(path, geteuid(), getegid()) < 0)
		return error("cannot become the owner of %s: %s", path, strerror(errno));
	return 0;
}

static int copy_file(const char *from, const char *to, off_t size)
{
	int in = open(from, O_RDONLY | O_NOFOLLOW | O_CLOEXEC), out = -1, ret = -1;
	ssize_t n;

	if (in < 0) {
		error("cannot read %s: %s", from, strerror(errno));
		goto out;
	}
	out = open(to, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0666);
	for (n = out; size > 0 && n >= 0; size -= n) {
		n = sendfile(out, in, NULL, (size_t)size);
		if (n == 0)
			break;
	}
	ret = n < 0 ? error("cannot write %s: %s", to, strerror(errno)) : 0;
out:
	if (in >= 0)
		close(in);
	if (out >= 0)
		close(out);
	return ret;
}

/* nftw() has no room for an argument: where the copy begins, and what it is called there. */
static const char *copy_from, *copy_to;

static int copy_entry(const char *path, const struct stat *st, int type, struct FTW *ftw)
{
	char *to;
	int ret = 0;

	(void)ftw;
	if (asprintf(&to, "%s%s", copy_to, path + strlen(copy_from)) < 0)
		die("no memory");
	if (type == FTW_D && mkdir(to, 0777) < 0)
		ret = error("cannot create %s: %s", to, strerror(errno));
	else if (type == FTW_F && S_ISREG(st->st_mode))
		ret = copy_file(path, to, st->st_size);
	free(to);
	return ret;
}

int move_tree(const char *from, const char *to)
{
	if (rename(from, to) == 0)
		return nftw(to, own_entry, 16, FTW_PHYS);
	if (errno != EXDEV)
		return error("cannot move %s to %s: %s", from, to, strerror(errno));
	copy_from = from;
	copy_to = to;
	if (nftw(from, copy_entry, 16, FTW_PHYS) != 0)
		return -1;
	remove_tree(from);
	return 0;
}

static sighandler_t before; // of SIGXFSZ

void file_limit_fails(void)
{
	before = signal(SIGXFSZ, SIG_IGN);
}

void file_limit_restore(void)
{
	signal(SIGXFSZ, before);
}

int open_file(const char *path, const char **why)
{
	int fd = open(path, O_RDONLY | O_NONBLOCK | O_CLOEXEC);
	struct stat st;

	if (fd < 0 || fstat(fd, &st) < 0)
		*why = strerror(errno);
	else if (!S_ISREG(st.st_mode))
		*why = "it is not a file";
	else
		return fd;
	if (fd >= 0)
		close(fd);
	return -1;
}

int temporary_file(const char *dir)
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

char *directory_of(const char *path)
{
	const char *slash = strrchr(path, '/');
	char *dir = !slash	    ? strdup(".")
		    : slash == path ? strdup("/")
				    : strndup(path, (size_t)(slash - path));

	if (!dir)
		die("no memory");
	return dir;
}

bool file_is_in(const char *file, const char *path)
{
	char *dir = directory_of(file), *at = realpath(file, NULL), *from = realpath(path, NULL);
	size_t n = from ? strlen(from) : 0;
	bool in;

	if (!at)
		at = realpath(dir, NULL);
	in = at && from && strncmp(at, from, n) == 0 && (!at[n] || at[n] == '/' || n == 1);
	free(dir);
	free(at);
	free(from);
	return in;
}
