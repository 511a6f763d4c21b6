/* SPDX-License-Identifier: MIT */
#include "../test.h"

#include <errno.h>
#include <string.h>

struct shared {
	weft_group g;
	int now, most, ran, err;
	weft_chan *c;
};

static int add_one(weft_ctx *ctx, void *arg)
{
	struct shared *s = arg;

	EXPECT_EQ(weft_ctx_err(ctx), 0);
	weft_yield();
	__atomic_add_fetch(&s->ran, 1, __ATOMIC_RELAXED);
	return 0;
}

TEST(a_group_waits_for_all_its_goroutines_and_can_be_used_again)
{
	struct shared s = {.ran = 0};

	EXPECT_EQ(weft_group_wait(&s.g), 0);
	for (int round = 1; round <= 20; round++) {
		for (int i = 0; i < 10; i++)
			weft_group_go(&s.g, add_one, &s);
		EXPECT_EQ(weft_group_wait(&s.g), 0);
		EXPECT_EQ(s.ran, 10 * round);
	}
}

/* Until it is told to stop. */
static int until_cancelled(weft_ctx *ctx, void *arg)
{
	struct shared *s = arg;

	weft_chan_recv(weft_ctx_done(ctx), NULL);
	__atomic_add_fetch(&s->ran, 1, __ATOMIC_RELAXED);
	__atomic_store_n(&s->err, weft_ctx_cause(ctx), __ATOMIC_RELAXED);
	return EINTR;
}

static int fail(weft_ctx *ctx, void *arg)
{
	(void)ctx;
	weft_yield();
	return *(int *)arg;
}

TEST(the_first_error_cancels_the_group_and_is_what_wait_returns)
{
	struct shared s = {.ran = 0};
	int err = 77;

	weft_group_go(&s.g, until_cancelled, &s);
	weft_group_go(&s.g, fail, &err);
	weft_group_go(&s.g, until_cancelled, &s);
	EXPECT_EQ(weft_group_wait(&s.g), 77);
	EXPECT_EQ(s.ran, 2);
	EXPECT_EQ(s.err, 77);
	weft_group_go(&s.g, add_one, &s); // a new context, and no error
	EXPECT_EQ(weft_group_wait(&s.g), 0);
}

static int count_at_once(weft_ctx *ctx, void *arg)
{
	struct shared *s = arg;
	int now = __atomic_add_fetch(&s->now, 1, __ATOMIC_RELAXED);
	int most = __atomic_load_n(&s->most, __ATOMIC_RELAXED);

	(void)ctx;
	while (now > most && !__atomic_compare_exchange_n(&s->most, &most, now, false,
							  __ATOMIC_RELAXED, __ATOMIC_RELAXED))
		;
	weft_yield();
	__atomic_sub_fetch(&s->now, 1, __ATOMIC_RELAXED);
	__atomic_add_fetch(&s->ran, 1, __ATOMIC_RELAXED);
	return 0;
}

TEST(no_more_run_at_once_than_the_limit)
{
	struct shared s = {.g.limit = 3};

	for (int i = 0; i < test_scaled(300); i++)
		weft_group_go(&s.g, count_at_once, &s);
	EXPECT_EQ(weft_group_wait(&s.g), 0);
	EXPECT(s.most <= 3 && s.most > 0);
	EXPECT_EQ(s.ran, test_scaled(300));
}

static int wait_for_c(weft_ctx *ctx, void *arg)
{
	(void)ctx;
	weft_chan_recv(((struct shared *)arg)->c, NULL);
	return 0;
}

TEST(try_go_says_no_at_the_limit)
{
	struct shared s = {.g.limit = 2, .c = weft_chan_make(0, 0)};

	EXPECT(weft_group_try_go(&s.g, wait_for_c, &s));
	EXPECT(weft_group_try_go(&s.g, wait_for_c, &s));
	EXPECT(!weft_group_try_go(&s.g, wait_for_c, &s));
	weft_chan_send(s.c, NULL);
	while (!weft_group_try_go(&s.g, wait_for_c, &s))
		weft_yield();
	weft_chan_close(s.c);
	EXPECT_EQ(weft_group_wait(&s.g), 0);
	weft_chan_unref(s.c);
}

static int panic_child(weft_ctx *ctx, void *arg)
{
	(void)ctx;
	weft_panic("child %d", *(int *)arg);
}

static void wait_for_group(void *arg)
{
	weft_group_wait((weft_group *)arg);
}

TEST(a_panic_in_a_group_cancels_it_and_goes_on_in_who_waits)
{
	struct shared s = {.ran = 0};
	weft_caught caught;
	int n = 9;

	weft_group_go(&s.g, until_cancelled, &s);
	weft_group_go(&s.g, panic_child, &n);
	EXPECT(!weft_try(wait_for_group, &s.g, &caught));
	EXPECT(strcmp(caught.message, "child 9") == 0);
	EXPECT(strcmp(caught.site->func, "panic_child") == 0);
	EXPECT(caught.g != weft_id());
	EXPECT_EQ(s.ran, 1);
	EXPECT_EQ(s.err, ECANCELED);
	weft_group_go(&s.g, add_one, &s);
	EXPECT_EQ(weft_group_wait(&s.g), 0);
}

static int exit_child(weft_ctx *ctx, void *arg)
{
	(void)ctx;
	(void)arg;
	weft_exit();
}

