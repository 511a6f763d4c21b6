/* SPDX-License-Identifier: MIT */
/* rt/packed.c beside tracer/packed.c, without a daemon: what is written is what is read.
 *
 * Each test is a process, which writes blocks into memory that its parent reads when it has ended.
 */
#define _GNU_SOURCE
#include "../viz/unit.h"
#include "writer.h"

#include "ctf.h"
#include "packed.h"
#include "packed_form.h"
#include "packed_writer.h"
#include "record.h"

#include <dirent.h>
#include <pthread.h>
#include <semaphore.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/time.h>
#include <sys/wait.h>
#include <unistd.h>

enum { LOG = 16 << 20, M = 7, RECORDS = 1 << 16, MUCH = 256 /* blocks, as rt/packed.c has it */ };

/* ---- What is written, and read ------------------------------------------------------------- */

static struct {
	uint32_t used; /* atomic */
	_Alignas(8) uint8_t data[LOG];
} * shared;

struct block {
	uint32_t m, seq, count, kinds;
	uint64_t raw, mono;
	uint32_t size;
	_Alignas(8) uint8_t data[];
};

void take_block(uint32_t m, uint32_t seq, uint32_t count, uint32_t kinds, uint64_t raw,
		uint64_t mono, const uint64_t *payload, uint16_t words)
{
	uint32_t size = (uint32_t)sizeof(struct block) + words * 8u;
	uint32_t at = __atomic_fetch_add(&shared->used, size, __ATOMIC_SEQ_CST);
	struct block *b = (void *)(shared->data + at);

	if (at + size > LOG)
		abort();
	*b = (struct block){m, seq, count, kinds, raw, mono, words * 8u};
	if (words)
		memcpy(b->data, payload, words * 8u);
}

void take_table(uint32_t kinds, const char *table)
{
	(void)kinds, (void)table; // the reader has the same rows
}

/* Texts of records are the reader's: their lengths are kept. */
static struct record records[RECORDS];
static int nrecords, complaints;
static char dir[] = "/tmp/weft-packed-XXXXXX";

static int take_record(void *arg, const struct record *r)
{
	struct record *to = &records[nrecords++];

	(void)arg;
	*to = *r;
	for (int i = 0; i < event_desc[r->kind].nfields; i++)
		if (event_desc[r->kind].field[i].type == FIELD_str)
			to->a[i].u = strlen(r->a[i].str);
	return nrecords == RECORDS;
}

static void complain(void *arg, const char *what)
{
	(void)arg;
	fprintf(stderr, "complaint: %s\n", what);
	complaints++;
}

static void each_left(void (*fn)(const char *path, void *arg), void *arg)
{
	DIR *d = opendir(dir);
	struct dirent *e;
	char path[512];

	while (d && (e = readdir(d)))
		if (*e->d_name != '.') {
			snprintf(path, sizeof path, "%s/%s", dir, e->d_name);
			fn(path, arg);
		}
	if (d)
		closedir(d);
}

static void read_left_one(const char *path, void *pk)
{
	packed_left(pk, path, 0, 0);
}

static void remove_one(const char *path, void *arg)
{
	(void)arg;
	unlink(path);
}

/* The block after this one, or the first. */
static const struct block *next_block(const struct block *b)
{
	const uint8_t *at = b ? b->data + b->size : shared->data;

	return at < shared->data + shared->used ? (const void *)at : NULL;
}

static void add(struct packed *pk, const struct block *b)
{
	packed_add(pk, &(struct packed_block){1, b->m, b->seq, b->count, b->kinds, b->raw,
					      (int64_t)b->mono, (int64_t)b->mono, b->data, b->size});
}

/* Into records; with what is left in files, if `left`. */
static void read_all(bool left)
{
	const struct ctf_sink sink = {.event = take_record, .complaint = complain};
	struct ctf_result result = {0};
	struct packed *pk = packed_new(&sink, &result);

	for (const struct block *b = next_block(NULL); b; b = next_block(b))
		add(pk, b);
	if (left)
		each_left(read_left_one, pk);
	packed_finish(pk);
	packed_free(pk);
}

