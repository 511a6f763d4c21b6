/* SPDX-License-Identifier: MIT */
#define _GNU_SOURCE
#include "../test.h"

static void join(void)
{
	while (weft_count() > 1)
		weft_yield();
}

static bool stop;

static void stop_all(void)
{
	__atomic_store_n(&stop, true, __ATOMIC_RELAXED);
	join();
}

/* The threads that are somebody's, who must be the only one to find itself there. */
static uint32_t taken[1 << 15]; /* by tid modulo: the goroutine, or 0; atomic */

static uint32_t *slot(void)
{
	return &taken[(unsigned)gettid() % (sizeof taken / sizeof *taken)];
}

static int pin(void)
{
	weft_pin();
	EXPECT_EQ(__atomic_exchange_n(slot(), (uint32_t)weft_id(), __ATOMIC_RELAXED), 0);
	return gettid();
}

static void look(int tid)
{
	EXPECT_EQ(gettid(), tid);
	EXPECT_EQ(__atomic_load_n(slot(), __ATOMIC_RELAXED), weft_id());
}

static void unpin(int tid)
{
	look(tid);
	__atomic_store_n(slot(), 0, __ATOMIC_RELAXED);
	weft_unpin();
}

/* Not pinned. */
static void look_free(void)
{
	weft_pin(); // or the two lines below might be on two threads
	EXPECT_EQ(__atomic_load_n(slot(), __ATOMIC_RELAXED), 0);
	weft_unpin();
}

static void roam(void *arg)
{
	(void)arg;
	while (!__atomic_load_n(&stop, __ATOMIC_RELAXED)) {
		look_free();
		weft_yield();
	}
}

static void roam_all(int n)
{
	for (int i = 0; i < n; i++)
		weft_go(roam, NULL);
}

TEST(a_pinned_goroutine_stays_on_its_thread_over_yields_and_sleeps)
{
	int tid = pin();

	roam_all(5);
	for (int i = 0; i < test_scaled(200); i++) {
		weft_yield();
		look(tid);
	}
	for (int i = 0; i < 10; i++) {
		weft_sleep(WEFT_MS);
		look(tid);
	}
	unpin(tid);
	stop_all();
}

/* Where it loses its worker to the others. */
TEST(a_pinned_goroutine_stays_on_its_thread_over_blocking_calls)
{
	int tid = pin();

	roam_all(10);
	for (int i = 0; i < 5; i++) {
		usleep(25000);
		look(tid);
		weft_yield();
		look(tid);
	}
	unpin(tid);
	stop_all();
}

static void hand_round(void *arg)
{
	weft_chan **chans = arg;
	int tid = pin(), v;

	while (weft_chan_recv(chans[0], &v)) {
		look(tid);
		v++;
		weft_chan_send(chans[1], &v);
		look(tid);
	}
	weft_chan_close(chans[1]);
	unpin(tid);
}

TEST(many_pinned_goroutines_talk_over_channels)
{
	enum { N = 20 };
	weft_chan *chans[N + 1];
	int tid = pin(), n = test_scaled(100), v;

	for (int i = 0; i <= N; i++)
		chans[i] = weft_chan_make(sizeof(int), i % 2);
	for (int i = 0; i < N; i++)
		weft_go(hand_round, &chans[i]);
	for (int i = 0; i < n; i++) {
		weft_chan_send(chans[0], &i);
		EXPECT(weft_chan_recv(chans[N], &v));
		EXPECT_EQ(v, i + N);
		look(tid);
	}
	weft_chan_close(chans[0]);
	EXPECT(!weft_chan_recv(chans[N], &v));
	unpin(tid);
	join();
	for (int i = 0; i <= N; i++)
		weft_chan_unref(chans[i]);
}

static void tell(void *arg)
{
	int v = 0;

	for (int i = 0; i < 10; i++)
		weft_yield();
	weft_chan_send(arg, &v);
}

TEST(a_pinned_goroutine_that_polls_lets_others_run)
{
	weft_chan *c = weft_chan_make(sizeof(int), 0);
	int tid = pin(), v;

	weft_go(tell, c);
	while (!weft_chan_try_recv(c, &v, NULL))
		look(tid);
	unpin(tid);
	join();
	weft_chan_unref(c);
}

