/* SPDX-License-Identifier: MIT */
/* libweft-trace.so: the probes, loaded by rt/trace.c into programs that are recorded. */
#define _GNU_SOURCE
#define _LGPL_SOURCE /* for liburcu's short functions inline */
#include <lttng/ust-events.h>
#define lttng_ust_probe_register(desc) register_probes(desc) /* see below */
static struct lttng_ust_registered_probe *
register_probes(const struct lttng_ust_probe_desc *generated);
#define LTTNG_UST_TRACEPOINT_CREATE_PROBES
#define LTTNG_UST_TRACEPOINT_DEFINE
#include "provider.h"
#include "fds.h"
#include "packed_writer.h"
#include "ring.h"

#include <asm/unistd.h>
#include <errno.h>
#include <lttng/ust-fork.h>
#include <pthread.h>
#include <signal.h>
#include <stdlib.h>

#define EVENT(name, doc, ...)                                                                      \
	static void emit_##name(MAP_LIST(RT_TRACE_PARAM, __VA_ARGS__),                             \
				struct thread_count *count_)                                       \
	{                                                                                          \
		uint32_t seq_ = rt_trace_number(count_);                                           \
                                                                                                   \
		lttng_ust_tracepoint(weft, name, count_->m, seq_,                                  \
				     MAP_LIST(RT_TRACE_ARG, __VA_ARGS__));                         \
		rt_trace_written(count_);                                                          \
	}
#include "events.def"
#undef EVENT

/* ---- Quick probes ------------------------------------------------------------------------ */

/* LTTng's own probes write each field by a call (4 ns); these write a row by one, or, if it has a
 * long text, by fields, and see whether there was room.  The others also serve what weft record does
 * not ask for: filters, notifications. */
#undef lttng_ust_probe_register

enum {
	PACKED = 0 /* the event that follows the rows */
#define EVENT(name, doc, ...) +1
#include "events.def"
#undef EVENT
	,
	ALL = PACKED + 2, /* with packed_kinds */
};

/* In a lossless recording an event that finds no room waits for it, as long as LTTng is told to.
 * One that did so in vain is the last: nobody reads what is written any more, and each of those
 * that follow would wait as long.  They have numbers and are missed. */
static bool lossless, in_vain;

static bool written_in_vain(void)
{
	return __builtin_expect(__atomic_load_n(&in_vain, __ATOMIC_RELAXED), 0);
}

static inline bool is_quick(const struct lttng_ust_event_common *event)
{
#ifdef LTTNG_UST_RING_BUFFER_NATURAL_ALIGN
	return false;
#endif
	return event->type == LTTNG_UST_EVENT_TYPE_RECORDER && !event->eval_filter;
}

/* What an event consists of; a text has its NUL. */
struct part {
	const void *at;
	size_t size;
	bool text;
};

static inline void write_parts(const struct lttng_ust_event_common *event, const struct part *parts,
			       int n)
{
	struct lttng_ust_event_recorder *recorder = event->child;
	struct lttng_ust_channel_buffer *chan = recorder->chan;
	struct lttng_ust_probe_ctx probe = {.struct_size = sizeof probe};
	struct lttng_ust_ring_buffer_ctx ctx;
	size_t size = 0;
	int err;

	if (!__atomic_load_n(&chan->parent->session->active, __ATOMIC_RELAXED) ||
	    !__atomic_load_n(&chan->parent->enabled, __ATOMIC_RELAXED) ||
	    !__atomic_load_n(&event->enabled, __ATOMIC_RELAXED))
		return;
	for (int i = 0; i < n; i++)
		size += parts[i].size;
	lttng_ust_ring_buffer_ctx_init(&ctx, recorder, size, 1, &probe);
	err = chan->ops->event_reserve(&ctx);
	if (err == -ENOBUFS && lossless)
		__atomic_store_n(&in_vain, true, __ATOMIC_RELAXED);
	if (err < 0)
		return;
	for (int i = 0; i < n; i++) {
		if (parts[i].text)
			chan->ops->event_strcpy(&ctx, parts[i].at, parts[i].size);
		else if (parts[i].size)
			chan->ops->event_write(&ctx, parts[i].at, parts[i].size, 1);
	}
	chan->ops->event_commit(&ctx);
}

#define IS_TEXT_u64 0
#define IS_TEXT_u32 0
#define IS_TEXT_i64 0
#define IS_TEXT_ptr 0
#define IS_TEXT_str 1
#define IS_TEXT(type, name, doc) || IS_TEXT_##type

#define PART_u64(name)                                                                             \
	{                                                                                          \
		&row.name, sizeof row.name, false                                                  \
	}
#define PART_u32 PART_u64
#define PART_i64 PART_u64
#define PART_ptr PART_u64
#define PART_str(name)                                                                             \
	{                                                                                          \
		row.name, text_size(row.name), true                                                \
	}
#define PART(type, name, doc) , PART_##type(name)

static inline size_t text_size(const char *s)
{
	size_t n = strlen(s);

	return (__builtin_expect(n < RT_TRACE_TEXT_MAX, 1) ? n : RT_TRACE_TEXT_MAX) + 1;
}

