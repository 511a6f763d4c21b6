/* SPDX-License-Identifier: MIT */
/* Operations that do not wait give way all the same.  How often one was done before another
 * goroutine ran can be told with one worker only, where nobody runs meanwhile. */
#include "../test.h"

/* What a goroutine may do before it gives way: at most so many operations, fewer that fail. */
enum { MANY = 10000, POLLS = 1000 };

struct poll {
	weft_chan *c, *full, *room;
	weft_mutex mu, own;
	weft_rwmutex rw, read;
	weft_semaphore s;
	weft_waitgroup wg;
	bool stop;
	int turns;
};

/* Runs whenever it is let: it counts its turns. */
static void take_turns(void *arg)
{
	struct poll *p = arg;

	while (!__atomic_load_n(&p->stop, __ATOMIC_RELAXED)) {
		__atomic_fetch_add(&p->turns, 1, __ATOMIC_RELAXED);
		weft_yield();
	}
	weft_waitgroup_done(&p->wg);
}

static bool try_recv(struct poll *p)
{
	return weft_chan_try_recv(p->c, NULL, NULL);
}

static bool try_send(struct poll *p)
{
	return weft_chan_try_send(p->full, &(int){1});
}

static bool try_null(struct poll *p)
{
	(void)p;
	return weft_chan_try_recv(NULL, NULL, NULL) || weft_chan_try_send(NULL, &(int){1});
}

static bool select_default(struct poll *p)
{
	return weft_select(weft_on_recv(p->c, NULL), weft_on_default()) == 0;
}

static bool select_no_time(struct poll *p)
{
	return weft_select(weft_on_recv(p->c, NULL), weft_on_timeout(0)) == 0;
}

static bool try_lock(struct poll *p)
{
	return weft_mutex_try_lock(&p->mu);
}

static bool try_rwlock(struct poll *p)
{
	return weft_rwmutex_try_lock(&p->rw) || weft_rwmutex_try_rlock(&p->rw);
}

static bool try_acquire(struct poll *p)
{
	return weft_semaphore_try_acquire(&p->s, 1);
}

static bool sleep_no_time(struct poll *p)
{
	(void)p;
	weft_sleep(0);
	return false;
}

/* Those below succeed each time, and never wait. */
static bool lock_and_unlock(struct poll *p)
{
	weft_mutex_lock(&p->own);
	weft_mutex_unlock(&p->own);
	return false;
}

static bool rlock_and_runlock(struct poll *p)
{
	weft_rwmutex_rlock(&p->read);
	weft_rwmutex_runlock(&p->read);
	return false;
}

static bool send_and_recv(struct poll *p)
{
	weft_chan_send(p->room, &(int){1});
	weft_chan_recv(p->room, NULL);
	return false;
}

static bool select_ready(struct poll *p)
{
	return weft_select(weft_on_send(p->room, &(int){1}), weft_on_recv(p->room, NULL)) < 0;
}

/* Until another goroutine had 20 turns; at most so many times each with one worker. */
static void give_way(bool (*op)(struct poll *p), int at_most)
{
	struct poll p = {.s.size = 1};
	int since = 0;

	p.c = weft_chan_make(sizeof(int), 0);
	p.full = weft_chan_make(sizeof(int), 1);
	p.room = weft_chan_make(sizeof(int), 2);
	weft_chan_send(p.full, &(int){1});
	weft_mutex_lock(&p.mu);
	weft_rwmutex_lock(&p.rw);
	weft_semaphore_acquire(&p.s, 1);
	weft_waitgroup_add(&p.wg, 1);
	weft_go(take_turns, &p);
	for (int seen = 0; seen < 20;) {
		int turns = __atomic_load_n(&p.turns, __ATOMIC_RELAXED);

		EXPECT(!op(&p));
		since = turns == seen ? since + 1 : 0;
		seen = turns;
		EXPECT(test_workers() > 1 || since <= at_most);
	}
	__atomic_store_n(&p.stop, true, __ATOMIC_RELAXED);
	weft_waitgroup_wait(&p.wg);
	weft_chan_unref(p.c);
	weft_chan_unref(p.full);
	weft_chan_unref(p.room);
}

TEST(who_polls_without_yielding_gives_way_soon)
{
	give_way(try_recv, POLLS);
	give_way(try_send, POLLS);
	give_way(try_null, POLLS);
	give_way(select_default, POLLS);
	give_way(select_no_time, POLLS);
	give_way(try_lock, POLLS);
	give_way(try_rwlock, POLLS);
	give_way(try_acquire, POLLS);
	give_way(sleep_no_time, POLLS);
}

TEST(operations_that_always_succeed_give_way)
{
	give_way(lock_and_unlock, MANY);
	give_way(rlock_and_runlock, MANY);
	give_way(send_and_recv, MANY);
	give_way(select_ready, MANY);
}

