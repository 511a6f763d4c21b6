/* SPDX-License-Identifier: MIT */
/* Hands events to the library of probes, with where each thread's are numbered. */
#define _GNU_SOURCE
#include "trace.h"
#include "counts.h"
#include "lock.h"
#include "sample.h"

#include <dlfcn.h>
#include <errno.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <unistd.h>

const struct rt_trace_ops *rt_trace_ops;
bool rt_trace_stacks;

char rt_trace_sets[1 /* room for all of them */
#define SET(name, doc, per) +sizeof("," #name)
#define EVENT(name, doc, ...)
#include "events.def"
#undef EVENT
];

#ifndef WEFT_NO_TRACE

static __thread struct {
	struct thread_count *count; /* in the recorder's file, or `own`; NULL: no event yet */
	struct thread_count own;
} self;

__attribute__((noinline, cold)) static void begin_count(void)
{
	struct thread_count *count = rt_counts_take(), *none = NULL;

	if (!count) {
		count = &self.own;
		count->m = (uint32_t)gettid();
	}
	/* A signal handler on this thread may have been here meanwhile. */
	__atomic_compare_exchange_n(&self.count, &none, count, false, __ATOMIC_RELAXED,
				    __ATOMIC_RELAXED);
}

uint32_t rt_trace_count(void)
{
	return self.count ? __atomic_load_n(&self.count->events, __ATOMIC_RELAXED) : 0;
}

/* Nothing is kept across the calls, so no registers need be saved. */
#define EVENT(name, doc, ...)                                                                      \
	__attribute__((noinline, cold)) static void emit_first_##name(                             \
		MAP_LIST(RT_TRACE_PARAM, __VA_ARGS__))                                             \
	{                                                                                          \
		begin_count();                                                                     \
		rt_trace_emit_##name(MAP_LIST(RT_TRACE_ARG, __VA_ARGS__));                         \
	}                                                                                          \
	void rt_trace_emit_##name(MAP_LIST(RT_TRACE_PARAM, __VA_ARGS__))                           \
	{                                                                                          \
		if (!rt_trace_ops->name) /* it gets no number, or a gap would be seen */           \
			return;                                                                    \
		if (!self.count)                                                                   \
			emit_first_##name(MAP_LIST(RT_TRACE_ARG, __VA_ARGS__));                    \
		else                                                                               \
			rt_trace_ops->name(MAP_LIST(RT_TRACE_ARG, __VA_ARGS__), self.count);       \
	}
#include "events.def"
#undef EVENT

void rt_trace_flush(int64_t now)
{
	enum { FLUSH_NS = 50 * 1000 * 1000 };
	static int64_t flushed; // the monitor's
	bool due = now - flushed >= FLUSH_NS;

	if (!rt_trace_on() || !rt_trace_ops->flush)
		return;
	if (due)
		flushed = now;
	rt_trace_ops->flush(due);
}

const char *rt_trace_call_name(long number)
{
	const char *name = rt_trace_ops->call_name ? rt_trace_ops->call_name(number) : NULL;

	return name ? name : "other";
}

/* Protects the numbering of sites; a site's id is published after its site_def. */
static struct rt_lock sites_lock;
static uint32_t sites;

uint32_t rt_trace_site_number(weft_site *site)
{
	uint32_t id;

	rt_lock(&sites_lock);
	id = site->id;
	if (!id) {
		id = ++sites;
		rt_trace(site_def, id, site->func, site->file, site->line, site->what);
		__atomic_store_n(&site->id, id, __ATOMIC_RELEASE); // pairs with rt_trace_site
	}
	rt_unlock(&sites_lock);
	return id;
}

/* A forked child is another process, with a thread number of its own; or one that can do nothing. */
static void forked(void)
{
	if (rt_is_forked())
		rt_trace_ops = NULL;
	self.count = NULL;
	self.own.events = 0;
}

static _Noreturn void refuse(const char *lib, const char *why)
{
	fprintf(stderr, "weft: %s cannot be recorded: %s: %s\n", program_invocation_name, lib, why);
	_exit(125);
}

