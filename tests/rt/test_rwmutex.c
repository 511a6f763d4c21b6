/* SPDX-License-Identifier: MIT */
#include "../test.h"

struct shared {
	weft_rwmutex rw;
	weft_waitgroup wg;
	int readers, writers; /* inside now */
	int most;	      /* readers at once */
	long n;		      /* written under the lock */
	int rounds;
};

static int add(int *to, int by)
{
	return __atomic_add_fetch(to, by, __ATOMIC_RELAXED);
}

static int get(const int *from)
{
	return __atomic_load_n(from, __ATOMIC_RELAXED);
}

static void wait_for(const int *what, int value)
{
	while (get(what) != value)
		weft_yield();
}

/* The last who waits in a queue.  The field is the runtime's and read without its lock, but a test
 * may look. */
__attribute__((noinline, no_sanitize("thread"))) static const void *last_of(const weft_waitq *q)
{
	return *(struct weft_waiter *volatile const *)&q->tail;
}

/* Run fn(arg) in a goroutine until it waits in q. */
static void go_until_it_waits(void (*fn)(void *), void *arg, const weft_waitq *q)
{
	const void *before = last_of(q);

	weft_go(fn, arg);
	while (last_of(q) == before)
		weft_yield();
}

static void write_often(void *arg)
{
	struct shared *s = arg;

	for (int i = 0; i < s->rounds; i++) {
		weft_rwmutex_lock(&s->rw);
		EXPECT_EQ(add(&s->writers, 1), 1);
		EXPECT_EQ(get(&s->readers), 0);
		s->n++;
		if (i % 64 == 0)
			weft_yield(); // with the lock held
		add(&s->writers, -1);
		weft_rwmutex_unlock(&s->rw);
	}
	weft_waitgroup_done(&s->wg);
}

static void read_often(void *arg)
{
	struct shared *s = arg;

	for (int i = 0; i < s->rounds; i++) {
		long before;

		weft_rwmutex_rlock(&s->rw);
		add(&s->readers, 1);
		EXPECT_EQ(get(&s->writers), 0);
		before = s->n;
		if (i % 64 == 0)
			weft_yield();
		EXPECT_EQ(s->n, before);
		add(&s->readers, -1);
		weft_rwmutex_runlock(&s->rw);
	}
	weft_waitgroup_done(&s->wg);
}

TEST(rwmutex_writers_exclude_writers_and_readers)
{
	struct shared s = {.rounds = test_scaled(10000)};

	weft_waitgroup_add(&s.wg, 12);
	for (int i = 0; i < 12; i++)
		weft_go(i % 3 ? read_often : write_often, &s);
	weft_waitgroup_wait(&s.wg);
	EXPECT_EQ(s.n, 4L * s.rounds);
}

TEST(rwmutex_try_lock_needs_it_free_and_try_rlock_needs_no_writer)
{
	weft_rwmutex rw = {0};

	EXPECT(weft_rwmutex_try_lock(&rw));
	EXPECT(!weft_rwmutex_try_lock(&rw));
	EXPECT(!weft_rwmutex_try_rlock(&rw));
	weft_rwmutex_unlock(&rw);
	EXPECT(weft_rwmutex_try_rlock(&rw));
	EXPECT(weft_rwmutex_try_rlock(&rw));
	EXPECT(!weft_rwmutex_try_lock(&rw));
	weft_rwmutex_runlock(&rw);
	EXPECT(!weft_rwmutex_try_lock(&rw));
	weft_rwmutex_runlock(&rw);
	weft_rwmutex_lock(&rw);
	weft_rwmutex_unlock(&rw);
	EXPECT(weft_rwmutex_try_lock(&rw));
	weft_rwmutex_unlock(&rw);
}

static void meet(void *arg)
{
	struct shared *s = arg;

	weft_rwmutex_rlock(&s->rw);
	add(&s->readers, 1);
	wait_for(&s->most, 1);
	weft_rwmutex_runlock(&s->rw);
	weft_waitgroup_done(&s->wg);
}

TEST(rwmutex_readers_read_at_the_same_time)
{
	struct shared s = {.n = 0};

	weft_waitgroup_add(&s.wg, 4);
	for (int i = 0; i < 4; i++)
		weft_go(meet, &s);
	wait_for(&s.readers, 4);
	EXPECT(!weft_rwmutex_try_lock(&s.rw));
	add(&s.most, 1);
	weft_waitgroup_wait(&s.wg);
	EXPECT(weft_rwmutex_try_lock(&s.rw));
}

static void write_once(void *arg)
{
	struct shared *s = arg;

	weft_rwmutex_lock(&s->rw);
	EXPECT_EQ(get(&s->readers), 0);
	add(&s->writers, 1);
	weft_rwmutex_unlock(&s->rw);
	weft_waitgroup_done(&s->wg);
}

static void read_once(void *arg)
{
	struct shared *s = arg;

	weft_rwmutex_rlock(&s->rw);
	EXPECT_EQ(get(&s->writers), 1); // the writer that waited went first
	add(&s->readers, 1);
	weft_rwmutex_runlock(&s->rw);
	weft_waitgroup_done(&s->wg);
}

