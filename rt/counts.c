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
#include <stdbool.h>
#include <stddef.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

static struct counts *counts; // NULL: there is no file
static uint32_t program;      // our number; a forked child has it, too
static bool ending;	      // exit() was called

uint32_t rt_counts_open(void)
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
		return 0;
	if (c->magic != COUNTS_MAGIC || c->room > (size - sizeof *c) / sizeof *c->thread) {
		munmap(c, size);
		return 0;
	}
	counts = c;
	program = __atomic_add_fetch(&c->programs, 1, __ATOMIC_RELAXED);
	return program;
}

/* What another thread has just numbered is written in a moment, unless the thread has been stopped.  This one
 * may have been interrupted in the middle of an event. */
static void await_written(const struct thread_count *t)
{
	const struct timespec ms = {0, 1000 * 1000};
	enum { WAIT_MS = 1000 };
	uint32_t numbered = t->ended - 1;

	if (t->m == (uint32_t)gettid())
		return;
	for (int i = 0; i < WAIT_MS; i++) {
		if ((int32_t)(numbered - __atomic_load_n(&t->written, __ATOMIC_ACQUIRE)) <= 0)
			return;
		nanosleep(&ms, NULL);
	}
}

static void end_slot(struct thread_count *t)
{
	if (!t->ended)
		t->ended = __atomic_load_n(&t->events, __ATOMIC_RELAXED) + 1;
	await_written(t);
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
	t->program = program;
	if (__atomic_load_n(&ending, __ATOMIC_RELAXED))
		end_slot(t);
	return t;
}

__attribute__((destructor)) static void end(void)
{
	struct thread_count *t;
	uint32_t used;

	if (!counts)
		return;
	__atomic_store_n(&ending, true, __ATOMIC_RELAXED);
	used = __atomic_load_n(&counts->used, __ATOMIC_RELAXED);
	for (uint32_t i = 0; i < used && i < counts->room; i++) {
		t = &counts->thread[i];
		if (t->pid == (uint32_t)getpid() && t->program == program)
			end_slot(t);
	}
}

#endif