/* Whether a set is in a list with commas.  Without a list all are wanted. */
static bool wanted(const char *list, const char *set)
{
	size_t n = strlen(set);

	for (; list && *list; list += strcspn(list, ","), list += *list == ',')
		if (strcspn(list, ",") == n && memcmp(list, set, n) == 0)
			return true;
	return !list || strcmp(set, "sched") == 0;
}

/* Samples for each second, of WEFT_TRACE_CPU; 0: none. */
static uint32_t sample_hz(void)
{
	const char *text = secure_getenv("WEFT_TRACE_CPU");
	long hz = text ? strtol(text, NULL, 10) : 0;

	return hz > 0 && hz <= 1000000 ? (uint32_t)hz : 0;
}

/* Leave out the events of sets that WEFT_TRACE_EVENTS does not name; cpu is by WEFT_TRACE_CPU. */
static const struct rt_trace_ops *choose(const struct rt_trace_ops *all)
{
	static struct rt_trace_ops ops;
	const char *list = secure_getenv("WEFT_TRACE_EVENTS");
	bool on = true;

	ops = *all;
	rt_sample_hz = sample_hz();
#define SET(name, doc, per)                                                                        \
	on = strcmp(#name, "cpu") == 0 ? rt_sample_hz != 0 : wanted(list, #name);                  \
	if (on)                                                                                    \
		strcat(strcat(rt_trace_sets, *rt_trace_sets ? "," : ""), #name);
#define EVENT(name, doc, ...)                                                                      \
	if (!on)                                                                                   \
		ops.name = NULL;
#include "events.def"
#undef EVENT
	return &ops;
}

/* LTTng's library registers as it is loaded, and the trace has the name that it finds: with the program's
 * number in it (counts_form.h), the first's too if its name looks as if it had one.  Also, the trace is in a
 * directory made of name, pid and the second, so of two programs of one name that a process is in one second
 * the trace of only one would be left. */
static void *load_library(const char *lib, uint32_t program)
{
	char name[16] = "", other[32];
	void *handle;

	prctl(PR_GET_NAME, name);
	snprintf(other, sizeof other, "%.*s#%u", 15 - snprintf(NULL, 0, "#%u", program), name, program);
	if (program != 1 || strchr(name, '#'))
		prctl(PR_SET_NAME, other);
	handle = dlopen(lib, RTLD_NOW | RTLD_LOCAL);
	prctl(PR_SET_NAME, name);
	return handle;
}

__attribute__((constructor)) static void load(void)
{
	const char *lib = secure_getenv("WEFT_TRACE_LIB"), *stacks;
	rt_trace_entry_fn *entry;
	uint32_t program;
	void *handle;

	if (!lib || !*lib)
		return;
	program = rt_counts_open();
	handle = load_library(lib, program);
	if (!handle)
		refuse(lib, dlerror());
	entry = (rt_trace_entry_fn *)dlsym(handle, RT_TRACE_ENTRY);
	if (!entry)
		refuse(lib, "this is not weft's library of probes");
	rt_trace_ops = entry(WEFT_EVENTS_HASH, &rt_not_alone, &rt.pid, program);
	if (!rt_trace_ops)
		refuse(lib, "the program was built by another version of weft, with other events; "
			    "build it again, or record it with that version");
	stacks = secure_getenv("WEFT_TRACE_STACKS");
	rt_trace_stacks = stacks && strcmp(stacks, "1") == 0;
	rt_trace_ops = choose(rt_trace_ops);
	pthread_atfork(NULL, NULL, forked);
}

#else

void rt_trace_flush(int64_t now)
{
	(void)now;
}

uint32_t rt_trace_count(void)
{
	return 0;
}

const char *rt_trace_call_name(long number)
{
	(void)number;
	return "other";
}

uint32_t rt_trace_site_number(weft_site *site)
{
	(void)site;
	return 0;
}

#endif
