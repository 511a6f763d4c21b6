/* SPDX-License-Identifier: MIT */
/* Each panic of the runtime leaves its object as it was. */
#include "panics.h"

#include <errno.h>

static void send_one(void *arg)
{
	int one = 1;

	weft_chan_send(arg, &one);
}

static void try_send_one(void *arg)
{
	int one = 1;

	weft_chan_try_send(arg, &one);
}

static void close_it(void *arg)
{
	weft_chan_close(arg);
}

TEST(a_closed_channel_can_be_used_after_a_send_to_it_panicked)
{
	weft_chan *c = weft_chan_make(sizeof(int), 2);
	int v;

	send_one(c);
	weft_chan_close(c);
	EXPECT(panics(send_one, c, "send on closed channel"));
	EXPECT(panics(try_send_one, c, "send on closed channel"));
	EXPECT(panics(close_it, c, "close of closed channel"));
	EXPECT(panics(close_it, NULL, "close of NULL channel"));
	EXPECT(weft_chan_recv(c, &v) && v == 1);
	EXPECT(!weft_chan_recv(c, &v));
	weft_chan_unref(c);
}

/* To close under senders is a race, and reported as one, also where the panic is trapped. */
#if WEFT_TSAN != 1

struct parked {
	weft_chan *c, *other, *told;
	int cases;
	int n;
};

static void select_send(void *arg)
{
	struct parked *p = arg;
	weft_case cases[20];
	int one = 1;

	for (int i = 0; i < p->cases; i++)
		cases[i] = i % 2 ? weft_on_recv(p->other, NULL) : weft_on_send(p->c, &one);
	weft_select_cases(cases, (size_t)p->cases);
}

static void park_in_send(void *arg)
{
	struct parked *p = arg;

	if (p->cases)
		EXPECT(panics(select_send, p, "send on closed channel"));
	else
		EXPECT(panics(send_one, p->c, "send on closed channel"));
	__atomic_add_fetch(&p->n, 1, __ATOMIC_RELAXED);
	weft_chan_send(p->told, NULL);
}

static void close_under_senders(int cases)
{
	struct parked p = {weft_chan_make(sizeof(int), 0), weft_chan_make(0, 0),
			   weft_chan_make(0, 0), cases, 0};

	for (int i = 0; i < 3; i++)
		weft_go(park_in_send, &p);
	for (int i = 0; i < 10; i++)
		weft_yield();
	weft_chan_close(p.c);
	for (int i = 0; i < 3; i++)
		weft_chan_recv(p.told, NULL);
	EXPECT_EQ(p.n, 3);
	EXPECT(!weft_chan_recv(p.c, NULL));
	if (cases) { // nobody is left in the queue of the channel that was not chosen
		EXPECT(!weft_chan_try_send(p.other, NULL));
		EXPECT(panics(select_send, &p, "send on closed channel"));
	}
	weft_chan_unref(p.c);
	weft_chan_unref(p.other);
	weft_chan_unref(p.told);
}

TEST(a_parked_sender_traps_the_close_of_its_channel)
{
	close_under_senders(0);
}

TEST(a_select_that_sends_to_a_closed_channel_panics_and_leaves_its_channels_whole)
{
	close_under_senders(1);
	close_under_senders(2);
	close_under_senders(20);
}

#endif

static void select_send_one(void *arg)
{
	int64_t t = 0;

	weft_select(weft_on_send(arg, &t));
}

TEST(a_timer_can_be_used_after_its_channel_was_misused)
{
	weft_timer *t = weft_timer_make(WEFT_MS);
	weft_chan *c = weft_timer_chan(t);
	int64_t when;

	EXPECT(panics(send_one, c, "send on the channel of a timer"));
	EXPECT(panics(try_send_one, c, "send on the channel of a timer"));
	EXPECT(panics(close_it, c, "close of the channel of a timer"));
	EXPECT(panics(select_send_one, c, "send on the channel of a timer"));
	EXPECT(weft_chan_recv(c, &when));
	weft_timer_unref(t);
}

static void misuse(weft_chan *done)
{
	EXPECT(panics(send_one, done, "send on the channel of a context"));
	EXPECT(panics(try_send_one, done, "send on the channel of a context"));
	EXPECT(panics(select_send_one, done, "send on the channel of a context"));
	EXPECT(panics(close_it, done, "close of the channel of a context"));
	EXPECT(!weft_chan_try_recv(done, NULL, NULL));
}

static void wait_until_cancelled(void *arg)
{
	weft_ctx *ctx = arg;

	EXPECT(!weft_chan_recv(weft_ctx_done(ctx), NULL));
	EXPECT_EQ(weft_ctx_err(ctx), ECANCELED);
	weft_ctx_unref(ctx);
}

TEST(a_context_can_be_used_after_its_channel_was_misused)
{
	weft_ctx *ctx = weft_ctx_with_cancel(weft_ctx_background());
	weft_chan *done = weft_ctx_done(ctx);

	misuse(done);
	weft_go(wait_until_cancelled, weft_ctx_ref(ctx));
	for (int i = 0; i < 10; i++)
		weft_yield();
	misuse(done); // somebody waits now
	EXPECT_EQ(weft_ctx_err(ctx), 0);
	EXPECT(weft_ctx_cancel(ctx, 0));
	EXPECT(!weft_chan_recv(done, NULL));
	EXPECT(panics(send_one, done, "send on closed channel"));
	EXPECT(panics(close_it, done, "close of closed channel"));
	weft_ctx_unref(ctx);
}

