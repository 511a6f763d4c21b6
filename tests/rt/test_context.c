/* SPDX-License-Identifier: MIT */
#include "../test.h"

#include <errno.h>

static bool is_done(weft_ctx *ctx)
{
	bool ok = true;

	return weft_chan_try_recv(weft_ctx_done(ctx), NULL, &ok) && !ok;
}

static void expect_cancelled(weft_ctx *ctx, int err, int cause)
{
	EXPECT(is_done(ctx));
	EXPECT_EQ(weft_ctx_err(ctx), err);
	EXPECT_EQ(weft_ctx_cause(ctx), cause);
}

static void expect_going_on(weft_ctx *ctx)
{
	EXPECT(!is_done(ctx));
	EXPECT_EQ(weft_ctx_err(ctx), 0);
	EXPECT_EQ(weft_ctx_cause(ctx), 0);
}

TEST(the_background_is_never_cancelled)
{
	weft_ctx *bg = weft_ctx_background();
	int64_t when;

	EXPECT(!weft_ctx_done(bg));
	EXPECT_EQ(weft_ctx_err(bg), 0);
	EXPECT(!weft_ctx_deadline(bg, &when));
	EXPECT(!weft_ctx_value(bg, bg));
	weft_ctx_unref(bg);
	weft_ctx_unref(weft_ctx_ref(bg));
	EXPECT_EQ(weft_select(weft_on_recv(weft_ctx_done(bg), NULL), weft_on_default()), 1);
}

TEST(when_cancel_returns_all_that_descend_are_done_and_the_parent_goes_on)
{
	static int key;
	weft_ctx *parent = weft_ctx_with_cancel(weft_ctx_background());
	weft_ctx *ctx = weft_ctx_with_cancel(parent), *below[4];

	below[0] = weft_ctx_with_cancel(ctx);
	below[1] = weft_ctx_with_timeout(ctx, 3600 * WEFT_S);
	below[2] = weft_ctx_with_value(below[1], &key, &key);
	below[3] = weft_ctx_with_cancel(below[2]);
	for (int i = 0; i < 3; i++) // nobody has asked for the done channel of the last
		expect_going_on(below[i]);
	EXPECT(weft_ctx_cancel(ctx, 0));
	expect_cancelled(ctx, ECANCELED, ECANCELED);
	for (int i = 0; i < 4; i++)
		expect_cancelled(below[i], ECANCELED, ECANCELED);
	expect_going_on(parent);
	for (int i = 0; i < 4; i++)
		weft_ctx_unref(below[i]);
	weft_ctx_unref(ctx);
	weft_ctx_unref(parent);
}

TEST(the_first_cause_wins_and_to_cancel_twice_is_harmless)
{
	weft_ctx *ctx = weft_ctx_with_cancel(weft_ctx_background());
	weft_ctx *own = weft_ctx_with_cancel(ctx), *late = weft_ctx_with_cancel(ctx);

	EXPECT(weft_ctx_cancel(own, 5));
	EXPECT(weft_ctx_cancel(ctx, 7));
	EXPECT(!weft_ctx_cancel(ctx, 9));
	EXPECT(!weft_ctx_cancel(late, 9));
	expect_cancelled(own, ECANCELED, 5);
	expect_cancelled(ctx, ECANCELED, 7);
	expect_cancelled(late, ECANCELED, 7);
	weft_ctx_unref(own);
	weft_ctx_unref(late);
	weft_ctx_unref(ctx);
}

TEST(a_child_of_a_cancelled_parent_is_cancelled_at_birth)
{
	weft_ctx *parent = weft_ctx_with_cancel(weft_ctx_background()), *child, *grandchild;

	weft_ctx_cancel(parent, 3);
	child = weft_ctx_with_timeout(parent, WEFT_S);
	expect_cancelled(child, ECANCELED, 3);
	grandchild = weft_ctx_with_cancel(child);
	weft_ctx_unref(child);
	weft_ctx_unref(parent);
	expect_cancelled(grandchild, ECANCELED, 3);
	weft_ctx_unref(grandchild);
}

