/* SPDX-License-Identifier: MIT */
#define _GNU_SOURCE
#include "save.h"
#include "cleanup.h"
#include "db.h"
#include "error.h"
#include "format.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static int cannot(const char *path)
{
	return error("cannot write %s: %s", path, strerror(errno));
}

int save_begin(struct save *s, const char *path)
{
	struct stat st;
	bool exists;
	int fd;

	*s = (struct save){.path = path, .real = realpath(path, NULL)};
	exists = stat(path, &st) == 0;
	if (exists && db_is_read(&st)) {
		free(s->real);
		return error("cannot write %s: it is the database that is read", path);
	}
	if (!exists && lstat(path, &st) == 0)
		return error("cannot write %s: it is a link to what is not there", path);
	if (exists && (!S_ISREG(st.st_mode) || !s->real)) { // a pipe has no path, as in /dev/stdout
		if (S_ISDIR(st.st_mode))
			errno = EISDIR;
		fd = S_ISDIR(st.st_mode) ? -1 : open(path, O_WRONLY | O_CLOEXEC);
	} else {
		s->temporary = format_text("%s.XXXXXX", s->real ? s->real : path);
		fd = mkostemp(s->temporary, O_CLOEXEC);
		if (fd >= 0)
			cleanup_add(s->temporary);
	}
	if (fd < 0) {
		if (errno == EISDIR)
			error("cannot write %s: it is a directory", path);
		else
			cannot(path);
		free(s->temporary);
		free(s->real);
		return -1;
	}
	s->f = fdopen(fd, "w");
	if (!s->f)
		die("out of memory");
	return 0;
}

/* With the rights that a new file has. */
static bool moved(struct save *s)
{
	mode_t mask = umask(0);
	int fd = fileno(s->f);

	umask(mask);
	return fchmod(fd, 0666 & ~mask) == 0 && fsync(fd) == 0 &&
	       rename(s->temporary, s->real ? s->real : s->path) == 0;
}

int save_end(struct save *s, bool good)
{
	bool whole = good && !ferror(s->f) && fflush(s->f) == 0 && (!s->temporary || moved(s));

	if (good && !whole)
		cannot(s->path);
	if (s->temporary)
		cleanup_done(s->temporary, whole);
	if (fclose(s->f) != 0 && whole)
		whole = false, cannot(s->path);
	free(s->temporary);
	free(s->real);
	return whole ? 0 : -1;
}
