/* SPDX-License-Identifier: MIT */
#include "../test.h"

static int64_t fired_at(weft_timer *t)
{
	int64_t when = 0;

	EXPECT(weft_chan_recv(weft_timer_chan(t), &when));
	return when;
}

/* Nothing can be received now. */
static bool silent(weft_timer *t)
{
	return !weft_chan_try_recv(weft_timer_chan(t), NULL, NULL);
}

static void spin_until(int64_t when)
{
	while (test_now() < when)
		weft_yield();
}

TEST(a_timer_fires_once_and_not_before_its_time)
{
	int64_t began = test_now(), when;
	weft_timer *t = weft_timer_make(5 * WEFT_MS);

	when = fired_at(t);
	EXPECT(test_now() - began >= 5 * WEFT_MS);
	EXPECT(when - began >= 5 * WEFT_MS && when <= test_now());
	EXPECT(silent(t));
	EXPECT(!weft_timer_stop(t));
	weft_timer_unref(t);
}

TEST(a_timer_of_nothing_has_fired_at_once)
{
	static const int64_t ns[] = {0, -1, INT64_MIN};

	for (int i = 0; i < 3; i++) {
		weft_timer *t = weft_timer_make(ns[i]);

		EXPECT(!silent(t));
		EXPECT(silent(t));
		weft_timer_unref(t);
	}
}

TEST(an_endless_timer_does_not_overflow)
{
	weft_timer *t = weft_timer_make(INT64_MAX), *tick = weft_ticker_make(INT64_MAX);

	EXPECT_EQ(weft_select(weft_on_recv(weft_timer_chan(t), NULL),
			      weft_on_recv(weft_timer_chan(tick), NULL),
			      weft_on_timeout(5 * WEFT_MS)),
		  2);
	EXPECT(weft_timer_stop(t));
	weft_timer_unref(t);
	weft_timer_unref(tick);
}

TEST(the_channel_of_a_timer_has_no_length_and_no_capacity)
{
	weft_timer *t = weft_timer_make(0);

	EXPECT_EQ(weft_chan_len(weft_timer_chan(t)), 0);
	EXPECT_EQ(weft_chan_cap(weft_timer_chan(t)), 0);
	EXPECT(!silent(t));
	EXPECT_EQ(weft_chan_len(weft_timer_chan(t)), 0);
	weft_timer_unref(t);
}

/* Each when its time has come, and then none that was due before is still to come. */
TEST(timers_fire_in_the_order_of_their_times)
{
	static const int slots[] = {5, 3, 6, 6, 6, 1, 1, 2, 7, 9, 4, 8, 0};
	enum { N = sizeof slots / sizeof *slots };
	int64_t began = test_now(), due[N], when, earlier;
	weft_case cases[N];
	weft_chan *after[N];

	for (int i = 0; i < N; i++) {
		after[i] = weft_after(slots[i] * 30 * WEFT_MS);
		due[i] = test_now() + slots[i] * 30 * WEFT_MS; // at the latest
		cases[i] = weft_on_recv(after[i], &when);
	}
	for (int left = N; left > 0;) {
		int fired = weft_select_cases(cases, N);

		EXPECT(test_now() - began >= slots[fired] * 30 * WEFT_MS);
		cases[fired].kind = WEFT_CASE_NONE;
		left--;
		for (int i = 0; i < N; i++) {
			if (cases[i].kind == WEFT_CASE_NONE || due[i] > when)
				continue;
			EXPECT(weft_chan_try_recv(after[i], &earlier, NULL));
			EXPECT(earlier <= due[i]);
			cases[i].kind = WEFT_CASE_NONE;
			left--;
		}
	}
	for (int i = 0; i < N; i++)
		weft_chan_unref(after[i]);
}

