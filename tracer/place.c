/* SPDX-License-Identifier: MIT */
#define _GNU_SOURCE
#include "place.h"
#include "counts_form.h"
#include "error.h"
#include "files.h"

#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/statvfs.h>
#include <unistd.h>

/* The daemon makes sockets below, whose paths may have 107 characters. */
enum { BASE_MAX = 70 };

void place_names(struct keeper *k)
{
	snprintf(k->plan.trace, sizeof k->plan.trace, "%s/trace", k->base);
	snprintf(k->plan.shm, sizeof k->plan.shm, "%s/shm", k->base);
	snprintf(k->recovered, sizeof k->recovered, "%s/recovered", k->base);
	snprintf(k->left, sizeof k->left, "%s/left", k->base);
	snprintf(k->counts, sizeof k->counts, "%s/threads" COUNTS_SUFFIX, k->base);
}

int place_give(const char *path)
{
	return geteuid() == 0 ? lchown(path, OTHER_UID, OTHER_UID) : 0;
}

/* Whether the daemon will be able to use the directory. */
static bool reachable(const char *path)
{
	bool yes;

	if (geteuid() != 0 || seteuid(OTHER_UID) < 0)
		return true;
	yes = faccessat(AT_FDCWD, path, W_OK | X_OK, AT_EACCESS) == 0;
	if (seteuid(0) < 0)
		die("cannot become root again: %s", strerror(errno));
	return yes;
}

/* Make the private directory in `dir`: what lttng_size() says of the room there, or -1. */
static int try(struct keeper *k, const char *dir)
{
	struct statvfs fs;
	int fits;

	if (!dir || *dir != '/' || strlen(dir) + strlen("/weft-XXXXXX") > BASE_MAX ||
	    statvfs(dir, &fs) < 0)
		return -1;
	fits = lttng_size(&k->plan, fs.f_bavail * fs.f_frsize);
	snprintf(k->base, sizeof k->base, "%s/weft-XXXXXX", dir);
	if (fits < 0 || !mkdtemp(k->base))
		return -1;
	if (place_give(k->base) == 0 && reachable(k->base))
		return fits;
	rmdir(k->base);
	return -1;
}

int place_make(struct keeper *k)
{
	const char *dirs[] = {getenv("TMPDIR"), "/tmp", "/var/tmp"};
	int fits;

	for (int ample = 1; ample >= 0; ample--) {
		for (int i = 0; i < 3; i++) {
			fits = try(k, dirs[i]);
			if (fits < 0)
				continue;
			if (fits >= ample)
				goto found;
			rmdir(k->base);
		}
	}
	return error("no room for a trace in /tmp or /var/tmp: set TMPDIR to a directory with "
		     "some hundred MiB left and a name of at most %d characters",
		     BASE_MAX - (int)strlen("/weft-XXXXXX"));
found:
	if (fits == 0)
		note("little room in %s: buffers of %llu KiB, so %s (TMPDIR can name another "
		     "directory)",
		     k->base, (unsigned long long)(lttng_bytes(&k->plan) >> 10),
		     k->plan.lossless ? "the program may have to wait for them"
				      : "events may be lost");
	place_names(k);
	return 0;
}

/* As root, with the rights of the one who could have put something there. */
void place_remove(struct keeper *k)
{
	bool other;

	if (!*k->base)
		return;
	other = geteuid() == 0 && seteuid(OTHER_UID) == 0;
	remove_tree(k->base);
	if (other && seteuid(0) < 0)
		die("cannot become root again: %s", strerror(errno));
	rmdir(k->base);
}
