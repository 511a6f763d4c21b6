/* SPDX-License-Identifier: MIT */
/* The runtime's only door to tracing: rt_trace(EVENT, fields...) for each row of events.def.
 *
 * While nothing records, rt_trace_ops is NULL and an event costs one load and one branch.  A
 * recorder names the library with the probes in WEFT_TRACE_LIB; it is loaded when the program
 * starts, so a program that is not recorded starts no tracing thread and needs no tracing library.
 * With WEFT_TRACE_STACKS=1 it also asks for the stacks at which goroutines are spawned, wait and
 * are woken. Built with WEFT_NO_TRACE the events are gone altogether, to measure them.
 */
#ifndef RT_TRACE_H
#define RT_TRACE_H

#include "counts_form.h"
#include "map.h"
#include "weft.h"

#include <stddef.h>
#include <sys/types.h>

typedef uint64_t rt_trace_u64;
typedef uint32_t rt_trace_u32;
typedef int64_t rt_trace_i64;
typedef const void *rt_trace_ptr;
typedef const char *rt_trace_str;

/* A text has at most so many bytes in a trace: the probes cut it, for its event must fit in a packed
 * block, of 64 Ki words, or in LTTng's buffer, of 1 MiB. */
#define RT_TRACE_TEXT_MAX 500000

#define RT_TRACE_PARAM(type, name, doc) rt_trace_##type name
#define RT_TRACE_ARG(type, name, doc) name

/* Where a mutex and a WaitGroup have recorded_by, which is the probes': they read and write it while
 * the thread has the lock. */
enum { RT_TRACE_MUTEX_BY = 40, RT_TRACE_WAITGROUP_BY = 12 };
_Static_assert(offsetof(weft_mutex, recorded_by) == RT_TRACE_MUTEX_BY, "the probes know where");
_Static_assert(offsetof(weft_waitgroup, recorded_by) == RT_TRACE_WAITGROUP_BY, "as above");

/* What a library of probes gives: one function for each event, which numbers it in `count_`, the
 * thread's: that comes last, so that the fields stay in the registers in which they came.  The
 * runtime makes those NULL that are not wanted.  flush writes what any thread has gathered and not
 * written yet; if that is not due, only after much was written since it last did.  call_name knows a
 * system call by its number, or gives NULL, so that programs need no table of them.  Both may be
 * NULL. */
struct rt_trace_ops {
	void (*flush)(bool due);
	const char *(*call_name)(long number);
#define EVENT(name, doc, ...)                                                                      \
	void (*name)(MAP_LIST(RT_TRACE_PARAM, __VA_ARGS__), struct thread_count *count_);
#include "events.def"
#undef EVENT
};

/* An event's number; a signal handler on this thread takes some, too, so it is one instruction. */
static inline uint32_t rt_trace_number(struct thread_count *count)
{
#ifdef __x86_64__
	uint32_t seq = 1; // no other thread writes it, so no locked instruction (4 ns) is needed

	__asm__ volatile("xaddl %0, %1" : "+r"(seq), "+m"(count->events));
	return seq;
#else
	return __atomic_fetch_add(&count->events, 1, __ATOMIC_RELAXED);
#endif
}

/* It has been written, or lost for want of room: the last that a probe does. */
static inline void rt_trace_written(struct thread_count *count)
{
#ifdef __x86_64__
	__asm__ volatile("incl %0" : "+m"(count->written)::"memory");
#else
	__atomic_fetch_add(&count->written, 1, __ATOMIC_RELEASE);
#endif
}

/* The function that the library exports: its probes, or NULL if it was built from other tables
 * than those `hash` (WEFT_EVENTS_HASH, of events.def, waits.def and this file) stands for.
 * `not_alone` is rt_not_alone, see lock.h; `runs` is the process that has called weft_run, or 0;
 * `program` is the program's number, see counts_form.h, or 0. */
#define RT_TRACE_ENTRY "weft_trace_ops"
typedef const struct rt_trace_ops *rt_trace_entry_fn(uint64_t hash, const bool *not_alone,
						     const pid_t *runs, uint32_t program);

/* Written once, before main and before any other thread exists, and in a forked child; NULL: not
 * recorded. */
extern const struct rt_trace_ops *rt_trace_ops __attribute__((visibility("hidden")));

#ifdef WEFT_NO_TRACE
#define rt_trace_on() 0
#else
#define rt_trace_on() __builtin_expect(rt_trace_ops != NULL, 0)
#endif

#define EVENT(name, doc, ...)                                                                      \
	void rt_trace_emit_##name(MAP_LIST(RT_TRACE_PARAM, __VA_ARGS__));
#include "events.def"
#undef EVENT

/* rt_trace(EVENT, fields...): a macro, so that fields are computed only when something records. */
#define rt_trace(event, ...)                                                                       \
	do {                                                                                       \
		if (rt_trace_on())                                                                 \
			rt_trace_emit_##event(__VA_ARGS__);                                        \
	} while (0)

/* A place that has no number yet gets one, and site_def is emitted. */
uint32_t rt_trace_site_number(weft_site *site);

/* The number of a place, for a site field.  In an argument of rt_trace, so only when recording. */
static inline uint32_t rt_trace_site(weft_site *site)
{
	uint32_t id = site ? __atomic_load_n(&site->id, __ATOMIC_ACQUIRE) : 0;

	return id || !site ? id : rt_trace_site_number(site);
}

/* Whether stacks are to be recorded, too; written with rt_trace_ops, by WEFT_TRACE_STACKS. */
extern bool rt_trace_stacks __attribute__((visibility("hidden")));

/* The number of the stack of calls by which the running goroutine came here, for a stack field; its
 * first use emits stack_def.  0 if they are not recorded, and where no goroutine runs on its own
 * stack.  In an argument of rt_trace, so only when recording. */
uint32_t rt_trace_stack_number(void);

/* The same of a stack that was walked, by the monitor; its n may become smaller. */
struct rt_walk;
uint32_t rt_trace_stack_of(struct rt_walk *w);

/* By the monitor, often: see whether a module has taken the place of another. */
void rt_trace_stack_look(void);

static inline uint32_t rt_trace_stack(void)
{
	return rt_trace_stacks ? rt_trace_stack_number() : 0;
}

/* The sets of events that are recorded, for run_start. */
extern char rt_trace_sets[] __attribute__((visibility("hidden")));

/* The name of a system call, or "other". */
const char *rt_trace_call_name(long number);

/* The monitor calls it often; at least every 50 ms, what was gathered is written. */
void rt_trace_flush(int64_t now);

/* The thread's count of events so far, for m_stop. */
uint32_t rt_trace_count(void);

#endif
