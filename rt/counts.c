/* SPDX-License-Identifier: MIT */
/* Slots for the counts of threads, in the recorder's file; see counts_form.h.
 *
 * The file has all of its room on the disk already, so a store there cannot fail.  A forked child
 * has the same memory, and takes slots of its own.
 */
#define _GNU_SOURCE
#include "counts.h"

#ifndef WEFT_NO_TRACE

#include <fcntl.h>
#include <stddef.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

static struct counts *counts; // NULL: there is no file

void rt_counts_open(void)
{
	const char *path = secure_getenv("WEFT_TRACE_COUNTS");
	int fd = path ? open(path, O_RDWR | O_CLOEXEC | O_NOFOLLOW) : -1;
	struct counts *c = MAP_FAILED;
	struct stat st;
	size_t size = 0;

	if (fd >= 0 && fstat(fd, &st) == 0 && st.st_size >= (off_t)sizeof *c) {
		size = (size_t)st.st_size;
		c = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	}
	if (fd >= 0)
		close(fd);
	if (c == MAP_FAILED)
		return;
	if (c->magic == COUNTS_MAGIC && c->room <= (size - sizeof *c) / sizeof *c->thread)
		counts = c;
	else
		munmap(c, size);
}

struct thread_count *rt_counts_take(void)
{
	struct thread_count *t;
	uint32_t i;

	if (!counts)
		return NULL;
	i = __atomic_fetch_add(&counts->used, 1, __ATOMIC_RELAXED);
	if (i >= counts->room)
		return NULL;
	t = &counts->thread[i];
	t->pid = (uint32_t)getpid();
	t->m = (uint32_t)gettid();
	return t;
}

#endif