TEST(reset_moves_a_timer_and_the_old_time_passes_in_silence)
{
	weft_timer *t = weft_timer_make(20 * WEFT_MS);
	int64_t again;

	EXPECT(weft_timer_reset(t, 3600 * WEFT_S));
	spin_until(test_now() + 30 * WEFT_MS);
	EXPECT(silent(t));
	again = test_now();
	EXPECT(weft_timer_reset(t, 5 * WEFT_MS));
	EXPECT(fired_at(t) - again >= 5 * WEFT_MS);
	EXPECT(!weft_timer_reset(t, 5 * WEFT_MS));
	fired_at(t);
	weft_timer_unref(t);
}

static void receive_one(void *arg)
{
	weft_timer *t = ((void **)arg)[0];
	int64_t when = fired_at(t);

	weft_chan_send(((void **)arg)[1], &when);
}

TEST(a_timer_moved_to_the_past_fires_at_once_for_who_waits)
{
	for (int i = 0; i < test_scaled(1000); i++) {
		weft_chan *out = weft_chan_make(sizeof(int64_t), 0);
		weft_timer *t = weft_timer_make(3600 * WEFT_S);
		void *arg[] = {t, out};
		int64_t when;

		weft_go(receive_one, arg);
		for (int k = 0; k < 9; k++) {
			EXPECT(weft_timer_reset(t, (3600 - k) * WEFT_S));
			if (i % 2)
				weft_yield();
		}
		EXPECT(weft_timer_reset(t, -WEFT_S));
		EXPECT(weft_chan_recv(out, &when));
		EXPECT(when <= test_now());
		weft_timer_unref(t);
		weft_chan_unref(out);
	}
}

TEST(after_stop_or_reset_no_stale_time_can_be_received)
{
	for (int i = 0; i < test_scaled(2000); i++) {
		weft_timer *t = weft_timer_make(i % 50 * WEFT_US);
		int64_t now;

		spin_until(test_now() + i % 40 * WEFT_US);
		EXPECT(weft_timer_stop(t));
		EXPECT(silent(t));
		EXPECT(!weft_timer_stop(t));
		EXPECT(!weft_timer_reset(t, i % 50 * WEFT_US));
		spin_until(test_now() + i % 40 * WEFT_US);
		now = test_now();
		EXPECT(weft_timer_reset(t, 10 * WEFT_US));
		EXPECT(fired_at(t) >= now + 10 * WEFT_US);
		weft_timer_unref(t);
	}
}

TEST(a_receiver_that_waits_when_a_timer_is_stopped_waits_on_until_it_is_reset)
{
	weft_chan *out = weft_chan_make(sizeof(int64_t), 0);
	weft_timer *t = weft_timer_make(3600 * WEFT_S);
	void *arg[] = {t, out};
	int64_t when, began = test_now();

	weft_go(receive_one, arg);
	spin_until(began + 5 * WEFT_MS);
	EXPECT(weft_timer_stop(t));
	EXPECT_EQ(weft_select(weft_on_recv(out, &when), weft_on_timeout(5 * WEFT_MS)), 1);
	EXPECT(!weft_timer_reset(t, 5 * WEFT_MS));
	EXPECT(weft_chan_recv(out, &when));
	EXPECT(when - began >= 15 * WEFT_MS);
	weft_timer_unref(t);
}

TEST(one_time_wakes_one_of_many_receivers)
{
	weft_chan *out = weft_chan_make(sizeof(int64_t), 0);
	weft_timer *t = weft_timer_make(5 * WEFT_MS);
	void *arg[] = {t, out};

	for (int i = 0; i < 10; i++)
		weft_go(receive_one, arg);
	for (int i = 0; i < 10; i++) {
		EXPECT(weft_chan_recv(out, NULL));
		EXPECT_EQ(weft_select(weft_on_recv(out, NULL), weft_on_timeout(2 * WEFT_MS)), 1);
		EXPECT(!weft_timer_reset(t, WEFT_MS));
	}
	weft_timer_unref(t);
}

