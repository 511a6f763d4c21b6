/* SPDX-License-Identifier: MIT */
#define _GNU_SOURCE
#include "counts.h"
#include "hash.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/uio.h>
#include <unistd.h>

/* Threads of a recording; 4 MiB.  What is not touched stays as it is on the disk. */
enum { ROOM = 65535 };

int counts_make(const char *path)
{
	const struct counts head = {.magic = COUNTS_MAGIC, .room = ROOM};
	int fd = open(path, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0600), err;

	if (fd < 0)
		return -1;
	err = posix_fallocate(fd, 0, sizeof head + ROOM * sizeof *head.thread);
	if (!err && write(fd, &head, sizeof head) != sizeof head)
		err = errno;
	close(fd);
	errno = err;
	return err ? -1 : 0;
}

int counts_write(const char *path, const struct thread_count *threads, size_t n)
{
	struct counts head = {.magic = COUNTS_MAGIC, .room = (uint32_t)n, .used = (uint32_t)n};
	struct iovec parts[] = {{&head, sizeof head}, {(void *)threads, n * sizeof *threads}};
	int fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0666);
	ssize_t done;

	if (fd < 0)
		return -1;
	errno = ENOSPC;
	done = writev(fd, parts, 2);
	close(fd);
	return done == (ssize_t)(parts[0].iov_len + parts[1].iov_len) ? 0 : -1;
}

/* The slots in use, or NULL. */
static struct thread_count *take_slots(const struct counts *c, size_t size, size_t *n)
{
	size_t used = c->used < c->room ? c->used : c->room;
	struct thread_count *threads;

	if (c->magic != COUNTS_MAGIC || used > (size - sizeof *c) / sizeof *threads)
		return NULL;
	threads = need((used + 1) * sizeof *threads);
	for (size_t i = 0; i < used; i++) {
		const struct thread_count *t = &c->thread[i];
		uint32_t events = t->ended ? t->ended - 1 : t->events;

		if (events)
			threads[(*n)++] = (struct thread_count){.pid = t->pid,
								.m = t->m,
								.events = events,
								.ended = t->ended,
								.program = t->program};
	}
	return threads;
}

struct thread_count *counts_read(const char *path, size_t *n)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
	struct thread_count *threads = NULL;
	struct counts *c = MAP_FAILED;
	struct stat st;

	*n = 0;
	if (fd < 0)
		return NULL;
	errno = 0;
	if (fstat(fd, &st) == 0 && st.st_size >= (off_t)sizeof *c)
		c = mmap(NULL, (size_t)st.st_size, PROT_READ, MAP_SHARED, fd, 0);
	close(fd);
	if (c == MAP_FAILED)
		return NULL;
	threads = take_slots(c, (size_t)st.st_size, n);
	munmap(c, (size_t)st.st_size);
	return threads;
}