TEST(a_deadline_cancels_in_time_and_says_so)
{
	int64_t began = weft_now(), when;
	weft_ctx *ctx = weft_ctx_with_timeout(weft_ctx_background(), 10 * WEFT_MS);
	weft_ctx *child = weft_ctx_with_cancel(ctx);

	EXPECT(weft_ctx_deadline(child, &when));
	EXPECT(when >= began + 10 * WEFT_MS);
	EXPECT(weft_ctx_err(child) == 0 || weft_now() >= when);
	EXPECT(!weft_chan_recv(weft_ctx_done(child), NULL));
	EXPECT(weft_now() >= when);
	expect_cancelled(ctx, ETIMEDOUT, ETIMEDOUT);
	expect_cancelled(child, ETIMEDOUT, ETIMEDOUT);
	EXPECT(!weft_ctx_cancel(ctx, 0));
	weft_ctx_unref(child);
	weft_ctx_unref(ctx);
}

TEST(a_deadline_that_has_passed_cancels_at_birth)
{
	static const int64_t ns[] = {0, -1, INT64_MIN};

	for (int i = 0; i < 3; i++) {
		weft_ctx *ctx = weft_ctx_with_timeout(weft_ctx_background(), ns[i]);

		expect_cancelled(ctx, ETIMEDOUT, ETIMEDOUT);
		weft_ctx_unref(ctx);
		ctx = weft_ctx_with_deadline(weft_ctx_background(), ns[i]);
		expect_cancelled(ctx, ETIMEDOUT, ETIMEDOUT);
		weft_ctx_unref(ctx);
	}
}

TEST(a_later_deadline_does_not_prolong_the_parents)
{
	int64_t outer, inner;
	weft_ctx *ctx = weft_ctx_with_timeout(weft_ctx_background(), 5 * WEFT_MS);
	weft_ctx *child = weft_ctx_with_timeout(ctx, INT64_MAX);

	EXPECT(weft_ctx_deadline(ctx, &outer) && weft_ctx_deadline(child, &inner));
	EXPECT_EQ(outer, inner);
	EXPECT(!weft_chan_recv(weft_ctx_done(child), NULL));
	weft_ctx_unref(child);
	weft_ctx_unref(ctx);
}

TEST(values_are_found_from_below_the_nearest_first)
{
	static int a, b, none;
	weft_ctx *one = weft_ctx_with_value(weft_ctx_background(), &a, "outer");
	weft_ctx *two = weft_ctx_with_value(one, &b, "other");
	weft_ctx *three = weft_ctx_with_value(two, &a, "inner");
	weft_ctx *leaf = weft_ctx_with_cancel(three);

	EXPECT_EQ(*(char *)weft_ctx_value(leaf, &a), 'i');
	EXPECT_EQ(((char *)weft_ctx_value(leaf, &b))[1], 't');
	EXPECT_EQ(*(char *)weft_ctx_value(two, &a), 'o');
	EXPECT(!weft_ctx_value(leaf, &none));
	weft_ctx_unref(one);
	weft_ctx_unref(two);
	weft_ctx_unref(three);
	EXPECT_EQ(*(char *)weft_ctx_value(leaf, &a), 'i');
	weft_ctx_unref(leaf);
}

struct shared {
	weft_ctx *ctx;
	weft_waitgroup *wg;
};

static void wait_done(void *arg)
{
	struct shared *s = arg;

	EXPECT(!weft_chan_recv(weft_ctx_done(s->ctx), NULL));
	EXPECT_EQ(weft_ctx_cause(s->ctx), 4);
	weft_waitgroup_done(s->wg);
}

TEST(cancel_wakes_everyone_who_waits)
{
	weft_ctx *ctx = weft_ctx_with_cancel(weft_ctx_background());
	weft_waitgroup wg = {0};
	struct shared s = {ctx, &wg};

	weft_waitgroup_add(&wg, 100);
	for (int i = 0; i < 100; i++) {
		weft_go(wait_done, &s);
		if (i % 10 == 0)
			weft_yield();
	}
	EXPECT(weft_ctx_cancel(ctx, 4));
	weft_waitgroup_wait(&wg);
	weft_ctx_unref(ctx);
}