static const bool not_alone = true;

/* Run a part in a process of its own; its status.  Nothing is there of the test before. */
static int in_child(void (*fn)(const struct rt_trace_ops *ops))
{
	int status = -1;
	pid_t pid;

	fflush(stdout); // or exit() in the child prints it again
	shared->used = 0;
	nrecords = complaints = 0;
	each_left(remove_one, NULL);
	pid = fork();
	if (pid == 0) {
		setenv("WEFT_TRACE_PACKED", dir, 1);
		fn(packed_ops(&not_alone, 0));
		_exit(0);
	}
	waitpid(pid, &status, 0);
	return status;
}

/* Each number of a thread is there once: a handler's may come before that of what it interrupted.
 */
static bool whole(uint32_t m, uint32_t n)
{
	static bool seen[RECORDS];
	uint32_t count = 0;

	memset(seen, 0, sizeof seen);
	for (int i = 0; i < nrecords; i++) {
		if (records[i].m != m)
			continue;
		if (records[i].seq >= n || seen[records[i].seq])
			return false;
		seen[records[i].seq] = true;
		count++;
	}
	return count == n;
}

/* ---- Round trip ---------------------------------------------------------------------------- */

/* Where thread m is about to number its event `seq`. */
#define NUMBERED(m_, seq_) (&(struct thread_count){.m = (m_), .events = (seq_)})

static const uint64_t u64s[] = {0, 1, 127, 128, 16383, 16384, 1ull << 32, INT64_MAX, UINT64_MAX};
static const int64_t i64s[] = {0, -1, 1, 63, 64, -64, -65, INT64_MIN, INT64_MAX};
static const uint32_t u32s[] = {0,	  1,	    127,       128,	  1u << 14,
				1u << 21, 1u << 28, INT32_MAX, UINT32_MAX};
static const size_t lengths[] = {0, 1, 127, 128, 200, 300, 3000, 30000, 2};
static char text[30001];

enum { VALUES = 9 };

/* The writer looks into those that have recorded_by. */
static const void *ptr_of(size_t i, const char *name)
{
	static weft_mutex mutexes[VALUES];
	static weft_waitgroup groups[VALUES];

	return strcmp(name, "mutex") == 0	? (const void *)&mutexes[i]
	       : strcmp(name, "waitgroup") == 0 ? (const void *)&groups[i]
						: (const void *)(uintptr_t)u64s[i];
}

#define INDEX(v, name) (((v) + sizeof #name) % VALUES)
#define VALUE_u64(v, name) u64s[INDEX(v, name)]
#define VALUE_u32(v, name) u32s[INDEX(v, name)]
#define VALUE_i64(v, name) i64s[INDEX(v, name)]
#define VALUE_ptr(v, name) ptr_of(INDEX(v, name), #name)
#define VALUE_str(v, name) (text + sizeof text - 1 - lengths[INDEX(v, name)])
#define VALUE(type, name, doc) VALUE_##type(v, name)

#define CHECK_u64(v, name, is) ((is).u == VALUE_u64(v, name))
#define CHECK_u32(v, name, is) ((is).u == VALUE_u32(v, name))
#define CHECK_i64(v, name, is) ((is).i == VALUE_i64(v, name))
#define CHECK_ptr(v, name, is) ((is).u == (uintptr_t)VALUE_ptr(v, name))
#define CHECK_str(v, name, is) ((is).u == lengths[INDEX(v, name)])
#define CHECK(type, name, doc) &&CHECK_##type(v, name, r->a[field++])