TEST(a_goroutine_of_a_group_that_exits_has_returned_0)
{
	weft_group g = {.limit = 1};

	for (int i = 0; i < 10; i++)
		weft_group_go(&g, exit_child, NULL);
	EXPECT_EQ(weft_group_wait(&g), 0);
}

static int inner_group(weft_ctx *ctx, void *arg)
{
	struct shared *s = arg;
	weft_group g = {.parent = ctx};

	for (int i = 0; i < 3; i++)
		weft_group_go(&g, until_cancelled, s);
	return weft_group_wait(&g);
}

TEST(cancelling_a_group_cancels_the_groups_within_it)
{
	struct shared s = {.ran = 0};
	int err = 5;

	for (int i = 0; i < 3; i++)
		weft_group_go(&s.g, inner_group, &s);
	weft_group_go(&s.g, fail, &err);
	EXPECT_EQ(weft_group_wait(&s.g), 5);
	EXPECT_EQ(s.ran, 9);
}

static int spawn_another(weft_ctx *ctx, void *arg)
{
	struct shared *s = arg;

	(void)ctx;
	if (__atomic_add_fetch(&s->ran, 1, __ATOMIC_RELAXED) < 20)
		weft_group_go(&s->g, spawn_another, s);
	return 0;
}

TEST(a_goroutine_of_a_group_may_add_others)
{
	struct shared s = {.ran = 0};

	weft_group_go(&s.g, spawn_another, &s);
	EXPECT_EQ(weft_group_wait(&s.g), 0);
	EXPECT_EQ(s.ran, 20);
}

TEST(the_context_of_a_group_can_be_cancelled_from_outside)
{
	struct shared s = {.ran = 0};

	weft_ctx *ctx = weft_ctx_with_timeout(weft_ctx_background(), WEFT_MS);

	s.g.parent = ctx;
	weft_group_go(&s.g, until_cancelled, &s);
	EXPECT_EQ(weft_group_wait(&s.g), EINTR);
	EXPECT_EQ(s.err, ETIMEDOUT);
	s.g.parent = NULL;
	weft_group_go(&s.g, until_cancelled, &s);
	EXPECT(weft_ctx_cancel(weft_group_ctx(&s.g), 3));
	EXPECT_EQ(weft_group_wait(&s.g), EINTR);
	EXPECT_EQ(s.err, 3);
	weft_ctx_unref(ctx);
}

/* Reads a variable of the block that the group is in, until it is told to stop. */
static int watch(weft_ctx *ctx, void *arg)
{
	weft_chan_recv(weft_ctx_done(ctx), NULL);
	weft_yield();
	(*(int *)arg)++;
	return 0;
}

static void leave_scope(void *arg)
{
	int *how = arg, seen[8] = {0};

	weft_group_scope_with(g, .limit = 8);
	for (int i = 0; i < 8; i++)
		weft_group_go(&g, watch, &seen[i]);
	if (*how == 1)
		weft_panic("out of the scope");
	if (*how == 2)
		weft_exit();
}

static void leave_and_tell(void *arg)
{
	int *how = arg;

	EXPECT_EQ(weft_try(leave_scope, how, NULL), *how == 0);
}

TEST(a_scope_is_left_when_its_goroutines_have_ended_whichever_way)
{
	int hows[3] = {0, 1, 2};

	for (int i = 0; i < test_scaled(30); i++) {
		weft_go(leave_and_tell, &hows[i % 3]);
		while (weft_count() > 1)
			weft_yield();
	}
}

static void panic_unseen(void *arg)
{
	weft_group_scope(g);
	weft_group_go(&g, panic_child, arg);
}

TEST(a_panic_of_a_child_comes_out_of_a_scope_that_nobody_waited_in)
{
	weft_caught caught;
	int n = 4;

	EXPECT(!weft_try(panic_unseen, &n, &caught));
	EXPECT(strcmp(caught.message, "child 4") == 0);
}

static void go_null(void *arg)
{
	weft_group_go((weft_group *)arg, NULL, NULL);
}

TEST(a_group_refuses_a_null_function)
{
	weft_group g = {.limit = 1};
	int err = 6;

	EXPECT(!weft_try(go_null, &g, NULL));
	weft_group_go(&g, fail, &err);
	EXPECT_EQ(weft_group_wait(&g), 6);
}

/* The group's memory is gone when wait has returned. */
TEST(a_group_may_be_freed_when_wait_has_returned)
{
	for (int i = 0; i < test_scaled(500); i++) {
		struct shared *s = calloc(1, sizeof *s);

		s->g.limit = 2;
		for (int k = 0; k < 4; k++)
			weft_group_go(&s->g, count_at_once, s);
		EXPECT_EQ(weft_group_wait(&s->g), 0);
		EXPECT_EQ(s->ran, 4);
		memset(s, 0xff, sizeof *s);
		free(s);
	}
}

TEST(a_group_of_a_negative_limit_has_none)
{
	struct shared s = {.ran = 0};

	s.g.limit = INT64_MIN;
	for (int i = 0; i < 20; i++)
		EXPECT(weft_group_try_go(&s.g, add_one, &s));
	EXPECT_EQ(weft_group_wait(&s.g), 0);
	EXPECT_EQ(s.ran, 20);
}