TEST(a_timer_in_a_select_is_a_case_like_any_other)
{
	weft_chan *never = weft_chan_make(0, 0);

	for (int i = 0; i < test_scaled(500); i++) {
		weft_chan *soon = weft_after(i % 20 * WEFT_US), *late = weft_after(WEFT_S);

		EXPECT_EQ(weft_select(weft_on_recv(never, NULL), weft_on_recv(late, NULL),
				      weft_on_recv(soon, NULL), weft_on_recv(soon, NULL)) /
				  2,
			  1);
		EXPECT_EQ(weft_select(weft_on_recv(soon, NULL), weft_on_default()), 1);
		weft_chan_unref(soon);
		weft_chan_unref(late);
	}
}

TEST(a_ticker_ticks_at_multiples_of_its_period)
{
	int64_t began = test_now(), last = began;
	weft_timer *t = weft_ticker_make(2 * WEFT_MS);

	for (int i = 1; i <= 10; i++) {
		int64_t when = fired_at(t);

		EXPECT(when - began >= i * 2 * WEFT_MS);
		EXPECT(when >= last + 2 * WEFT_MS);
		EXPECT(i == 1 || (when - last) % (2 * WEFT_MS) == 0);
		last = when;
	}
	EXPECT(weft_timer_stop(t));
	EXPECT(!weft_timer_stop(t));
	spin_until(test_now() + 5 * WEFT_MS);
	EXPECT(silent(t));
	weft_timer_unref(t);
}

TEST(a_ticker_keeps_one_tick_for_a_slow_receiver)
{
	weft_timer *t = weft_ticker_make(WEFT_MS);

	spin_until(test_now() + 20 * WEFT_MS);
	EXPECT(!silent(t));
	weft_timer_reset(t, WEFT_S);
	EXPECT(silent(t));
	weft_timer_reset(t, WEFT_MS);
	fired_at(t);
	fired_at(t);
	weft_timer_unref(t);
}

static void spin_for_ever(void *arg)
{
	for (;;)
		(*(volatile uint64_t *)arg)++;
}

TEST(a_loop_without_calls_does_not_stop_a_ticker)
{
	static volatile uint64_t n[8];
	weft_timer *t = weft_ticker_make(WEFT_MS);

	for (int i = 0; i < 2; i++)
		weft_go(spin_for_ever, (void *)&n[i]);
	for (int i = 0; i < 20; i++)
		fired_at(t);
	weft_timer_unref(t);
}

static void note_id(void *arg)
{
	uint64_t id = weft_id();

	weft_chan_send(arg, &id);
}

TEST(an_after_func_runs_in_a_goroutine_of_its_own)
{
	weft_chan *out = weft_chan_make(sizeof(uint64_t), 0);
	int64_t began = test_now();
	weft_timer *t = weft_after_func(5 * WEFT_MS, note_id, out);
	uint64_t id;

	EXPECT(!weft_timer_chan(t));
	weft_timer_unref(t);
	EXPECT(weft_chan_recv(out, &id));
	EXPECT(test_now() - began >= 5 * WEFT_MS);
	EXPECT(id != weft_id() && id != 0);
}

struct again {
	weft_timer *t;
	weft_chan *done;
	int left;
	weft_mutex mu;
};

static void rearm(void *arg)
{
	struct again *a = arg;

	weft_mutex_lock(&a->mu); // until a->t is set
	if (--a->left == 0)
		weft_chan_close(a->done);
	else
		EXPECT(!weft_timer_reset(a->t, a->left % 3 * 100 * WEFT_US));
	weft_mutex_unlock(&a->mu);
}

TEST(a_function_may_reset_its_own_timer)
{
	struct again a = {.done = weft_chan_make(0, 0), .left = 10};

	weft_mutex_lock(&a.mu);
	a.t = weft_after_func(0, rearm, &a);
	weft_mutex_unlock(&a.mu);
	EXPECT(!weft_chan_recv(a.done, NULL));
	weft_mutex_lock(&a.mu);
	EXPECT(!weft_timer_stop(a.t));
	weft_timer_unref(a.t);
}

static void block(void *arg)
{
	weft_chan_recv(arg, NULL);
}