/* Every kind of event with each of the values in each of its fields. */
static void emit_extremes(const struct rt_trace_ops *ops)
{
	uint32_t seq = 0;

	for (unsigned v = 0; v < VALUES; v++) {
#define EVENT(name, doc, ...) ops->name(MAP_LIST(VALUE, __VA_ARGS__), NUMBERED(M, seq++));
#include "events.def"
#undef EVENT
	}
	packed_flush();
}

static bool is_extreme(const struct record *r, unsigned v)
{
	int field = 0;

	switch (r->kind) {
#define EVENT(name, doc, ...)                                                                      \
	case EV_##name:                                                                            \
		return true MAP(CHECK, __VA_ARGS__);
#include "events.def"
#undef EVENT
	}
	return false;
}

TEST(every_field_of_every_event_comes_back_at_its_extremes)
{
	memset(text, 'x', sizeof text - 1);
	EXPECT(in_child(emit_extremes) == 0);
	read_all(false);
	EXPECT(complaints == 0);
	EXPECT(nrecords == EVENTS * VALUES);
	EXPECT(whole(M, EVENTS * VALUES));
	for (int i = 0; i < nrecords; i++) {
		EXPECT((int)records[i].kind == i % EVENTS);
		EXPECT(is_extreme(&records[i], (unsigned)i / EVENTS));
		EXPECT(!i || records[i].ts >= records[i - 1].ts);
	}
}

/* ---- Times ------------------------------------------------------------------------------------
 */

static void pause_a_little(void)
{
	struct timespec begin, now;

	clock_gettime(CLOCK_MONOTONIC, &begin);
	do
		clock_gettime(CLOCK_MONOTONIC, &now);
	while ((now.tv_sec - begin.tv_sec) * 1000000000 + now.tv_nsec - begin.tv_nsec < 10000);
}

/* Goroutine 1 hands a value to 2, and wakes 3, of which the event before tells
 * nothing; then it unlocks a mutex for 3, and wakes it twice. */
static void hand_over(const struct rt_trace_ops *ops)
{
	static weft_mutex mu;

	ops->chan_send(text, 1, 0, 2, 0, 0, NUMBERED(M, 0));
	pause_a_little();
	ops->chan_recv(text, 2, 0, 1, 1, 1, 0, NUMBERED(M, 1));
	pause_a_little();
	ops->g_ready(2, 1, 0, NUMBERED(M, 2));
	pause_a_little();
	ops->g_ready(3, 1, 0, NUMBERED(M, 3));
	pause_a_little();
	ops->mutex_unlock(&mu, 1, 3, 0, NUMBERED(M, 4));
	pause_a_little();
	ops->g_ready(3, 1, 0, NUMBERED(M, 5));
	pause_a_little();
	ops->g_ready(3, 1, 0, NUMBERED(M, 6));
	packed_flush();
}

TEST(what_is_handed_over_is_one_moment)
{
	static const bool same[] = {false, true, true, false, false, true, false};

	EXPECT(in_child(hand_over) == 0);
	read_all(false);
	EXPECT(nrecords == 7);
	for (int i = 1; i < nrecords; i++)
		EXPECT(same[i] ? records[i].ts == records[i - 1].ts
			       : records[i].ts >= records[i - 1].ts + 9000);
}

/* Goroutine 1 parks and 2 starts, yields and 3 starts, and ends; then the worker steals 4. */
static void change_over(const struct rt_trace_ops *ops)
{
	ops->g_park(1, 0, NULL, 0, 0, NUMBERED(M, 0));
	pause_a_little();
	ops->g_start(2, 0, NUMBERED(M, 1));
	pause_a_little();
	ops->g_yield(2, NUMBERED(M, 2));
	pause_a_little();
	ops->g_start(3, 0, NUMBERED(M, 3));
	pause_a_little();
	ops->g_exit(3, NUMBERED(M, 4));
	pause_a_little();
	ops->p_steal(0, 1, 1, NUMBERED(M, 5));
	pause_a_little();
	ops->g_start(4, 0, NUMBERED(M, 6));
	packed_flush();
}