static void yield_pinned(void *arg)
{
	int tid = pin();

	(void)arg;
	while (!__atomic_load_n(&stop, __ATOMIC_RELAXED)) {
		weft_yield();
		look(tid);
	}
	unpin(tid);
}

/* After Go's TestYieldLockedProgress. */
TEST(pinned_goroutines_that_yield_let_sleepers_and_each_other_go_on)
{
	weft_go(yield_pinned, NULL);
	weft_go(yield_pinned, NULL);
	for (int i = 0; i < 10; i++)
		weft_sleep(WEFT_MS);
	stop_all();
}

static struct {
	weft_mutex mutex;
	weft_waitgroup wg;
	int64_t n;
} counter;

static void contend(void *arg)
{
	bool pinned = arg != NULL;
	int tid = pinned ? pin() : 0;

	for (int i = 0; i < test_scaled(300); i++) {
		weft_mutex_lock(&counter.mutex);
		counter.n++;
		if (i % 8 == 0)
			weft_yield();
		weft_mutex_unlock(&counter.mutex);
		if (pinned)
			look(tid);
		else
			look_free();
	}
	if (pinned)
		unpin(tid);
	weft_waitgroup_done(&counter.wg);
}

TEST(pinned_and_free_goroutines_contend_for_a_mutex)
{
	weft_waitgroup_add(&counter.wg, 16);
	for (int i = 0; i < 16; i++)
		weft_go(contend, i % 2 ? &counter : NULL);
	weft_waitgroup_wait(&counter.wg);
	EXPECT_EQ(counter.n, 16 * test_scaled(300));
}

static void come_and_go(void *arg)
{
	(void)arg;
	for (int i = 0; i < test_scaled(100); i++) {
		int tid = pin();

		weft_yield();
		look(tid);
		if (i % 16 == 0)
			weft_sleep(10000);
		unpin(tid);
		weft_yield();
		look_free();
	}
}

TEST(goroutines_that_are_pinned_for_moments_while_workers_come_and_go)
{
	for (int i = 0; i < 20; i++)
		weft_go(come_and_go, NULL);
	for (int i = 0; weft_count() > 1; i++) {
		weft_procs(i % 2 ? 1 : 8);
		weft_yield();
	}
}

static void note_thread(void *arg)
{
	__atomic_store_n((int *)arg, gettid(), __ATOMIC_RELAXED);
}

TEST(an_unpinned_thread_serves_others)
{
	int tid, other;

	weft_procs(1);
	do { // again if the worker went elsewhere meanwhile
		tid = pin();
		weft_go(note_thread, &other);
		join();
		EXPECT(__atomic_load_n(&other, __ATOMIC_RELAXED) != tid);
		unpin(tid);
		weft_go(note_thread, &other);
		join();
	} while (__atomic_load_n(&other, __ATOMIC_RELAXED) != tid);
}

TEST(a_goroutine_is_pinned_until_it_is_unpinned_as_often)
{
	int tid;

	weft_pin();
	tid = pin();
	weft_pin();
	roam_all(5);
	weft_unpin();
	for (int i = 0; i < 50; i++) {
		weft_yield();
		look(tid);
	}
	weft_unpin();
	for (int i = 0; i < 50; i++) {
		weft_yield();
		look(tid);
	}
	unpin(tid);
	stop_all();
}

static void end_pinned(void *arg)
{
	weft_pin();
	weft_pin();
	if (arg)
		weft_exit();
}

TEST(a_goroutine_that_ends_is_pinned_no_longer)
{
	for (int i = 0; i < test_scaled(100); i++) {
		weft_go(end_pinned, i % 2 ? &stop : NULL);
		weft_go(come_and_go, NULL);
		join();
	}
}

static void unpin_once_more(void *arg)
{
	(void)arg;
	weft_pin();
	weft_unpin();
	weft_unpin();
}

TEST(to_unpin_a_goroutine_that_is_not_pinned_is_a_panic)
{
	EXPECT(!weft_try(unpin_once_more, NULL, NULL));
	weft_pin();
	weft_unpin();
}