TEST(a_function_that_waits_delays_no_other_timer)
{
	weft_chan *gate = weft_chan_make(0, 0), *out = weft_chan_make(sizeof(uint64_t), 0);

	for (int i = 0; i < 10; i++)
		weft_timer_unref(weft_after_func(i * 100 * WEFT_US, block, gate));
	weft_timer_unref(weft_after_func(5 * WEFT_MS, note_id, out));
	EXPECT(weft_chan_recv(out, NULL));
	weft_chan_close(gate);
}

static void count(void *arg)
{
	__atomic_fetch_add((int *)arg, 1, __ATOMIC_RELAXED);
}

TEST(a_stopped_function_never_runs_and_another_runs_once)
{
	static int ran; // functions may outlive the test
	int stopped = 0, n = test_scaled(3000);

	for (int i = 0; i < n; i++) {
		weft_timer *t = weft_after_func(i % 60 * WEFT_US, count, &ran);

		spin_until(test_now() + i % 50 * WEFT_US);
		stopped += weft_timer_stop(t);
		EXPECT(!weft_timer_stop(t));
		weft_timer_unref(t);
	}
	for (int64_t limit = test_now() + 10 * WEFT_S; test_now() < limit; weft_yield())
		if (__atomic_load_n(&ran, __ATOMIC_RELAXED) == n - stopped)
			break;
	weft_sleep(WEFT_MS);
	EXPECT_EQ(__atomic_load_n(&ran, __ATOMIC_RELAXED), n - stopped);
}

struct shared {
	weft_timer *t;
	weft_waitgroup *wg;
};

static void meddle(void *arg)
{
	struct shared *s = arg;
	unsigned seed = (unsigned)weft_id();

	for (int i = 0; i < 300; i++)
		switch (rand_r(&seed) % 4) {
		case 0:
			weft_timer_stop(s->t);
			break;
		case 1:
			weft_timer_reset(s->t, rand_r(&seed) % 50 * WEFT_US + 1);
			break;
		case 2:
			weft_chan_try_recv(weft_timer_chan(s->t), NULL, NULL);
			break;
		case 3:
			weft_select(weft_on_recv(weft_timer_chan(s->t), NULL),
				    weft_on_timeout(rand_r(&seed) % 50 * WEFT_US));
			break;
		}
	weft_waitgroup_done(s->wg);
}

TEST(many_may_stop_reset_and_receive_from_one_timer_at_once)
{
	for (int i = 0; i < test_scaled(10); i++) {
		weft_waitgroup wg = {0};
		struct shared s = {i % 2 ? weft_ticker_make(WEFT_US) : weft_timer_make(0), &wg};

		weft_waitgroup_add(&wg, 8);
		for (int k = 0; k < 8; k++)
			weft_go(meddle, &s);
		weft_waitgroup_wait(&wg);
		weft_timer_unref(s.t);
	}
}

TEST(a_hundred_thousand_timers_all_fire)
{
	int n = getenv("TEST_SCALE") ? 1000 : 100000;
	weft_chan **after = malloc((size_t)n * sizeof(weft_chan *));
	static int ran;

	for (int i = 0; i < n; i++) {
		after[i] = weft_after(i % 1000 * WEFT_US);
		weft_timer_unref(weft_after_func(i % 1000 * WEFT_US, count, &ran));
	}
	for (int i = 0; i < n; i++) {
		EXPECT(weft_chan_recv(after[i], NULL));
		weft_chan_unref(after[i]);
	}
	while (__atomic_load_n(&ran, __ATOMIC_RELAXED) < n)
		weft_sleep(WEFT_MS);
	free(after);
}

static void read_it(void *arg)
{
	EXPECT_EQ(**(int **)arg, 7);
	weft_chan_close(((weft_chan **)arg)[1]);
}

/* For the thread sanitizer. */
TEST(what_came_before_a_timer_was_set_happens_before_its_function)
{
	int v = 0;
	void *arg[] = {&v, weft_chan_make(0, 0)};
	weft_timer *t;

	v = 7;
	t = weft_after_func(WEFT_US, read_it, arg);
	weft_chan_recv(arg[1], NULL);
	weft_timer_unref(t);
}
