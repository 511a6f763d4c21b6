/* SPDX-License-Identifier: MIT */
#include "../test.h"

typedef weft_chan_of(int) int_chan;

static void join(void)
{
	while (weft_count() > 1)
		weft_yield();
}

TEST(the_number_of_workers_is_what_was_set)
{
	EXPECT_EQ(weft_procs(0), test_workers());
	EXPECT_EQ(weft_procs(3), test_workers());
	EXPECT_EQ(weft_procs(0), 3);
	EXPECT_EQ(weft_procs(256), 3);
	EXPECT_EQ(weft_procs(1), 256);
	EXPECT_EQ(weft_procs(1), 1);
}

static void count_down(void *arg)
{
	for (int i = 0; i < 20; i++)
		weft_yield();
	weft_waitgroup_done(arg);
}

TEST(what_is_queued_on_a_worker_runs_after_it_is_removed)
{
	weft_waitgroup wg = {0};

	for (int i = 0; i < test_scaled(100); i++) {
		weft_procs(i % 2 ? 1 : 8);
		weft_waitgroup_add(&wg, 20);
		for (int j = 0; j < 20; j++)
			weft_go(count_down, &wg);
		weft_yield();
	}
	weft_waitgroup_wait(&wg);
	join();
}

enum { EXCHANGES = 100000, EXCHANGERS = 8 };
struct shared {
	weft_mutex mu;
	int_chan c;
	weft_waitgroup wg;
	long locked, n;
};

static void lock_and_send(void *arg)
{
	struct shared *s = arg;
	int v;

	for (int i = 0; i < test_scaled(EXCHANGES); i++) {
		weft_mutex_lock(&s->mu);
		s->locked++;
		weft_mutex_unlock(&s->mu);
		weft_send(s->c, 1);
		weft_recv(s->c, &v);
		__atomic_fetch_add(&s->n, v, __ATOMIC_RELAXED);
	}
	weft_waitgroup_done(&s->wg);
}

/* One worker needs no locked instructions; the next ones find all as it was left. */
TEST(what_one_worker_has_begun_goes_on_with_more)
{
	struct shared s = {.c = weft_make(int_chan, EXCHANGERS)};

	weft_waitgroup_add(&s.wg, EXCHANGERS);
	for (int i = 0; i < EXCHANGERS; i++)
		weft_go(lock_and_send, &s);
	while (__atomic_load_n(&s.n, __ATOMIC_RELAXED) < test_scaled(EXCHANGES))
		weft_yield();
	weft_procs(8);
	weft_waitgroup_wait(&s.wg);
	EXPECT_EQ(s.locked, EXCHANGERS * (long)test_scaled(EXCHANGES));
	EXPECT_EQ(s.n, EXCHANGERS * (long)test_scaled(EXCHANGES));
	weft_chan_unref(s.c.chan);
	join();
}

static void sleep_a_little(void *arg)
{
	weft_sleep((int64_t)(weft_id() % 20) * WEFT_MS);
	weft_waitgroup_done(arg);
}

TEST(timers_of_removed_workers_fire)
{
	weft_waitgroup wg = {0};

	weft_procs(8);
	for (int round = 0; round < 5; round++) {
		weft_waitgroup_add(&wg, 100);
		for (int i = 0; i < 100; i++)
			weft_go(sleep_a_little, &wg);
		weft_sleep(5 * WEFT_MS);
		weft_procs(1);
		weft_waitgroup_wait(&wg);
		weft_procs(8);
	}
	join();
}

static void tell_after_a_sleep(void *arg)
{
	weft_sleep(30 * WEFT_MS);
	__atomic_store_n((int *)arg, 1, __ATOMIC_RELAXED);
}

/* The goroutine that computes has the only worker that is left, unless it is taken from it. */
TEST(timers_of_removed_workers_fire_while_the_last_worker_computes)
{
	int told[8] = {0};

	weft_procs(8);
	for (int i = 0; i < 8; i++)
		weft_go(tell_after_a_sleep, &told[i]);
	weft_sleep(5 * WEFT_MS);
	weft_procs(1);
	for (int i = 0; i < 8; i++)
		while (!__atomic_load_n(&told[i], __ATOMIC_RELAXED))
			;
	join();
}

static bool stop;
static weft_mutex mu;
static int total;

struct pair {
	int_chan there, back;
	weft_waitgroup ended;
};

static void echo(void *arg)
{
	struct pair *p = arg;
	int v;

	while (weft_recv(p->there, &v))
		weft_send(p->back, v + 1);
	weft_waitgroup_done(&p->ended);
}

static void exchange(void *arg)
{
	struct pair p = {.there = weft_make(int_chan, 0), .back = weft_make(int_chan, 1)};
	int v;

	weft_waitgroup_add(&p.ended, 1);
	weft_go(echo, &p);
	for (int i = 0; !__atomic_load_n(&stop, __ATOMIC_RELAXED); i++) {
		weft_send(p.there, i);
		EXPECT(weft_recv(p.back, &v));
		EXPECT_EQ(v, i + 1);
		weft_mutex_lock(&mu);
		total++;
		weft_mutex_unlock(&mu);
		if (i % 50 == 0)
			weft_sleep(WEFT_MS / 10);
		if (i % 1000 == 7)
			usleep(12000); // its worker may be taken
	}
	weft_close(p.there);
	weft_waitgroup_wait(&p.ended);
	weft_waitgroup_done(arg);
}

TEST(workers_come_and_go_while_goroutines_do_everything)
{
	weft_waitgroup wg = {0};
	unsigned seed = 1;

	weft_waitgroup_add(&wg, 8);
	for (int i = 0; i < 8; i++)
		weft_go(exchange, &wg);
	for (int i = 0; i < test_scaled(300); i++) {
		weft_procs(1 + rand_r(&seed) % 9);
		weft_sleep(WEFT_MS);
	}
	__atomic_store_n(&stop, true, __ATOMIC_RELAXED);
	weft_waitgroup_wait(&wg);
	EXPECT(total > 0);
}
