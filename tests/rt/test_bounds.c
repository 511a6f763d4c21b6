/* SPDX-License-Identifier: MIT */
/* Arguments at the ends of their ranges, and beyond what makes sense. */
#include "../test.h"

#include <errno.h>

static const int64_t past[] = {0, -1, -WEFT_S, INT64_MIN + 1, INT64_MIN};
static const int64_t far_off[] = {INT64_MAX, INT64_MAX - 1, INT64_MAX / 2};

enum { PAST = sizeof past / sizeof *past, FAR = sizeof far_off / sizeof *far_off };

TEST(a_sleep_until_the_past_returns_at_once)
{
	for (int i = 0; i < PAST; i++)
		weft_sleep(past[i]);
}

static void count(void *arg)
{
	weft_waitgroup_done(arg);
}

TEST(a_timer_for_the_past_fires_at_once_and_one_far_off_does_not)
{
	weft_waitgroup wg = {0};

	for (int i = 0; i < PAST; i++) {
		weft_timer *t = weft_timer_make(past[i]);

		EXPECT(weft_chan_try_recv(weft_timer_chan(t), NULL, NULL));
		weft_timer_reset(t, past[i]);
		EXPECT(weft_chan_try_recv(weft_timer_chan(t), NULL, NULL));
		weft_timer_unref(t);
		weft_waitgroup_add(&wg, 1);
		weft_timer_unref(weft_after_func(past[i], count, &wg));
	}
	weft_waitgroup_wait(&wg);
	for (int i = 0; i < FAR; i++) {
		weft_timer *t = weft_timer_make(far_off[i]), *ticker = weft_ticker_make(far_off[i]);
		weft_timer *f = weft_after_func(far_off[i], count, &wg);

		EXPECT(!weft_chan_try_recv(weft_timer_chan(t), NULL, NULL));
		EXPECT(!weft_chan_try_recv(weft_timer_chan(ticker), NULL, NULL));
		EXPECT(weft_timer_reset(ticker, far_off[i]));
		EXPECT(weft_timer_stop(t) && weft_timer_stop(ticker) && weft_timer_stop(f));
		weft_timer_unref(t);
		weft_timer_unref(ticker);
		weft_timer_unref(f);
	}
}

TEST(a_deadline_in_the_past_cancels_at_birth_and_one_far_off_does_not)
{
	for (int i = 0; i < PAST; i++) {
		weft_ctx *at = weft_ctx_with_deadline(weft_ctx_background(), past[i]);
		weft_ctx *in = weft_ctx_with_timeout(weft_ctx_background(), past[i]);

		EXPECT_EQ(weft_ctx_err(at), ETIMEDOUT);
		EXPECT_EQ(weft_ctx_err(in), ETIMEDOUT);
		weft_ctx_unref(at);
		weft_ctx_unref(in);
	}
	for (int i = 0; i < FAR; i++) {
		weft_ctx *at = weft_ctx_with_deadline(weft_ctx_background(), far_off[i]);
		weft_ctx *in = weft_ctx_with_timeout(weft_ctx_background(), far_off[i]);

		EXPECT_EQ(weft_ctx_err(at), 0);
		EXPECT_EQ(weft_ctx_err(in), 0);
		weft_ctx_unref(at);
		weft_ctx_unref(in);
	}
}

static void send_one(void *arg)
{
	weft_chan_send(arg, NULL);
}

TEST(a_time_out_in_the_past_is_taken_at_once_and_one_far_off_is_not)
{
	weft_chan *c = weft_chan_make(0, 0);

	for (int i = 0; i < PAST; i++)
		EXPECT_EQ(weft_select(weft_on_recv(c, NULL), weft_on_timeout(past[i])), 1);
	for (int i = 0; i < FAR; i++) {
		weft_go(send_one, c);
		EXPECT_EQ(weft_select(weft_on_recv(c, NULL), weft_on_timeout(far_off[i])), 0);
	}
	weft_chan_unref(c);
}

static void send_late(void *arg)
{
	for (int i = 0; i < 10; i++)
		weft_yield(); // it may be parked by now
	weft_chan_send(arg, NULL);
}

TEST(a_select_of_ten_thousand_cases_finds_the_one_that_is_ready_or_becomes_so)
{
	enum { N = 10000 };
	weft_case *cases = calloc(N, sizeof *cases);
	weft_chan **chans = calloc(N, sizeof *chans);

	for (int i = 0; i < N; i++) {
		chans[i] = weft_chan_make(0, 1);
		cases[i] = weft_on_recv(chans[i], NULL);
	}
	for (int i = 0; i < N; i += 1111) {
		weft_chan_send(chans[i], NULL);
		EXPECT_EQ(weft_select_cases(cases, N), i);
		weft_go(send_late, chans[i]);
		EXPECT_EQ(weft_select_cases(cases, N), i);
	}
	for (int i = 0; i < N; i++)
		weft_chan_unref(chans[i]);
	free(cases);
	free(chans);
}

static int operands[8], noperands;

static weft_chan *chan_operand(int n, weft_chan *c)
{
	operands[noperands++] = n;
	return c;
}

static void *value_operand(int n, void *v)
{
	operands[noperands++] = n;
	return v;
}

/* Of a macro's cases the channel and the value, each before those of the next case. */
TEST(the_operands_of_a_select_are_evaluated_once_and_in_order)
{
	weft_chan *c = weft_chan_make(sizeof(int), 1);
	int v = 1;

	for (int round = 0; round < 3; round++) {
		noperands = 0;
		weft_select(weft_on_send(chan_operand(1, c), value_operand(1, &v)),
			    weft_on_recv(chan_operand(2, c), value_operand(2, &v)),
			    weft_on_recv(chan_operand(3, NULL), value_operand(3, &v)));
		EXPECT_EQ(noperands, 6);
		for (int i = 0; i < 6; i++)
			EXPECT_EQ(operands[i], i / 2 + 1);
	}
	weft_chan_unref(c);
}

static void add_one(void *arg)
{
	weft_waitgroup_add(arg, 1);
}

static void release_one(void *arg)
{
	weft_semaphore_release(arg, 1);
}

TEST(counters_count_to_the_largest_number_and_refuse_the_next)
{
	weft_waitgroup wg = {0};
	weft_semaphore s = {.size = INT64_MAX};

	weft_waitgroup_add(&wg, INT64_MAX);
	EXPECT(!weft_try(add_one, &wg, NULL));
	weft_semaphore_acquire(&s, INT64_MAX);
	EXPECT(!weft_semaphore_try_acquire(&s, 1));
	weft_semaphore_release(&s, INT64_MAX);
	EXPECT(!weft_try(release_one, &s, NULL));
	EXPECT(weft_semaphore_try_acquire(&s, 1));
}

static void use_none(void *arg)
{
	weft_semaphore_acquire(arg, 1);
}

TEST(a_semaphore_of_a_negative_size_has_nothing)
{
	weft_semaphore s = {.size = -5};

	EXPECT(!weft_try(use_none, &s, NULL));
	s.size = INT64_MIN;
	EXPECT(!weft_try(use_none, &s, NULL));
}

static void nothing(void *arg)
{
	(void)arg;
}

TEST(the_count_is_one_when_all_others_have_ended)
{
	for (int i = 0; i < 100; i++)
		weft_go(nothing, NULL);
	while (weft_count() > 1)
		weft_yield();
	EXPECT_EQ(weft_count(), 1);
}
