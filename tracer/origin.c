/* SPDX-License-Identifier: MIT */
#define _GNU_SOURCE
#include "origin.h"
#include "error.h"
#include "hash.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct origins {
	struct hash by_pid;
	struct thread_count *slots; /* those that are taken count no events */
	size_t n;
};

struct origins *origins_new(void)
{
	return need(sizeof(struct origins));
}

void origins_counted(struct origins *os, const struct thread_count *threads, size_t n)
{
	os->slots = realloc(os->slots, (os->n + n + 1) * sizeof *os->slots);
	if (!os->slots)
		die("no memory");
	memcpy(os->slots + os->n, threads, n * sizeof *threads);
	os->n += n;
}

/* Move the slot to the end of a list, which has room for it. */
static void take(struct thread_count *slot, uint32_t pid, struct thread_count *threads, size_t *n)
{
	threads[(*n)++] = (struct thread_count){.pid = pid, .m = slot->m, .events = slot->events};
	slot->events = 0;
}

struct thread_count *origins_take(struct origins *os, bool old, size_t *n)
{
	struct thread_count *threads = need((os->n + 1) * sizeof *threads);

	*n = 0;
	for (size_t i = 0; i < os->n; i++)
		if (os->slots[i].events && !(old && os->slots[i].program))
			take(&os->slots[i], os->slots[i].pid, threads, n);
	return threads;
}

/* An older weft's counts are those of a process, whatever it executed. */
static bool is_old(const struct origins *os, uint32_t pid)
{
	for (size_t i = 0; i < os->n; i++)
		if (os->slots[i].pid == pid && !os->slots[i].program)
			return true;
	return false;
}

/* The number of the program that is in its name, which becomes the name without it. */
static uint32_t number_in(char *name)
{
	char *mark = strrchr(name, '#'), *end;
	unsigned long n = mark && mark[1] ? strtoul(mark + 1, &end, 10) : 0;

	if (!mark || !mark[1] || *end)
		return 1;
	*mark = 0;
	return (uint32_t)n;
}

/* How likely it is that a thread is of the program, or 0.  A child of one that went on without an exec has that
 * one's number, which is not in its name, but a process id of its own.  In a pid namespace the program has another
 * process id than its trace, but its number. */
static int likeness(const struct origin *o, const struct thread_count *t)
{
	if (t->program == o->program)
		return t->pid == o->own_pid ? 3 : 1;
	return t->pid == o->own_pid && o->program == 1 ? 2 : 0;
}

static void find_counts(struct origins *os, struct origin *o)
{
	const struct thread_count *found = NULL;

	for (size_t i = 0; i < os->n; i++) {
		const struct thread_count *t = &os->slots[i];

		if (t->events && likeness(o, t) > (found ? likeness(o, found) : 0))
			found = t;
	}
	if (!found)
		return;
	o->program = found->program;
	o->own_pid = found->pid;
	o->threads = need(os->n * sizeof *o->threads);
	for (size_t i = 0; i < os->n; i++)
		if (os->slots[i].events && os->slots[i].program == o->program && os->slots[i].pid == o->own_pid)
			take(&os->slots[i], o->pid, o->threads, &o->nthreads);
}

static struct origin *origin_new(uint32_t pid, const char *name)
{
	struct origin *o = need(sizeof *o);

	o->pid = o->own_pid = pid;
	o->name = need_text(name);
	o->program = number_in(o->name);
	return o;
}

const struct origin *origins_find(struct origins *os, uint32_t pid, const char *name, const char *begun,
				  bool *is_new)
{
	struct origin *first = hash_get(&os->by_pid, pid), *last = NULL, *o;
	bool old = is_old(os, pid);
	char *trace;

	if (asprintf(&trace, "%s %s", begun, name) < 0)
		die("no memory");
	for (o = first; o && !old && strcmp(o->trace, trace) != 0; o = o->next)
		last = o;
	*is_new = !o;
	if (o) {
		free(trace);
		return o;
	}
	o = origin_new(pid, name);
	o->trace = trace;
	if (last) {
		o->pid = last->pid + ORIGIN_NEXT;
		last->next = o;
	} else {
		hash_put(&os->by_pid, pid, o);
	}
	find_counts(os, o);
	return o;
}

int origin_left(const struct origin *o, const char *path)
{
	const char *name = strrchr(path, '/');
	uint32_t program, pid;

	if (sscanf(name ? name + 1 : path, "%" SCNu32 "-%" SCNu32 ".", &program, &pid) != 2)
		return -1;
	return program == o->program && pid == o->own_pid;
}

void origins_free(struct origins *os)
{
	for (struct hash_slot *s = NULL; (s = hash_next(&os->by_pid, s));) {
		for (struct origin *o = s->value, *next; o; o = next) {
			next = o->next;
			free(o->trace);
			free(o->name);
			free(o->threads);
			free(o);
		}
	}
	hash_free(&os->by_pid);
	free(os->slots);
	free(os);
}