enum { TREE = 100 };

struct cancelling {
	weft_ctx **tree;
	int which;
	weft_waitgroup *wg;
};

static void cancel_it(void *arg)
{
	struct cancelling *c = arg;
	weft_ctx *ctx = c->tree[c->which];

	weft_ctx_cancel(ctx, 0);
	expect_cancelled(ctx, ECANCELED, ECANCELED);
	weft_ctx_unref(ctx);
	weft_waitgroup_done(c->wg);
}

TEST(all_of_a_tree_can_be_cancelled_and_freed_at_once)
{
	for (int round = 0; round < test_scaled(30); round++) {
		weft_ctx *tree[TREE];
		struct cancelling c[TREE];
		weft_waitgroup wg = {0};

		tree[0] = weft_ctx_with_cancel(weft_ctx_background());
		for (int i = 1; i < TREE; i++)
			tree[i] = weft_ctx_with_timeout(tree[(i - 1) / 2],
							(i % 10 + 1) * 1000 * WEFT_S);
		weft_waitgroup_add(&wg, TREE);
		for (int i = 0; i < TREE; i++) {
			c[i] = (struct cancelling){tree, round % 2 ? i : TREE - 1 - i, &wg};
			weft_go(cancel_it, &c[i]);
		}
		weft_waitgroup_wait(&wg);
	}
}

static void derive_and_cancel(void *arg)
{
	struct shared *s = arg;

	for (int i = 0; i < 50; i++) {
		weft_ctx *child = weft_ctx_with_timeout(s->ctx, i % 7 * 20 * WEFT_US);
		weft_ctx *below = weft_ctx_with_cancel(child);

		if (i % 3 == 0)
			weft_ctx_cancel(child, 0);
		if (i == 40)
			weft_ctx_cancel(s->ctx, 0);
		weft_ctx_unref(child);
		if (i % 2)
			EXPECT(!weft_chan_recv(weft_ctx_done(below), NULL));
		weft_ctx_unref(below);
	}
	weft_waitgroup_done(s->wg);
}

TEST(interlocked_cancels_of_parents_and_children_hang_nobody)
{
	for (int round = 0; round < test_scaled(20); round++) {
		weft_ctx *ctx = weft_ctx_with_cancel(weft_ctx_background());
		weft_waitgroup wg = {0};
		struct shared s = {ctx, &wg};

		weft_waitgroup_add(&wg, 8);
		for (int i = 0; i < 8; i++)
			weft_go(derive_and_cancel, &s);
		weft_waitgroup_wait(&wg);
		weft_ctx_unref(ctx);
	}
}

TEST(a_deep_tree_is_cancelled_and_freed_without_recursion)
{
	int n = test_scaled(20000);
	weft_ctx *root = weft_ctx_with_cancel(weft_ctx_background()), *leaf = weft_ctx_ref(root);

	for (int i = 0; i < n; i++) {
		weft_ctx *child = weft_ctx_with_cancel(leaf);

		weft_ctx_unref(leaf);
		leaf = child;
	}
	weft_ctx_cancel(root, 2);
	expect_cancelled(leaf, ECANCELED, 2);
	weft_ctx_unref(root);
	weft_ctx_unref(leaf);
}

TEST(a_context_may_be_dropped_while_its_deadline_comes)
{
	for (int i = 0; i < test_scaled(3000); i++) {
		weft_ctx *ctx = weft_ctx_with_timeout(weft_ctx_background(), i % 60 * WEFT_US);

		for (int64_t until = weft_now() + i % 50 * WEFT_US; weft_now() < until;)
			weft_yield();
		weft_ctx_unref(ctx);
	}
}

static void note(void *arg)
{
	uint64_t id = weft_id();

	weft_chan_send(arg, &id);
}