TEST(a_waiting_writer_blocks_new_readers)
{
	struct shared s = {.n = 0};

	weft_waitgroup_add(&s.wg, 2);
	weft_rwmutex_rlock(&s.rw);
	go_until_it_waits(write_once, &s, &s.rw.writers);
	EXPECT(!weft_rwmutex_try_rlock(&s.rw));
	go_until_it_waits(read_once, &s, &s.rw.readers);
	EXPECT_EQ(get(&s.writers), 0);
	weft_rwmutex_runlock(&s.rw);
	weft_waitgroup_wait(&s.wg);
	EXPECT_EQ(get(&s.readers), 1);
}

static void write_second(void *arg)
{
	struct shared *s = arg;

	weft_rwmutex_lock(&s->rw);
	EXPECT_EQ(get(&s->readers), 3); // all that waited went first
	weft_rwmutex_unlock(&s->rw);
	weft_waitgroup_done(&s->wg);
}

static void read_between(void *arg)
{
	struct shared *s = arg;

	weft_rwmutex_rlock(&s->rw);
	add(&s->readers, 1);
	wait_for(&s->readers, 3);
	weft_rwmutex_runlock(&s->rw);
	weft_waitgroup_done(&s->wg);
}

TEST(readers_that_wait_go_before_the_next_writer)
{
	struct shared s = {.n = 0};

	weft_waitgroup_add(&s.wg, 4);
	weft_rwmutex_lock(&s.rw);
	go_until_it_waits(write_second, &s, &s.rw.writers);
	for (int i = 0; i < 3; i++)
		go_until_it_waits(read_between, &s, &s.rw.readers);
	weft_rwmutex_unlock(&s.rw);
	weft_waitgroup_wait(&s.wg);
}

struct hog {
	weft_rwmutex rw;
	bool stop;
	weft_waitgroup wg;
};

static void hog_reading(void *arg)
{
	struct hog *h = arg;

	while (!__atomic_load_n(&h->stop, __ATOMIC_RELAXED)) {
		weft_rwmutex_rlock(&h->rw);
		weft_sleep(100 * WEFT_US);
		weft_rwmutex_runlock(&h->rw);
	}
	weft_waitgroup_done(&h->wg);
}

TEST(a_writer_gets_the_rwmutex_although_others_always_read)
{
	struct hog h = {.stop = false};

	weft_waitgroup_add(&h.wg, 6);
	for (int i = 0; i < 6; i++)
		weft_go(hog_reading, &h); // one or another has it at any time
	for (int i = 0; i < 20; i++) {
		weft_rwmutex_lock(&h.rw);
		weft_rwmutex_unlock(&h.rw);
	}
	__atomic_store_n(&h.stop, true, __ATOMIC_RELAXED);
	weft_waitgroup_wait(&h.wg);
}

static void unlock_both(void *arg)
{
	weft_rwmutex *rw = arg;

	weft_rwmutex_unlock(rw);
	weft_rwmutex_rlock(rw);
}

TEST(another_goroutine_may_unlock_an_rwmutex)
{
	weft_rwmutex rw = {0};

	weft_rwmutex_lock(&rw);
	weft_go(unlock_both, &rw);
	while (weft_count() > 1)
		weft_yield();
	weft_rwmutex_runlock(&rw);
	EXPECT(weft_rwmutex_try_lock(&rw));
}

struct counted {
	weft_rwmutex rw;
	int refs;
};

static void leave(void *arg)
{
	struct counted *c = arg;
	bool last;

	weft_rwmutex_rlock(&c->rw);
	weft_rwmutex_runlock(&c->rw);
	weft_rwmutex_lock(&c->rw);
	last = --c->refs == 0;
	weft_rwmutex_unlock(&c->rw);
	if (last)
		free(c);
}

TEST(whoever_locks_last_may_free_the_rwmutex)
{
	for (int i = 0; i < test_scaled(5000); i++) {
		struct counted *c = calloc(1, sizeof *c);

		c->refs = 4;
		for (int k = 0; k < 4; k++)
			weft_go(leave, c);
		weft_yield();
	}
	while (weft_count() > 1)
		weft_yield();
}

/* Readers order nothing among themselves, but all that they did is seen by the next writer. */
struct handed {
	weft_rwmutex rw;
	int read_by[4];
	int last;
};

static void read_and_leave(void *arg)
{
	struct handed *h = arg;
	int me = add(&h->last, 1) - 1;

	weft_rwmutex_rlock(&h->rw);
	h->read_by[me] = 1;
	weft_rwmutex_runlock(&h->rw);
}

TEST(a_writer_sees_what_readers_did)
{
	for (int round = 0; round < test_scaled(500); round++) {
		struct handed h = {.last = 0};
		int seen = 0;

		for (int i = 0; i < 4; i++)
			weft_go(read_and_leave, &h);
		while (seen < 4) {
			seen = 0;
			weft_rwmutex_lock(&h.rw);
			for (int i = 0; i < 4; i++)
				seen += h.read_by[i];
			weft_rwmutex_unlock(&h.rw);
			weft_yield();
		}
		while (weft_count() > 1)
			weft_yield();
	}
}