/* The same in one piece if it is small, as nearly all are: a call for each part takes longer. */
static inline void write_joined(const struct lttng_ust_event_common *event, const struct part *parts,
				int n)
{
	enum { SMALL = 256 };
	char row[SMALL];
	size_t size = 0;

	for (int i = 0; i < n; i++) {
		if (parts[i].size > SMALL - size) {
			write_parts(event, parts, n);
			return;
		}
		memcpy(row + size, parts[i].at, parts[i].size);
		size += parts[i].size;
		if (parts[i].text)
			row[size - 1] = 0; // it may have been cut, or changed meanwhile
	}
	write_parts(event, &(struct part){row, size, false}, 1);
}

#define QUICK_FIELD(type, name, doc) PROVIDER_CTYPE_##type name;
#define EVENT(ev, doc, ...)                                                                        \
	static void quick_##ev(void *event, uint32_t m, uint32_t seq,                              \
			       MAP_LIST(RT_TRACE_PARAM, __VA_ARGS__))                              \
	{                                                                                          \
		const struct __attribute__((packed)) {                                             \
			uint32_t m, seq;                                                           \
			MAP(QUICK_FIELD, __VA_ARGS__)                                              \
		} row = {m, seq, MAP_LIST(RT_TRACE_ARG, __VA_ARGS__)};                             \
                                                                                                   \
		if (written_in_vain())                                                             \
			return;                                                                    \
		if (!is_quick(event)) {                                                            \
			lttng_ust__event_probe__weft___##ev(event, m, seq,                         \
							    MAP_LIST(RT_TRACE_ARG, __VA_ARGS__));  \
		} else if (0 MAP(IS_TEXT, __VA_ARGS__)) {                                          \
			const struct part parts[] = {                                              \
				{&row, 2 * sizeof(uint32_t), false} MAP(PART, __VA_ARGS__)};       \
                                                                                                   \
			write_joined(event, parts, sizeof parts / sizeof *parts);                  \
		} else {                                                                           \
			write_parts(event, &(struct part){&row, sizeof row, false}, 1);            \
		}                                                                                  \
	}
#include "events.def"
#undef EVENT

static void quick_packed(void *event, uint32_t m, uint32_t seq, uint32_t count, uint32_t kinds,
			 uint64_t raw, uint64_t mono, const uint64_t *payload, uint16_t words)
{
	const struct __attribute__((packed)) {
		uint32_t m, seq, count, kinds;
		uint64_t raw, mono;
		uint16_t words;
	} row = {m, seq, count, kinds, raw, mono, words};
	const struct part parts[] = {{&row, sizeof row, false},
				     {payload, words * sizeof *payload, false}};

	if (written_in_vain())
		return;
	if (is_quick(event))
		write_parts(event, parts, 2);
	else
		lttng_ust__event_probe__weft___packed(event, m, seq, count, kinds, raw, mono,
						      payload, words);
}

/* The generated description with other probes in it: it is constant, so this is of copies. */
static struct lttng_ust_registered_probe *
register_probes(const struct lttng_ust_probe_desc *generated)
{
	static void (*const quick[])(void) = {
#define EVENT(name, doc, ...) (void (*)(void)) quick_##name,
#include "events.def"
#undef EVENT
		[PACKED] = (void (*)(void))quick_packed,
	};
	static struct lttng_ust_tracepoint_class class[ALL];
	static struct lttng_ust_event_desc event[ALL];
	static const struct lttng_ust_event_desc *events[ALL];
	static struct lttng_ust_probe_desc desc;

	desc = *generated;
	desc.event_desc = events;
	for (unsigned i = 0; i < desc.nr_events; i++) {
		event[i] = *generated->event_desc[i];
		class[i] = *event[i].tp_class;
		class[i].probe_desc = event[i].probe_desc = &desc;
		if (i <= PACKED)
			class[i].probe_callback = quick[i];
		event[i].tp_class = &class[i];
		events[i] = &event[i];
	}
	return lttng_ust_probe_register(&desc);
}

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

static const pid_t *runs;
static char *lttng_home; // the text that LTTng has a pointer to, or NULL

/* A child of a program that runs goroutines has nothing to record, and would wait for its buffers
 * for longer than most take to an exec.  LTTng cannot be asked not to register it; so the daemon is
 * nowhere for a moment. */
static void leave_child_alone(void)
{
	char first = *lttng_home;

	*lttng_home = '\n';
	lttng_ust_after_fork_child(&fork_mask);
	*lttng_home = first;
}

static void after_fork_child(void)
{
	if (*runs && lttng_home)
		leave_child_alone();
	else
		lttng_ust_after_fork_child(&fork_mask);
	packed_forked();
}

/* Of LTTng, for its liblttng-ust-fd; no header has it. */
int lttng_ust_safe_close_fd(int fd, int (*close)(int));

__attribute__((visibility("default"))) const struct rt_trace_ops *
weft_trace_ops(uint64_t hash, const bool *not_alone, const pid_t *running, uint32_t program)
{
	const struct rt_trace_ops *packed;

	if (hash != WEFT_EVENTS_HASH)
		return NULL;
	runs = running;
	lttng_home = getenv("LTTNG_HOME");
	if (weft_fds_keep)
		weft_fds_keep(lttng_ust_safe_close_fd);
	pthread_atfork(before_fork, after_fork_parent, after_fork_child);
	/* A program that ends with a report exits while other threads may be in a tracepoint, and
	 * the destructor of this library forgets the functions that one calls. */
	tracepoint_disable_destructors();
	ring_touch();
	lossless = secure_getenv("LTTNG_UST_ALLOW_BLOCKING") != NULL;
	packed = packed_ops(not_alone, program);
	return packed ? packed : &ops;
}