static void ticker_of_nothing(void *arg)
{
	(void)arg;
	weft_ticker_make(0);
}

static void reset_to_nothing(void *arg)
{
	weft_timer_reset(arg, -1);
}

static void func_of_nothing(void *arg)
{
	weft_after_func(1, NULL, arg);
}

TEST(a_ticker_goes_on_after_a_reset_that_panicked)
{
	weft_timer *t = weft_ticker_make(WEFT_MS);

	EXPECT(panics(ticker_of_nothing, NULL, "weft_ticker_make of a period of 0 ns"));
	EXPECT(panics(func_of_nothing, NULL, "weft_after_func of a NULL function"));
	EXPECT(panics(reset_to_nothing, t, "weft_timer_reset of a ticker to a period of -1 ns"));
	EXPECT(weft_chan_recv(weft_timer_chan(t), NULL));
	EXPECT(weft_chan_recv(weft_timer_chan(t), NULL));
	EXPECT(weft_timer_stop(t));
	weft_timer_unref(t);
}

static void done_twice(void *arg)
{
	weft_waitgroup_add(arg, -2);
}

static void add_too_much(void *arg)
{
	weft_waitgroup_add(arg, INT64_MAX);
}

static void done(void *arg)
{
	weft_waitgroup_done(arg);
}

TEST(a_waitgroup_keeps_its_count_when_an_add_panics)
{
	weft_waitgroup wg = {0};

	EXPECT(panics(done, &wg, "negative WaitGroup counter"));
	weft_waitgroup_add(&wg, 1);
	EXPECT(panics(done_twice, &wg, "negative WaitGroup counter"));
	EXPECT(panics(add_too_much, &wg, "negative WaitGroup counter"));
	weft_go(done, &wg);
	weft_waitgroup_wait(&wg);
}

static void acquire_5(void *arg)
{
	weft_semaphore_acquire(arg, 5);
}

static void try_acquire_negative(void *arg)
{
	weft_semaphore_try_acquire(arg, -1);
}

static void release_2(void *arg)
{
	weft_semaphore_release(arg, 2);
}

static void acquire_4_and_release(void *arg)
{
	weft_semaphore_acquire(arg, 4);
	weft_semaphore_release(arg, 4);
}

TEST(a_semaphore_can_be_used_after_it_panicked)
{
	weft_semaphore s = {.size = 4};

	weft_semaphore_acquire(&s, 1);
	EXPECT(panics(acquire_5, &s, "acquire of 5 from a semaphore of 4"));
	EXPECT(panics(try_acquire_negative, &s, "acquire of -1 from a semaphore of 4"));
	EXPECT(panics(release_2, &s, "release of 2 to a semaphore of which 1 are held"));
	weft_go(acquire_4_and_release, &s);
	weft_yield();
	weft_semaphore_release(&s, 1);
	weft_semaphore_acquire(&s, 4);
	weft_semaphore_release(&s, 4);
}

static void meet(void *arg)
{
	weft_barrier_wait(arg);
}

TEST(a_barrier_of_none_can_be_given_parties_after_it_panicked)
{
	weft_barrier b = {0};

	EXPECT(panics(meet, &b, "wait at a barrier of 0 parties"));
	b.parties = 1;
	EXPECT(weft_barrier_wait(&b));
}

static void cancel_background(void *arg)
{
	(void)arg;
	weft_ctx_cancel(weft_ctx_background(), 0);
}

static void child_of_null(void *arg)
{
	weft_ctx_with_cancel(arg);
}

static void value_of_null(void *arg)
{
	weft_ctx_value(arg, NULL);
}

static void null_err(void *arg)
{
	weft_ctx_err(arg);
}

static void func_of_ctx(void *arg)
{
	weft_ctx_after_func(arg, NULL, NULL);
}

TEST(contexts_can_be_used_after_they_panicked)
{
	weft_ctx *ctx = weft_ctx_with_cancel(weft_ctx_background());
	weft_ctx *child = weft_ctx_with_cancel(ctx);

	EXPECT(panics(cancel_background, NULL, "weft_ctx_cancel of the background context"));
	EXPECT(panics(child_of_null, NULL, "weft_ctx_with_cancel of a NULL context"));
	EXPECT(panics(value_of_null, ctx, "weft_ctx_value of a NULL key"));
	EXPECT(panics(null_err, NULL, "weft_ctx_err of a NULL context"));
	EXPECT(panics(func_of_ctx, ctx, "weft_ctx_after_func of a NULL function"));
	EXPECT(panics(close_it, weft_ctx_done(child), "close of the channel of a context"));
	EXPECT(weft_ctx_cancel(ctx, 5));
	EXPECT_EQ(weft_ctx_cause(child), 5);
	weft_ctx_unref(child);
	weft_ctx_unref(ctx);
}

static void go_null(void *arg)
{
	weft_go(NULL, arg);
}

static void go_absurd(void *arg)
{
	weft_go_with(send_one, arg, .stack = SIZE_MAX / 2);
}

TEST(a_spawn_that_panics_spawns_nothing)
{
	EXPECT(panics(go_null, NULL, "weft_go of a NULL function"));
	EXPECT(!weft_try(go_absurd, NULL, NULL));
	EXPECT_EQ(weft_count(), 1);
}
