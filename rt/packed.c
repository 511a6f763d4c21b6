/* SPDX-License-Identifier: MIT */
/* Writes events in the packed form (packed_form.h).
 *
 * Each thread has a buffer, to which it appends without a locked instruction.  Full, it is written
 * as one LTTng event; what is not full the monitor writes every 50 ms, or after much was written,
 * and whoever ends the program or forks.  So a buffer has two users, and who may touch it is
 * decided as in sysmon.c:
 *
 *     its thread:  inside = 1; compiler barrier; while (taken) wait; append; inside = 0
 *     another:     taken = 1; membarrier; if (!inside) write it; taken = 0
 *
 * The membarrier makes every other thread execute a full fence, so either the thread sees `taken`,
 * or the other sees `inside` and leaves the buffer for its next round.
 *
 * A signal handler on the thread that finds `inside` set, and what is too long for a buffer, is
 * written at once, as a block of its own.
 *
 * A mark at `raw` promises that no block with an earlier record follows.  A thread reads the
 * counter between its stores to `inside`, and who writes the mark read it before the membarrier; so
 * a thread that is then seen outside reads the counter later than that.
 *
 * Buffers are in files: when the process is killed, they hold what was not written.
 */
#define _GNU_SOURCE
#include "packed_writer.h"
#include "packed_clock.h"
#include "packed_form.h"
#include "provider.h"

#include <fcntl.h>
#include <limits.h>
#include <linux/membarrier.h>
#include <pthread.h>
#include <signal.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <unistd.h>

#define inlined static __attribute__((always_inline)) inline
#define likely(x) __builtin_expect(!!(x), 1)
#define unlikely(x) __builtin_expect(!!(x), 0)

enum {
	KINDS = (uint32_t)WEFT_EVENTS_HASH & 0x7fffffff,
	NUMBER_MAX = 10,				/* bytes of a number */
	RECORD_MAX = 3 + 9 * NUMBER_MAX,		/* of a record without its texts */
	TEXTS = PACKED_DATA - PACKED_FULL - RECORD_MAX, /* for those of a record in a buffer */
	TEXTS_MAX = UINT16_MAX * 8 - RECORD_MAX,	/* in a block, whose words a u16 counts */
	ROUNDS = 20,
	ROUND_US = 100,
	MUCH = 256, /* blocks: a mark after them pays for its membarrier */
};

_Static_assert(RT_TRACE_TEXT_MAX < TEXTS_MAX, "the longest text fits in a block");

#define NONE UINT64_MAX

enum kind {
#define EVENT(name, doc, ...) KIND_##name,
#include "events.def"
#undef EVENT
	KIND_COUNT
};
_Static_assert(KIND_COUNT <= 256, "a kind is a byte");

struct buf {
	union {
		struct packed_left left;
		struct {
			char head[offsetof(struct packed_left, own)];
			uint32_t inside, taken; /* see above */
			uint32_t count;		/* records; 0: empty */
			uint32_t owned;		/* by a thread that has not ended */
			uint32_t written;	/* blocks */
			uint64_t next_seq;	/* the record that can be added quickly, or NONE */
			uint64_t last;		/* time of the last record */
			uint64_t ptr;		/* the last ptr */
			uint64_t told[2];	/* goroutines; see told() */
			uint32_t told_by;	/* the number of the record that told of them */
			uint32_t left_by; /* of that by which a goroutine last left its thread */
			size_t alone;	  /* one record; so many bytes to be unmapped; or 0 */
			struct buf *next; /* in the list of all */
		};
	};
};
_Static_assert(offsetof(struct buf, next) + sizeof(struct buf *) <= offsetof(struct buf, left.data),
	       "the writer's fields are not the reader's");
_Static_assert(offsetof(struct packed_left, data) % 8 == 0, "data is read as words");

static __thread struct {
	struct buf *buf;
	bool busy; /* it makes its buffer, or writes others' */
} self __attribute__((tls_model("initial-exec")));

static const bool *not_alone; /* see when */
static struct buf *all;	      /* only grows */
static pid_t process;	      /* whose they are */
static uint32_t flushing, loners, files, program;
static char dir[PATH_MAX - 64];
static pthread_key_t thread_end;

/* ---- Buffers ----------------------------------------------------------------------------- */

/* Give the file that size.  Beyond RLIMIT_FSIZE the kernel sends SIGXFSZ to who tries, which would end the
 * program. */