TEST(who_comes_next_starts_when_the_other_stops)
{
	static const bool same[] = {false, true, false, true, false, false, false};

	EXPECT(in_child(change_over) == 0);
	read_all(false);
	EXPECT(nrecords == 7);
	for (int i = 1; i < nrecords; i++)
		EXPECT(same[i] ? records[i].ts == records[i - 1].ts
			       : records[i].ts >= records[i - 1].ts + 9000);
}

/* ---- Who writes what a thread has gathered --------------------------------------------------- */

static void emit(const struct rt_trace_ops *ops, uint32_t m, uint32_t seq)
{
	ops->g_yield(seq, NUMBERED(m, seq));
}

static void emit_some(const struct rt_trace_ops *ops, uint32_t n)
{
	for (uint32_t i = 0; i < n; i++)
		emit(ops, M, i);
}

static void fill_one(const struct rt_trace_ops *ops)
{
	emit_some(ops, PACKED_FULL); // a record has four bytes or more
}

TEST(a_block_is_written_when_it_is_full)
{
	in_child(fill_one);
	read_all(false);
	EXPECT(nrecords > 0 && nrecords < PACKED_FULL);
	EXPECT(whole(M, (uint32_t)nrecords));
}

static const struct rt_trace_ops *thread_ops;
static sem_t emitted, end;

static void *emit_and_wait(void *arg)
{
	(void)arg;
	emit_some(thread_ops, 5);
	sem_post(&emitted);
	sem_wait(&end);
	return NULL;
}

static pthread_t start_idle(const struct rt_trace_ops *ops)
{
	pthread_t t;

	thread_ops = ops;
	sem_init(&emitted, 0, 0);
	sem_init(&end, 0, 0);
	pthread_create(&t, NULL, emit_and_wait, NULL);
	sem_wait(&emitted);
	return t;
}

static void flush_idle(const struct rt_trace_ops *ops)
{
	start_idle(ops);
	ops->flush(true);
}

TEST(the_monitor_writes_what_an_idle_thread_has)
{
	in_child(flush_idle);
	read_all(false);
	EXPECT(whole(M, 5));
}

static int64_t now, flushed, longest; /* by a clock of ours */

static void note_flush(bool due)
{
	if (due) {
		longest = now - flushed > longest ? now - flushed : longest;
		flushed = now;
	}
}

/* Its pauses are of 10 ms at most (rt/sysmon.c): the last of the 100 are for one of them. */
TEST(the_monitor_writes_within_100_ms_what_was_gathered)
{
	static const struct rt_trace_ops ops = {.flush = note_flush};

	rt_trace_ops = &ops;
	for (now = 0; now <= 1000000000; now += 10000000)
		rt_trace_flush(now);
	rt_trace_ops = NULL;
	EXPECT(flushed > 900000000 && longest < 90000000);
}

static int count_blocks(bool marks)
{
	int n = 0;

	for (const struct block *b = next_block(NULL); b; b = next_block(b))
		n += marks == !b->count;
	return n;
}

static void emit_much(const struct rt_trace_ops *ops)
{
	uint32_t n = 0;

	while (count_blocks(false) < MUCH) {
		ops->flush(false);
		for (int i = 0; i < 64; i++, n++)
			emit(ops, M, n);
	}
	ops->flush(false);
	ops->flush(false);
}

TEST(a_mark_that_is_not_due_comes_after_much)
{
	in_child(emit_much);
	EXPECT(count_blocks(true) == 1);
}

static void end_thread(const struct rt_trace_ops *ops)
{
	pthread_t t = start_idle(ops);

	sem_post(&end);
	pthread_join(t, NULL);
}

TEST(a_thread_that_ends_writes_what_it_has)
{
	in_child(end_thread);
	read_all(false);
	EXPECT(whole(M, 5));
}