static void send_hundred(void *arg)
{
	for (int i = 0; i < 100; i++)
		weft_chan_send(arg, &i);
}

/* src/runtime/proc_test.go, TestYieldProgress, without the yield. */
TEST(a_poller_that_selects_with_default_does_not_starve_a_sender)
{
	weft_chan *c = weft_chan_make(sizeof(int), 0);
	long polls = 0;
	int got = 0, v;

	weft_go(send_hundred, c);
	while (got < 100) {
		if (weft_select(weft_on_recv(c, &v), weft_on_default()) == 0)
			EXPECT_EQ(v, got++);
		polls++;
	}
	EXPECT(test_workers() > 1 || polls < 101L * POLLS);
	weft_chan_unref(c);
}

static void keep_full(void *arg)
{
	struct poll *p = arg;

	while (!__atomic_load_n(&p->stop, __ATOMIC_RELAXED))
		weft_select(weft_on_send(p->room, &(int){1}), weft_on_default());
	weft_waitgroup_done(&p->wg);
}

static void take_and_put(void *arg)
{
	struct poll *p = arg;

	while (weft_select(weft_on_recv(p->room, NULL), weft_on_recv(p->c, NULL)) == 0)
		weft_chan_try_send(p->room, &(int){1});
	weft_waitgroup_done(&p->wg);
}

static void timer_beside(void (*busy)(void *))
{
	struct poll p = {.room = weft_chan_make(sizeof(int), 4), .c = weft_chan_make(0, 0)};
	weft_chan *timer;
	int64_t began = test_now();

	weft_chan_send(p.room, &(int){1});
	weft_chan_send(p.room, &(int){1});
	weft_waitgroup_add(&p.wg, 2);
	weft_go(busy, &p);
	weft_go(busy, &p);
	timer = weft_after(20 * WEFT_MS);
	while (weft_select(weft_on_recv(p.room, NULL), weft_on_recv(timer, NULL)) == 0)
		weft_chan_try_send(p.room, &(int){1});
	EXPECT(test_now() - began >= 20 * WEFT_MS);
	EXPECT(test_now() - began < 10 * WEFT_S);
	__atomic_store_n(&p.stop, true, __ATOMIC_RELAXED);
	weft_chan_close(p.c);
	weft_waitgroup_wait(&p.wg);
	weft_chan_unref(timer);
	weft_chan_unref(p.room);
	weft_chan_unref(p.c);
}

/* src/runtime/proc_test.go, TestTimerFairness and TestTimerFairness2. */
TEST(a_timer_case_is_taken_though_the_other_is_always_ready)
{
	timer_beside(keep_full);
	timer_beside(take_and_put);
}

enum { WAITERS = 100 };

struct ring {
	weft_mutex mu;
	weft_waitgroup wg;
	int waiting, handed, woken_first;
	int first[WAITERS + 1]; /* who ran first after each hand-over: 1 the woken, 2 the other */
};

static int claim(struct ring *r, int turn, int who)
{
	int none = 0;

	__atomic_compare_exchange_n(&r->first[turn], &none, who, false, __ATOMIC_RELAXED,
				    __ATOMIC_RELAXED);
	return __atomic_load_n(&r->first[turn], __ATOMIC_RELAXED);
}

/* With the mutex. */
static void hand_on(struct ring *r)
{
	int turn = r->handed;

	weft_mutex_unlock(&r->mu);
	claim(r, turn, 2);
}

static void take_over(void *arg)
{
	struct ring *r = arg;

	__atomic_fetch_add(&r->waiting, 1, __ATOMIC_RELAXED);
	weft_mutex_lock(&r->mu);
	r->woken_first += claim(r, r->handed++, 1) == 1;
	hand_on(r);
	weft_waitgroup_done(&r->wg);
}

/* src/runtime/sema_test.go, TestSemaHandoff: a mutex is handed over to those that have waited for
 * more than a millisecond. */
TEST(who_is_handed_a_mutex_runs_before_who_handed_it_over)
{
	int rounds = test_scaled(100), woken_first = 0;

	for (int i = 0; i < rounds; i++) {
		struct ring r = {0};

		weft_waitgroup_add(&r.wg, WAITERS);
		weft_mutex_lock(&r.mu);
		for (int k = 0; k < WAITERS; k++)
			weft_go(take_over, &r);
		while (__atomic_load_n(&r.waiting, __ATOMIC_RELAXED) < WAITERS)
			weft_yield();
		weft_sleep(2 * WEFT_MS);
		hand_on(&r);
		weft_waitgroup_wait(&r.wg);
		EXPECT_EQ(r.handed, WAITERS);
		woken_first += r.woken_first;
	}
	EXPECT(woken_first * 3 >= rounds * WAITERS * 2);
}
