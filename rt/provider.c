/* SPDX-License-Identifier: MIT */
/* libweft-trace.so: the probes, loaded by rt/trace.c into programs that are recorded. */
#define LTTNG_UST_TRACEPOINT_CREATE_PROBES
#define LTTNG_UST_TRACEPOINT_DEFINE
#include "provider.h"
#include "packed_writer.h"
#include "ring.h"

#include <asm/unistd.h>
#include <lttng/ust-fork.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <sys/prctl.h>

#define EVENT(name, doc, ...)                                                                      \
	static void emit_##name(uint32_t m, uint32_t seq, MAP_LIST(RT_TRACE_PARAM, __VA_ARGS__))   \
	{                                                                                          \
		lttng_ust_tracepoint(weft, name, m, seq, MAP_LIST(RT_TRACE_ARG, __VA_ARGS__));     \
	}
#include "events.def"
#undef EVENT

/* calls.def is made from the system's headers: a line for each system call of this machine. */
const char *weft_call_name(long number)
{
	static const char *const names[] = {
#define CALL(name) [__NR_##name] = #name,
#include "calls.def"
#undef CALL
	};

	return number >= 0 && number < (long)(sizeof names / sizeof *names) ? names[number] : NULL;
}

static const struct rt_trace_ops ops = {
	.call_name = weft_call_name,
#define EVENT(name, doc, ...) .name = emit_##name,
#include "events.def"
#undef EVENT
};

/* Without these a forked child would write into its parent's trace. */
static sigset_t fork_mask;

static void before_fork(void)
{
	packed_flush();
	lttng_ust_before_fork(&fork_mask);
}

static void after_fork_parent(void)
{
	lttng_ust_after_fork_parent(&fork_mask);
}

/* LTTng keeps a process's trace in a directory made of its name, pid and the second.  A child that
 * executes another program keeps its pid, and the two would write into the same files; so the
 * child registers under another name. */
static void after_fork_child(void)
{
	char name[16] = "", other[16];

	prctl(PR_GET_NAME, name);
	snprintf(other, sizeof other, "%.10s-fork", name);
	prctl(PR_SET_NAME, other);
	lttng_ust_after_fork_child(&fork_mask);
	prctl(PR_SET_NAME, name);
	packed_forked();
}

__attribute__((visibility("default"))) const struct rt_trace_ops *weft_trace_ops(uint64_t hash)
{
	const struct rt_trace_ops *packed;

	if (hash != WEFT_EVENTS_HASH)
		return NULL;
	pthread_atfork(before_fork, after_fork_parent, after_fork_child);
	/* A program that ends with a report exits while other threads may be in a tracepoint, and
	 * the destructor of this library forgets the functions that one calls. */
	tracepoint_disable_destructors();
	ring_touch();
	packed = packed_ops();
	return packed ? packed : &ops;
}