/* Two threads lock a mutex and add to a WaitGroup whenever nobody else does.  Which of them did so when is in
 * shared memory. */
enum { TURNS = 20000, OF_A_TURN = 3 };

static struct turns {
	uint32_t held; /* atomic; for what follows, and the lock and the WaitGroup */
	uint32_t turns;
	struct {
		uint32_t m, seq; /* of its first event */
	} turn[TURNS];
	weft_mutex mu;
	weft_waitgroup wg;
} * turns;

static void *take_turns(void *arg)
{
	const struct rt_trace_ops *ops = thread_ops;
	uint32_t m = arg ? M + 1 : M, seq = 0;

	for (uint32_t i = 0, n; turns->turns < TURNS; i++) {
		if (__atomic_exchange_n(&turns->held, 1, __ATOMIC_ACQUIRE))
			continue;
		n = turns->turns;
		if (n < TURNS) {
			turns->turn[n].m = m;
			turns->turn[n].seq = seq;
			__atomic_store_n(&turns->turns, n + 1, __ATOMIC_RELAXED);
			ops->mutex_lock(&turns->mu, 1, 0, 0, NUMBERED(m, seq++));
			ops->waitgroup_add(&turns->wg, 1, 1, 1, 0, NUMBERED(m, seq++));
			ops->mutex_unlock(&turns->mu, 1, 0, 0, NUMBERED(m, seq++));
			if (turns->mu.recorded_by != m || turns->wg.recorded_by != m)
				abort();
		}
		__atomic_store_n(&turns->held, 0, __ATOMIC_RELEASE);
		for (volatile uint32_t k = i * 37 % 256; k; k--)
			;
	}
	return NULL;
}

static void take_turns_by_two(const struct rt_trace_ops *ops)
{
	pthread_t t;

	thread_ops = ops;
	pthread_create(&t, NULL, take_turns, (void *)ops);
	take_turns(NULL);
	pthread_join(t, NULL);
	packed_flush();
}

