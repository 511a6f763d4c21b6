/* SPDX-License-Identifier: MIT */
#include "../test.h"

struct shared {
	weft_once once;
	weft_waitgroup wg;
	int runs;
	int made; /* by the function, without a lock */
};

static void make_it(void *arg)
{
	struct shared *s = arg;

	s->runs++;
	weft_yield();
	weft_sleep(100 * WEFT_US);
	s->made = 42;
}

static void call(void *arg)
{
	struct shared *s = arg;

	weft_once_do(&s->once, make_it, s);
	EXPECT_EQ(s->made, 42);
	weft_waitgroup_done(&s->wg);
}

TEST(of_ten_callers_of_a_once_one_runs_it_and_all_return_after_it)
{
	for (int i = 0; i < test_scaled(300); i++) {
		struct shared s = {.runs = 0};

		weft_waitgroup_add(&s.wg, 10);
		for (int k = 0; k < 10; k++)
			weft_go(call, &s);
		weft_waitgroup_wait(&s.wg);
		EXPECT_EQ(s.runs, 1);
		weft_once_do(&s.once, make_it, &s);
		EXPECT_EQ(s.runs, 1);
	}
}

static void count_and_exit(void *arg)
{
	struct shared *s = arg;

	s->runs++;
	weft_exit();
}

static void call_and_exit(void *arg)
{
	struct shared *s = arg;

	weft_once_do(&s->once, count_and_exit, s);
	EXPECT(s->runs == 1);
}

struct nested {
	struct shared outer, inner;
};

static void call_inner(void *arg)
{
	struct nested *n = arg;

	weft_once_do(&n->inner.once, count_and_exit, &n->inner);
	n->outer.runs++;
}

static void call_outer(void *arg)
{
	struct nested *n = arg;

	weft_once_do(&n->outer.once, call_inner, n);
	n->outer.runs++;
}

TEST(a_once_whose_goroutine_exits_in_it_has_run)
{
	struct shared s = {.runs = 0};

	for (int i = 0; i < 4; i++)
		weft_go(call_and_exit, &s);
	while (weft_count() > 1)
		weft_yield();
	weft_once_do(&s.once, count_and_exit, &s);
	EXPECT_EQ(s.runs, 1);
}

TEST(onces_in_onces_have_all_run_when_the_goroutine_exits)
{
	struct nested n = {.outer.runs = 0};

	weft_go(call_outer, &n);
	while (weft_count() > 1)
		weft_yield();
	weft_once_do(&n.inner.once, make_it, &n.inner);
	weft_once_do(&n.outer.once, make_it, &n.outer);
	EXPECT_EQ(n.inner.runs, 1);
	EXPECT_EQ(n.outer.runs, 0);
}

struct counted {
	weft_once once;
	int refs;
};

static void nothing(void *arg)
{
	(void)arg;
	weft_yield();
}

static void call_and_leave(void *arg)
{
	struct counted *c = arg;

	weft_once_do(&c->once, nothing, NULL);
	if (__atomic_sub_fetch(&c->refs, 1, __ATOMIC_ACQ_REL) == 0)
		free(c);
}

TEST(the_last_caller_to_return_may_free_the_once)
{
	for (int i = 0; i < test_scaled(5000); i++) {
		struct counted *c = calloc(1, sizeof *c);

		c->refs = 4;
		for (int k = 0; k < 4; k++)
			weft_go(call_and_leave, c);
		weft_yield();
	}
	while (weft_count() > 1)
		weft_yield();
}
