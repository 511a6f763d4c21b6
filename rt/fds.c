/* SPDX-License-Identifier: MIT */
/* libweft-fds.so, preloaded by weft record: the program does not close descriptors of LTTng's.
 *
 * LTTng has some in the program, and writes into them; one that is closed gets another file soon,
 * and LTTng's bytes go into that.  A program that closes whatever is open, as daemons do, knows
 * nothing of them.  So to what closes they are not open.
 *
 * Programs without probes have this too, and there it only passes on.  What it does is allowed in
 * signal handlers, and in a child that has its parent's memory, as it is in the functions that it
 * replaces.
 */
#define _GNU_SOURCE
#include "fds.h"

#include <dirent.h>
#include <dlfcn.h>
#include <fcntl.h>
#include <limits.h>
#include <linux/close_range.h>
#include <sched.h>
#include <stddef.h>
#include <unistd.h>

#define EXPORTED __attribute__((visibility("default")))

static weft_fds_close_fn *keep; // NULL: there are none
static int (*next_close)(int);
static int (*next_close_range)(unsigned, unsigned, int);
static void (*next_closefrom)(int);

/* Another library's constructor may close something before ours has run. */
__attribute__((constructor)) static void find_next(void)
{
	next_close = (int (*)(int))dlsym(RTLD_NEXT, "close");
	next_close_range = (int (*)(unsigned, unsigned, int))dlsym(RTLD_NEXT, "close_range");
	next_closefrom = (void (*)(int))dlsym(RTLD_NEXT, "closefrom");
}

EXPORTED void weft_fds_keep(weft_fds_close_fn *fn)
{
	keep = fn;
}

EXPORTED int close(int fd)
{
	if (!next_close)
		find_next();
	return keep ? keep(fd, next_close) : next_close(fd);
}

/* The number that a name has, or -1. */
static int number(const char *name)
{
	int n = *name ? 0 : -1;

	for (; n >= 0 && *name; name++)
		n = *name >= '0' && *name <= '9' ? 10 * n + *name - '0' : -1;
	return n;
}

/* Each that is open.  They are listed in the order of their numbers, so that closing one leaves
 * none out. */
static void close_each(unsigned first, unsigned last)
{
	int dir = open("/proc/thread-self/fd", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	_Alignas(struct dirent64) char buf[1024];
	unsigned all = (unsigned)sysconf(_SC_OPEN_MAX);
	ssize_t n;

	if (dir < 0) { // no room for another, or no /proc: all that may be open
		for (unsigned fd = first; fd <= last && fd < all; fd++)
			close((int)fd);
		return;
	}
	while ((n = getdents64(dir, buf, sizeof buf)) > 0)
		for (char *at = buf; at < buf + n;) {
			struct dirent64 *d = (struct dirent64 *)at;
			int fd = number(d->d_name);

			at += d->d_reclen;
			if (fd >= 0 && fd != dir && (unsigned)fd >= first && (unsigned)fd <= last)
				close(fd);
		}
	next_close(dir);
}

EXPORTED int close_range(unsigned first, unsigned last, int flags)
{
	if (!next_close_range)
		find_next();
	if (!keep || flags & ~CLOSE_RANGE_UNSHARE || first > last)
		return next_close_range(first, last, flags);
	if (flags && unshare(CLONE_FILES) < 0)
		return -1;
	close_each(first, last);
	return 0;
}

EXPORTED void closefrom(int first)
{
	if (!next_closefrom)
		find_next();
	if (keep)
		close_each(first < 0 ? 0 : (unsigned)first, UINT_MAX);
	else
		next_closefrom(first);
}