TEST(a_lock_that_changes_hands_is_not_taken_before_it_was_given_up)
{
	static int64_t when[2][TURNS * OF_A_TURN]; /* by thread and number */
	int64_t before = 0;

	turns = mmap(NULL, sizeof *turns, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	EXPECT(turns != MAP_FAILED);
	EXPECT(in_child(take_turns_by_two) == 0);
	read_all(false);
	EXPECT(nrecords == TURNS * OF_A_TURN);
	for (int i = 0; i < nrecords; i++)
		when[records[i].m - M][records[i].seq] = records[i].ts;
	for (int i = 0; i < TURNS; i++)
		for (uint32_t k = 0; k < OF_A_TURN; k++) {
			int64_t ts = when[turns->turn[i].m - M][turns->turn[i].seq + k];

			EXPECT(ts >= before);
			before = ts;
		}
	munmap(turns, sizeof *turns);
}

static void panic(const struct rt_trace_ops *ops)
{
	start_idle(ops);
	emit(ops, M + 1, 0);
	ops->run_fatal(1, "boo", NUMBERED(M + 1, 1));
}

TEST(a_fatal_error_writes_what_all_threads_have)
{
	in_child(panic);
	read_all(false);
	EXPECT(whole(M, 5));
	EXPECT(whole(M + 1, 2));
}

static void leave(const struct rt_trace_ops *ops)
{
	start_idle(ops);
	exit(0);
}

TEST(exit_writes_what_all_threads_have)
{
	in_child(leave);
	read_all(false);
	EXPECT(whole(M, 5));
}

static void be_killed(const struct rt_trace_ops *ops)
{
	start_idle(ops);
	for (uint32_t i = 0; i < 100; i++)
		emit(ops, M + 1, i);
	raise(SIGKILL);
}

TEST(what_a_killed_process_had_is_in_its_files)
{
	EXPECT(WTERMSIG(in_child(be_killed)) == SIGKILL);
	read_all(true);
	EXPECT(complaints == 0);
	EXPECT(whole(M, 5));
	EXPECT(whole(M + 1, 100));
}

/* ---- When it is read ------------------------------------------------------------------------ */

enum { EACH = 2 * PACKED_FULL }; /* some blocks */

static void emit_around_a_mark(const struct rt_trace_ops *ops)
{
	emit_some(ops, EACH);
	packed_flush();
	for (uint32_t i = EACH; i < 2 * EACH; i++)
		emit(ops, M, i);
	packed_flush();
}

TEST(what_a_mark_completes_is_given_with_the_blocks_that_follow)
{
	const struct ctf_sink sink = {.event = take_record, .complaint = complain};
	struct ctf_result result = {0};
	struct packed *pk = packed_new(&sink, &result);
	int marks = 0, after = 0;

	in_child(emit_around_a_mark);
	for (const struct block *b = next_block(NULL); b; b = next_block(b)) {
		marks += !b->count;
		after += marks == 1 ? (int)b->count : 0;
		add(pk, b);
		EXPECT(nrecords == (marks < 2 ? after : EACH));
	}
	EXPECT(packed_finish(pk) == 0);
	EXPECT(whole(M, 2 * EACH));
	packed_free(pk);
}

/* ---- Handlers, and many at once ---------------------------------------------------------------
 */

static uint32_t counter;

static uint32_t next(void)
{
	return __atomic_fetch_add(&counter, 1, __ATOMIC_RELAXED);
}

static void on_signal(int sig)
{
	(void)sig;
	emit(thread_ops, M, next());
}

static void interrupt(const struct rt_trace_ops *ops)
{
	struct itimerval often = {{0, 50}, {0, 50}};

	thread_ops = ops;
	signal(SIGALRM, on_signal);
	setitimer(ITIMER_REAL, &often, NULL);
	for (int i = 0; i < 20000; i++)
		emit(ops, M, next());
	setitimer(ITIMER_REAL, &(struct itimerval){0}, NULL);
	packed_flush();
	emit(ops, M + 1, 0);
	ops->run_fatal(counter, "", NUMBERED(M + 1, 1));
}

TEST(a_handler_that_interrupts_an_event_loses_neither)
{
	uint32_t n;

	in_child(interrupt);
	read_all(false);
	n = (uint32_t)records[nrecords - 1].run_fatal.g;
	EXPECT(n >= 20000);
	EXPECT(whole(M, n));
}

static uint32_t threads;

static void *emit_many(void *arg)
{
	uint32_t m = __atomic_fetch_add(&threads, 1, __ATOMIC_RELAXED) + 100;

	(void)arg;
	for (uint32_t i = 0; i < 10000; i++)
		emit(thread_ops, m, i);
	return NULL;
}

static void emit_and_flush(const struct rt_trace_ops *ops)
{
	pthread_t t[4];

	thread_ops = ops;
	for (int i = 0; i < 4; i++)
		pthread_create(&t[i], NULL, emit_many, NULL);
	for (int i = 0; i < 200; i++)
		ops->flush(true);
	for (int i = 0; i < 4; i++)
		pthread_join(t[i], NULL);
}

TEST(flushing_while_threads_emit_loses_and_doubles_nothing)
{
	in_child(emit_and_flush);
	read_all(false);
	for (uint32_t m = 100; m < 104; m++)
		EXPECT(whole(m, 10000));
}

__attribute__((constructor)) static void prepare(void)
{
	shared = mmap(NULL, sizeof *shared, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1,
		      0);
	if (shared == MAP_FAILED || !mkdtemp(dir))
		abort();
}

static pid_t parent;

__attribute__((constructor)) static void remember(void)
{
	parent = getpid();
}

__attribute__((destructor)) static void clean(void)
{
	if (getpid() == parent) {
		each_left(remove_one, NULL);
		rmdir(dir);
	}
}