static bool grow(int fd, size_t size)
{
	const struct timespec now = {0, 0};
	sigset_t only, before;
	bool grown;

	sigemptyset(&only);
	sigaddset(&only, SIGXFSZ);
	pthread_sigmask(SIG_BLOCK, &only, &before);
	grown = posix_fallocate(fd, 0, (off_t)size) == 0;
	if (!grown && !sigismember(&before, SIGXFSZ))
		sigtimedwait(&only, NULL, &now);
	pthread_sigmask(SIG_SETMASK, &before, NULL);
	return grown;
}

/* Memory in a file of its own, or else just memory. */
static void *map(void)
{
	size_t size = sizeof(struct buf);
	char path[PATH_MAX];
	void *p = MAP_FAILED;
	int fd = -1;

	if (*dir) {
		snprintf(path, sizeof path, "%s/%u-%d.%u" PACKED_SUFFIX, dir, program, getpid(),
			 __atomic_add_fetch(&files, 1, __ATOMIC_RELAXED));
		fd = open(path, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
	}
	if (fd >= 0 && !grow(fd, size))
		unlink(path);
	else if (fd >= 0)
		p = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	if (fd >= 0)
		close(fd);
	if (p == MAP_FAILED)
		p = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	if (p == MAP_FAILED)
		return NULL;
	madvise(p, size, MADV_DONTFORK); // it is the parent's
	return p;
}

static bool said_kinds;

static void say_kinds(void)
{
#define FIELD_NAME(type, name, doc) " " #name ":" #type
	static const char table[] =
#define EVENT(name, doc, ...) #name MAP(FIELD_NAME, __VA_ARGS__) "\n"
#include "events.def"
#undef EVENT
		;

	if (!__atomic_exchange_n(&said_kinds, true, __ATOMIC_RELAXED))
		lttng_ust_tracepoint(weft, packed_kinds, KINDS, table);
}

/* One that a thread left behind, or a new one; NULL without memory. */
static struct buf *find_buf(void)
{
	struct buf *b;
	uint32_t no;

	for (b = __atomic_load_n(&all, __ATOMIC_ACQUIRE); b; b = b->next) {
		no = 0;
		if (__atomic_compare_exchange_n(&b->owned, &no, 1, false, __ATOMIC_ACQUIRE,
						__ATOMIC_RELAXED))
			return b;
	}
	b = map();
	if (!b)
		return NULL;
	say_kinds();
	b->owned = 1;
	b->left.pid = (uint32_t)getpid();
	b->left.kinds = KINDS;
	b->left.magic = PACKED_MAGIC;
	b->next = __atomic_load_n(&all, __ATOMIC_RELAXED);
	while (!__atomic_compare_exchange_n(&all, &b->next, b, false, __ATOMIC_RELEASE,
					    __ATOMIC_RELAXED))
		;
	return b;
}

/* As one event; by whom the buffer belongs to at the moment. */
static void write_buf(struct buf *b)
{
	uint32_t used = b->left.used;

	memset(b->left.data + used, 0, -used % 8);
	lttng_ust_tracepoint(weft, packed, b->left.m, b->left.seq, b->count, KINDS, b->left.raw,
			     b->left.mono, (const uint64_t *)b->left.data,
			     (uint16_t)((used + 7) / 8));
	b->left.used = 0;
	b->next_seq = NONE;
	__atomic_store_n(&b->count, 0, __ATOMIC_RELAXED);
	__atomic_store_n(&b->written, b->written + 1, __ATOMIC_RELAXED);
}

/* Begin a block, of a buffer that is empty. */
static void renew(struct buf *b, uint32_t m, uint32_t seq)
{
	packed_clock_pair(&b->left.raw, &b->left.mono);
	b->left.m = m;
	b->left.seq = seq;
	b->last = b->left.raw;
	b->ptr = 0;
}

/* ---- Adding a record --------------------------------------------------------------------- */

/* A block for one record, or NULL if it cannot be recorded: its number will be missing. */
static struct buf *alone(uint32_t m, uint32_t seq, size_t text)
{
	size_t size = sizeof(struct buf) + text;
	struct buf *b;

	if (text > TEXTS_MAX)
		return NULL;
	/* A mark is not to be later than the time that is read next. */
	__atomic_fetch_add(&loners, 1, __ATOMIC_SEQ_CST);
	b = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	if (b == MAP_FAILED) {
		__atomic_fetch_sub(&loners, 1, __ATOMIC_RELAXED);
		return NULL;
	}
	b->alone = size;
	renew(b, m, seq);
	return b;
}

inlined void enter(struct buf *b)
{
	__atomic_store_n(&b->inside, 1, __ATOMIC_RELAXED);
	__atomic_signal_fence(__ATOMIC_SEQ_CST); // the monitor's membarrier does the rest
}

inlined void leave(struct buf *b)
{
	__atomic_store_n(&b->inside, 0, __ATOMIC_RELEASE);
}

inlined bool taken(const struct buf *b)
{
	return __atomic_load_n(&b->taken, __ATOMIC_ACQUIRE);
}

inlined bool fits(const struct buf *b, size_t text)
{
	return !text || b->left.used + text < PACKED_FULL + TEXTS;
}

/* The buffer to add a record to, or NULL if it cannot be recorded. */
__attribute__((noinline)) static struct buf *begin_slowly(uint32_t m, uint32_t seq, size_t text)
{
	struct buf *b = self.buf;

	if (self.busy || (b && b->inside) || text > TEXTS)
		return alone(m, seq, text);
	if (!b) {
		self.busy = true;
		b = find_buf();
		self.busy = false;
		if (!b)
			return alone(m, seq, text);
		pthread_setspecific(thread_end, b);
		self.buf = b;
	}
	enter(b);
	while (taken(b)) {
		leave(b);
		sched_yield();
		enter(b);
	}
	if (b->count &&
	    (seq - b->left.seq != b->count || b->left.used >= PACKED_FULL || !fits(b, text)))
		write_buf(b);
	if (!b->count)
		renew(b, m, seq);
	return b;
}

/* The same if it can be added quickly, as nearly all can; else NULL. */
inlined struct buf *begin_record(uint32_t seq, size_t text)
{
	struct buf *b = self.buf;

	if (unlikely(!b || b->inside || text > TEXTS))
		return NULL;
	enter(b);
	if (likely(!taken(b) && seq == b->next_seq && fits(b, text)))
		return b;
	leave(b);
	return NULL;
}

static void end_slowly(struct buf *b)
{
	if (!b->alone) {
		leave(b);
		return;
	}
	write_buf(b);
	munmap(b, b->alone);
	__atomic_fetch_sub(&loners, 1, __ATOMIC_RELEASE); // pairs with packed_flush
}

inlined void end_record(struct buf *b, bool quick, uint32_t seq, const uint8_t *p)
{
	uint32_t used = (uint32_t)(p - b->left.data);

	__atomic_signal_fence(__ATOMIC_SEQ_CST); // if we are killed here, the record is whole
	b->left.used = used;
	__atomic_store_n(&b->count, b->count + 1, __ATOMIC_RELAXED);
	b->next_seq = used < PACKED_FULL && (quick || packed_by_counter) ? seq + 1 : NONE;
}

inlined uint8_t *put(uint8_t *p, uint64_t v)
{
	for (; unlikely(v >= 0x80); v >>= 7)
		*p++ = (uint8_t)(v | 0x80);
	*p = (uint8_t)v;
	return p + 1;
}

inlined uint8_t *put_signed(uint8_t *p, int64_t v)
{
	return put(p, ((uint64_t)v << 1) ^ (uint64_t)(v >> 63));
}

inlined uint8_t *put_ptr(uint8_t *p, struct buf *b, const void *ptr)
{
	uint64_t before = b->ptr;

	b->ptr = (uintptr_t)ptr;
	return put_signed(p, (int64_t)((uintptr_t)ptr - before));
}

/* Most are empty: they take no call.  One that is to be cut is never quick. */
inlined size_t length(const char *text, bool quick)
{
	size_t n = *text ? strlen(text) : 0;

	return quick || n < RT_TRACE_TEXT_MAX ? n : RT_TRACE_TEXT_MAX;
}

inlined uint8_t *put_text(uint8_t *p, const char *text, bool quick)
{
	size_t n = length(text, quick);

	p = put(p, n);
	return n ? (uint8_t *)memcpy(p, text, n) + n : p;
}

/* When a record is, besides now: ALSO the moment of the record before it, which saves the reading
 * of the counter, most of what a record costs; ORDERED, see packed_ticks(); ORDERED_INSIDE: the
 * same unless a thread inside the runtime is alone (lock.h), for then the next has its worker from
 * an event that is ORDERED (p_start).  But a channel may be made outside. */
enum when { ALSO, NOW, ORDERED_INSIDE, ORDERED };

inlined bool ordered(enum when when)
{
	return when == ORDERED ||
	       (when == ORDERED_INSIDE && __atomic_load_n(not_alone, __ATOMIC_RELAXED));
}

/* The kind and the time. */
inlined uint8_t *put_head(uint8_t *p, struct buf *b, enum kind kind, uint64_t now)
{
	uint64_t passed = now > b->last ? now - b->last : 0;
	uint32_t head = (uint32_t)(kind | passed << 8); // of its last byte comes a field

	b->last += passed;
	if (likely(passed < PACKED_LONG)) {
		memcpy(p, &head, sizeof head);
		return p + 3;
	}
	head |= PACKED_LONG << 8;
	memcpy(p, &head, sizeof head);
	return put(p + 3, passed >> PACKED_TIME_BITS);
}

/* How long the texts of a row are. */
#define TEXT_u64(name) +0
#define TEXT_u32(name) +0
#define TEXT_i64(name) +0
#define TEXT_ptr(name) +0
#define TEXT_str(name) +length(name, quick_)
#define TEXT(type, name, doc) TEXT_##type(name)

/* Fields have other names than these two variables, and than the functions that are called. */
#define PUT_u64(name) to_ = put(to_, name);
#define PUT_u32(name) to_ = put(to_, name);
#define PUT_i64(name) to_ = put_signed(to_, name);
#define PUT_ptr(name) to_ = put_ptr(to_, buf_, name);
#define PUT_str(name) to_ = put_text(to_, name, quick_);
#define PUT(type, name, doc) PUT_##type(name)

#define VALUE(type, name, doc) (uint64_t) name
/* Fields by their numbers. */
enum {
	READY_G = 0,
	READY_BY = 1,
	SEND_G = 1,
	SEND_PEER = 3,
	RECV_G = 1,
	RECV_PEER = 3,
	LOCK_MUTEX = 0,
	UNLOCK_MUTEX = 0,
	UNLOCK_NEXT = 2,
	ADD_WAITGROUP = 0,
	ADD_COUNT = 3
};

/* Whether the thread's event right before told of this goroutine. */
inlined bool told(const struct buf *b, uint32_t seq, uint64_t g)
{
	return b->told_by == seq - 1 && (b->told[0] == g || b->told[1] == g);
}

/* Whether the event of that lock before this one was this thread's, too, or all are.  From now on it is. */
inlined bool again(const struct buf *b, uint64_t lock, size_t recorded_by)
{
	uint32_t *by = (uint32_t *)((uintptr_t)lock + recorded_by);
	bool alone = !__atomic_load_n(not_alone, __ATOMIC_RELAXED);
	bool again = alone || __atomic_load_n(by, __ATOMIC_RELAXED) == b->left.m;

	if (!again)
		__atomic_store_n(by, b->left.m, __ATOMIC_RELAXED);
	return again;
}

/* ORDERED, if the cause of an event may be another thread's, since the thread's event before.  It
 * is not of what a running goroutine does by itself, or to a lock that no other thread has had since;
 * nor of a start, as a goroutine comes from another thread by p_steal, p_take or p_start alone.  A
 * value that is handed over is sent, received and its other goroutine made ready at one moment, as
 * is who gets a mutex; and a goroutine that comes right after another has left is the next in the
 * worker's own queue: it starts at the moment at which that one stopped. */
inlined enum when when(const struct buf *b, uint32_t seq, enum kind kind, const uint64_t *field)
{
	switch ((int)kind) {
	case KIND_g_park:
	case KIND_g_yield:
	case KIND_g_exit:
	case KIND_g_create:
	case KIND_region_begin:
	case KIND_region_end:
	case KIND_user_log:
		return NOW;
	case KIND_g_start:
		return b->left_by == seq - 1 ? ALSO : NOW;
	case KIND_g_ready:
		if (told(b, seq, field[READY_G]))
			return ALSO;
		return field[READY_BY] ? ORDERED_INSIDE : ORDERED;
	case KIND_chan_recv:
		if (field[RECV_PEER])
			return told(b, seq, field[RECV_PEER]) ? ALSO : NOW;
		return ORDERED_INSIDE;
	case KIND_mutex_lock:
		return again(b, field[LOCK_MUTEX], RT_TRACE_MUTEX_BY) ? NOW : ORDERED_INSIDE;
	case KIND_mutex_unlock:
		again(b, field[UNLOCK_MUTEX], RT_TRACE_MUTEX_BY);
		return field[UNLOCK_NEXT] ? ORDERED_INSIDE : NOW;
	case KIND_waitgroup_add:
		if (again(b, field[ADD_WAITGROUP], RT_TRACE_WAITGROUP_BY) && field[ADD_COUNT])
			return NOW;
		return ORDERED_INSIDE;
	case KIND_chan_send:
		return ORDERED_INSIDE;
	}
	return ORDERED;
}

/* For told() of the event that follows. */
inlined void tell(struct buf *b, uint32_t seq, enum kind kind, const uint64_t *field)
{
	switch ((int)kind) {
	case KIND_chan_send:
		b->told[0] = field[SEND_G];
		b->told[1] = field[SEND_PEER];
		break;
	case KIND_chan_recv:
		b->told[0] = field[RECV_G];
		b->told[1] = field[RECV_PEER];
		break;
	case KIND_mutex_unlock:
		b->told[0] = b->told[1] = field[UNLOCK_NEXT];
		break;
	case KIND_g_park:
	case KIND_g_yield:
	case KIND_g_exit:
		b->left_by = seq;
		return;
	default:
		return;
	}
	b->told_by = seq;
}

/* After these no other thread may come to write what was gathered. */
inlined bool is_last(enum kind kind)
{
	return kind == KIND_run_stop || kind == KIND_run_fatal || kind == KIND_m_stop;
}

/* What calls other functions is apart: what is quick then has no registers to save. */
#define EVENT(name, doc, ...)                                                                      \
	inlined void add_##name(struct buf *buf_, bool quick_,                                     \
				MAP_LIST(RT_TRACE_PARAM, __VA_ARGS__), uint32_t seq)               \
	{                                                                                          \
		const uint64_t values[] = {MAP_LIST(VALUE, __VA_ARGS__)};                          \
		enum when when_ = when(buf_, seq, KIND_##name, values);                            \
		uint64_t now_ = when_ == ALSO ? buf_->last                                         \
				: quick_      ? packed_ticks(ordered(when_))                       \
					      : packed_clock(ordered(when_));                           \
		uint8_t *to_ = buf_->left.data + buf_->left.used;                                  \
                                                                                                   \
		to_ = put_head(to_, buf_, KIND_##name, now_);                                      \
		tell(buf_, seq, KIND_##name, values);                                              \
		MAP(PUT, __VA_ARGS__)                                                              \
		end_record(buf_, quick_, seq, to_);                                                \
	}                                                                                          \
                                                                                                   \
	__attribute__((noinline)) static void slow_##name(                                         \
		MAP_LIST(RT_TRACE_PARAM, __VA_ARGS__), struct thread_count *count_, uint32_t seq_) \
	{                                                                                          \
		const bool quick_ = false;                                                         \
		struct buf *buf_ = begin_slowly(count_->m, seq_, 0 MAP(TEXT, __VA_ARGS__));        \
                                                                                                   \
		if (buf_) {                                                                        \
			add_##name(buf_, quick_, MAP_LIST(RT_TRACE_ARG, __VA_ARGS__), seq_);       \
			end_slowly(buf_);                                                          \
		}                                                                                  \
		if (is_last(KIND_##name))                                                          \
			packed_flush();                                                            \
		rt_trace_written(count_);                                                          \
	}                                                                                          \
                                                                                                   \
	static void emit_##name(MAP_LIST(RT_TRACE_PARAM, __VA_ARGS__),                             \
				struct thread_count *count_)                                       \
	{                                                                                          \
		const bool quick_ = true;                                                          \
		uint32_t seq_ = rt_trace_number(count_);                                           \
		struct buf *buf_ = is_last(KIND_##name)                                            \
					   ? NULL                                                  \
					   : begin_record(seq_, 0 MAP(TEXT, __VA_ARGS__));         \
                                                                                                   \
		if (unlikely(!buf_)) {                                                             \
			slow_##name(MAP_LIST(RT_TRACE_ARG, __VA_ARGS__), count_, seq_);            \
			return;                                                                    \
		}                                                                                  \
		add_##name(buf_, quick_, MAP_LIST(RT_TRACE_ARG, __VA_ARGS__), seq_);               \
		leave(buf_);                                                                       \
		rt_trace_written(count_);                                                          \
	}
#include "events.def"
#undef EVENT

/* A reader holds what was written until the mark after it, so after much of it there is one. */
static void flush(bool due)
{
	static uint32_t marked; // blocks; the monitor's
	uint32_t written = 0;

	for (struct buf *b = __atomic_load_n(&all, __ATOMIC_ACQUIRE); b; b = b->next)
		written += __atomic_load_n(&b->written, __ATOMIC_RELAXED);
	if (!due && written - marked < MUCH)
		return;
	marked = written;
	packed_flush();
}

static const struct rt_trace_ops ops = {
	.flush = flush,
	.call_name = weft_call_name,
#define EVENT(name, doc, ...) .name = emit_##name,
#include "events.def"
#undef EVENT
};

/* ---- Writing what others have gathered --------------------------------------------------- */

static void membarrier(void)
{
	syscall(SYS_membarrier, MEMBARRIER_CMD_PRIVATE_EXPEDITED, 0, 0);
}

/* After the membarrier.  False if it is in use. */
static bool flush_one(struct buf *b)
{
	bool ours = taken(b);
	bool done = !__atomic_load_n(&b->inside, __ATOMIC_ACQUIRE);

	if (done && __atomic_load_n(&b->count, __ATOMIC_RELAXED)) {
		done = ours; // else its thread may just begin to add to it
		if (ours)
			write_buf(b);
	}
	__atomic_store_n(&b->taken, 0, __ATOMIC_RELEASE);
	return done;
}

/* True if every buffer was empty, or was written. */
static bool flush_all(void)
{
	bool done = true;

	for (struct buf *b = __atomic_load_n(&all, __ATOMIC_ACQUIRE); b; b = b->next)
		if (__atomic_load_n(&b->count, __ATOMIC_RELAXED))
			__atomic_store_n(&b->taken, 1, __ATOMIC_RELAXED);
	membarrier();
	for (struct buf *b = __atomic_load_n(&all, __ATOMIC_ACQUIRE); b; b = b->next)
		done &= flush_one(b);
	return done;
}

static bool begin_flushing(void)
{
	bool mine = false;

	for (int i = 0; i < ROUNDS * ROUNDS && !mine && !self.busy; i++) {
		mine = !__atomic_exchange_n(&flushing, 1, __ATOMIC_ACQUIRE);
		if (!mine)
			usleep(ROUND_US);
	}
	self.busy |= mine; // a handler here that finds its buffer taken would wait for itself
	return mine;
}

void packed_flush(void)
{
	uint64_t raw = 0, mono = 0;
	bool done = false;

	if (getpid() != process) // a child of _Fork() or clone(), where they are not mapped
		return;
	if (!__atomic_load_n(&all, __ATOMIC_RELAXED) || !begin_flushing())
		return; // a handler's, on the thread that flushes
	for (int i = 0; i < ROUNDS && !done; i++) {
		if (i)
			usleep(ROUND_US);
		packed_clock_pair(&raw, &mono);
		done = flush_all() && !__atomic_load_n(&loners, __ATOMIC_SEQ_CST);
	}
	if (done)
		lttng_ust_tracepoint(weft, packed, 0, 0, 0, KINDS, raw, mono, NULL, 0);
	self.busy = false;
	__atomic_store_n(&flushing, 0, __ATOMIC_RELEASE);
}

/* ---- Beginning and end ------------------------------------------------------------------- */

/* A thread ends: its buffer serves another. */
static void give_back(void *arg)
{
	struct buf *b = arg;

	enter(b);
	while (taken(b)) {
		leave(b);
		sched_yield();
		enter(b);
	}
	if (b->count)
		write_buf(b);
	leave(b);
	self.buf = NULL;
	__atomic_store_n(&b->owned, 0, __ATOMIC_RELEASE); // pairs with find_buf
}

static bool on;

void packed_forked(void)
{
	if (!on)
		return;
	process = getpid();
	all = NULL; // not mapped here
	self.buf = NULL;
	self.busy = false;
	flushing = loners = 0;
	said_kinds = false;
	pthread_setspecific(thread_end, NULL);
}

__attribute__((destructor)) static void at_end(void)
{
	if (on)
		packed_flush();
}

const struct rt_trace_ops *packed_ops(const bool *runtime_not_alone, uint32_t number)
{
	const char *where = secure_getenv("WEFT_TRACE_PACKED");

	if (!where || !*where)
		return NULL;
	if (syscall(SYS_membarrier, MEMBARRIER_CMD_REGISTER_PRIVATE_EXPEDITED, 0, 0) != 0) {
		dprintf(STDERR_FILENO, "weft: this system has no membarrier: events are recorded "
				       "one by one, not packed\n");
		return NULL;
	}
	if (strlen(where) < sizeof dir)
		strcpy(dir, where);
	process = getpid();
	packed_clock_choose();
	not_alone = runtime_not_alone;
	program = number;
	if (pthread_key_create(&thread_end, give_back) != 0)
		return NULL;
	on = true;
	return &ops;
}
