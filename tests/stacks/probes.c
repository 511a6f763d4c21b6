/* SPDX-License-Identifier: MIT */
/* A library of probes that looks at the stacks a program records, in place of libweft-trace.so.  At
 * the end it prints a line: how many stacks were defined, how many of their calls are the outermost
 * that is known, how many events had one; and what was wrong.
 */
#include "trace.h"

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { MOST = 1 << 20, DEEPEST = 33 }; /* 32 calls, and one that says that there are more */

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static struct stack {
	uint32_t caller, depth, era;
	const void *pc;
} stacks[MOST];
static uint32_t era; // how often a module has taken the place of another
static uint32_t nstacks;
static struct {
	const char *lo, *hi;
} modules[256];
static int nmodules;
static uint64_t used, unused, cut;

static void wrong(const char *what, uint32_t stack)
{
	printf("wrong: stack %u %s\n", stack, what);
	fflush(stdout);
	_Exit(3);
}

static int in_module(const char *pc)
{
	for (int i = 0; i < nmodules; i++)
		if (pc >= modules[i].lo && pc < modules[i].hi)
			return 1;
	return 0;
}

static void on_module_def(const void *base, const void *begin,
			  const void *end, const char *path, const char *build_id, struct thread_count *count_)
{
	(void)count_, (void)base;
	if (!*path || strlen(build_id) % 2)
		wrong("has a module without a path, or with half a build id", 0);
	if (strchr(path, '/') && access(path, R_OK) != 0)
		wrong("has a module whose file is not there", 0);
	pthread_mutex_lock(&lock);
	for (int i = 0; i < nmodules; i++)
		if (modules[i].lo < (const char *)end && modules[i].hi > (const char *)begin) {
			era++;
			modules[i].lo = modules[i].hi = NULL;
		}
	modules[nmodules].lo = begin;
	modules[nmodules++].hi = end;
	pthread_mutex_unlock(&lock);
}

static void on_stack_def(uint32_t stack, uint32_t caller, const void *pc, struct thread_count *count_)
{
	(void)count_;
	pthread_mutex_lock(&lock);
	if (stack != nstacks + 1 || stack >= MOST)
		wrong("is not the next number", stack);
	if (caller >= stack)
		wrong("comes before its caller's", stack);
	if (caller && stacks[caller].era != era)
		wrong("has a caller of another time", stack);
	if (!pc && caller)
		wrong("has a gap in the middle", stack);
	if (pc && !in_module(pc))
		wrong("is in no module", stack);
	cut += !pc;
	stacks[stack] = (struct stack){caller, stacks[caller].depth + 1, era, pc};
	if (stacks[stack].depth > DEEPEST)
		wrong("is deeper than is said", stack);
	__atomic_store_n(&nstacks, stack, __ATOMIC_RELEASE);
	pthread_mutex_unlock(&lock);
}

static void use(uint32_t stack)
{
	if (stack > __atomic_load_n(&nstacks, __ATOMIC_ACQUIRE))
		wrong("is used before it is defined", stack);
	__atomic_fetch_add(stack ? &used : &unused, 1, __ATOMIC_RELAXED);
}

static void on_g_create(uint64_t g, uint64_t parent, const void *fn,
			uint32_t site, uint64_t size, const char *name, uint32_t stack, struct thread_count *count_)
{
	(void)count_, (void)fn, (void)site, (void)size, (void)name;
	if (g == 1 && (parent || stack))
		wrong("spawned the main goroutine", stack);
	use(stack);
}

static void on_g_park(uint64_t g, uint32_t why, const void *obj,
		      uint32_t site, uint32_t stack, struct thread_count *count_)
{
	(void)count_, (void)g, (void)why, (void)obj, (void)site;
	use(stack);
}

static void on_g_ready(uint64_t g, uint64_t by, uint32_t stack, struct thread_count *count_)
{
	(void)count_, (void)g;
	if (!by && stack)
		wrong("is that of nobody", stack);
	use(stack);
}

/* For the program: how often a module is known to have taken the place of another. */
__attribute__((visibility("default"))) uint32_t replaced(void)
{
	uint32_t n;

	pthread_mutex_lock(&lock);
	n = era;
	pthread_mutex_unlock(&lock);
	return n;
}

static int order(const void *a, const void *b)
{
	const struct stack *x = a, *y = b;

	if (x->era != y->era)
		return x->era < y->era ? -1 : 1;
	if (x->caller != y->caller)
		return x->caller < y->caller ? -1 : 1;
	return x->pc < y->pc ? -1 : x->pc > y->pc;
}

__attribute__((destructor)) static void finish(void)
{
	qsort(stacks + 1, nstacks, sizeof *stacks, order);
	for (uint32_t i = 2; i <= nstacks; i++)
		if (!order(&stacks[i - 1], &stacks[i]))
			wrong("is there twice", i);
	printf("stacks %u cut %lu used %lu none %lu\n", nstacks, cut, used, unused);
	printf("eras %u\n", era);
	fflush(stdout);
}

#define EVENT(name, doc, ...)                                                                      \
	static void drop_##name(MAP_LIST(RT_TRACE_PARAM, __VA_ARGS__), struct thread_count *count_)   \
	{                                                                                          \
		(void)count_;                                                                \
		MAP(UNUSED, __VA_ARGS__)                                                           \
	}
#define UNUSED(type, name, doc) (void)name;
#include "events.def"
#undef EVENT

static struct rt_trace_ops ops = {
#define EVENT(name, doc, ...) .name = drop_##name,
#include "events.def"
#undef EVENT
};

__attribute__((visibility("default"))) const struct rt_trace_ops *
weft_trace_ops(uint64_t hash, const bool *not_alone, const pid_t *runs, uint32_t program)
{
	(void)not_alone, (void)runs, (void)program;
	if (hash != WEFT_EVENTS_HASH)
		return NULL;
	ops.module_def = on_module_def;
	ops.stack_def = on_stack_def;
	ops.g_create = on_g_create;
	ops.g_park = on_g_park;
	ops.g_ready = on_g_ready;
	return &ops;
}