TEST(an_after_func_of_a_context_runs_in_its_own_goroutine_once_it_is_cancelled)
{
	weft_chan *out = weft_chan_make(sizeof(uint64_t), 0);
	weft_ctx *parent = weft_ctx_with_cancel(weft_ctx_background());
	weft_ctx *ctx = weft_ctx_with_cancel(parent);
	weft_ctx_func *f = weft_ctx_after_func(ctx, note, out), *at_once;
	uint64_t id;

	EXPECT_EQ(weft_select(weft_on_recv(out, &id), weft_on_timeout(2 * WEFT_MS)), 1);
	weft_ctx_cancel(parent, 0);
	EXPECT(weft_chan_recv(out, &id));
	EXPECT(id != weft_id());
	EXPECT(!weft_ctx_stop(f));
	at_once = weft_ctx_after_func(ctx, note, out);
	EXPECT(weft_chan_recv(out, &id));
	EXPECT(!weft_ctx_stop(at_once));
	weft_ctx_unref(ctx);
	weft_ctx_unref(parent);
}

TEST(a_stopped_after_func_of_a_context_never_runs)
{
	weft_ctx *ctx = weft_ctx_with_cancel(weft_ctx_background());
	weft_chan *out = weft_chan_make(sizeof(uint64_t), 4);
	weft_ctx_func *f[3];

	for (int i = 0; i < 3; i++)
		f[i] = weft_ctx_after_func(ctx, note, out);
	EXPECT(weft_ctx_stop(f[1]));
	weft_ctx_cancel(ctx, 0);
	EXPECT(weft_chan_recv(out, NULL) && weft_chan_recv(out, NULL));
	EXPECT_EQ(weft_select(weft_on_recv(out, NULL), weft_on_timeout(2 * WEFT_MS)), 1);
	EXPECT(!weft_ctx_stop(f[0]) && !weft_ctx_stop(f[2]));
	weft_ctx_unref(ctx);
	EXPECT(weft_ctx_stop(weft_ctx_after_func(weft_ctx_background(), note, out)));
}

TEST(an_after_func_keeps_its_context)
{
	weft_chan *out = weft_chan_make(sizeof(uint64_t), 0);
	weft_ctx *parent = weft_ctx_with_cancel(weft_ctx_background());
	weft_ctx *ctx = weft_ctx_with_cancel(parent);
	weft_ctx_func *f = weft_ctx_after_func(ctx, note, out);

	weft_ctx_unref(ctx);
	weft_ctx_cancel(parent, 0);
	weft_ctx_unref(parent);
	EXPECT(weft_chan_recv(out, NULL));
	EXPECT(!weft_ctx_stop(f));
}

TEST(the_done_channel_may_outlive_its_context)
{
	weft_ctx *ctx = weft_ctx_with_cancel(weft_ctx_background());
	weft_chan *done = weft_chan_ref(weft_ctx_done(ctx));

	weft_ctx_cancel(ctx, 0);
	weft_ctx_unref(ctx);
	EXPECT(!weft_chan_recv(done, NULL));
	weft_chan_unref(done);
}

/* For the thread sanitizer. */
static int told;

static void look(void *arg)
{
	struct shared *s = arg;

	if (weft_id() % 2)
		weft_chan_recv(weft_ctx_done(s->ctx), NULL);
	else
		while (!weft_ctx_err(s->ctx))
			weft_yield();
	EXPECT_EQ(told, 7);
	weft_waitgroup_done(s->wg);
}

static void look_again(void *arg)
{
	EXPECT_EQ(told, 7);
	weft_waitgroup_done(arg);
}

TEST(what_came_before_a_cancel_happens_before_what_it_brings_about)
{
	weft_ctx *ctx = weft_ctx_with_cancel(weft_ctx_background());
	weft_ctx *child = weft_ctx_with_cancel(ctx);
	weft_waitgroup wg = {0};
	struct shared s = {child, &wg};
	weft_ctx_func *f;

	weft_waitgroup_add(&wg, 9);
	for (int i = 0; i < 8; i++)
		weft_go(look, &s);
	f = weft_ctx_after_func(child, look_again, &wg);
	weft_yield();
	told = 7;
	weft_ctx_cancel(ctx, 0);
	weft_waitgroup_wait(&wg);
	weft_ctx_stop(f);
	weft_ctx_unref(child);
	weft_ctx_unref(ctx);
}
