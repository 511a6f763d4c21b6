/* SPDX-License-Identifier: MIT */
#include "../test.h"

#include <errno.h>

struct shared {
	weft_semaphore s;
	weft_waitgroup wg;
	int inside, rounds;
	int got[2];
};

static int add(int *to, int by)
{
	return __atomic_add_fetch(to, by, __ATOMIC_RELAXED);
}

static void take_some(void *arg)
{
	struct shared *s = arg;

	for (int i = 0; i < s->rounds; i++) {
		int n = (int)((weft_id() + (uint64_t)i) % 5);

		weft_semaphore_acquire(&s->s, n);
		EXPECT(add(&s->inside, n) <= 7);
		if (i % 16 == 0)
			weft_yield();
		add(&s->inside, -n);
		weft_semaphore_release(&s->s, n);
	}
	weft_waitgroup_done(&s->wg);
}

TEST(no_more_of_a_semaphore_are_held_than_there_are)
{
	struct shared s = {.s.size = 7, .rounds = test_scaled(5000)};

	weft_waitgroup_add(&s.wg, 8);
	for (int i = 0; i < 8; i++)
		weft_go(take_some, &s);
	weft_waitgroup_wait(&s.wg);
	EXPECT(weft_semaphore_try_acquire(&s.s, 7));
}

TEST(try_acquire_succeeds_only_if_enough_are_there)
{
	weft_semaphore s = {.size = 3}, none = {0};

	EXPECT(weft_semaphore_try_acquire(&s, 2));
	EXPECT(!weft_semaphore_try_acquire(&s, 2));
	EXPECT(weft_semaphore_try_acquire(&s, 1));
	EXPECT(weft_semaphore_try_acquire(&s, 0));
	EXPECT(!weft_semaphore_try_acquire(&s, 1));
	weft_semaphore_release(&s, 3);
	EXPECT(weft_semaphore_try_acquire(&s, 3));
	EXPECT(weft_semaphore_try_acquire(&none, 0));
}

/* The last who waits.  The field is the runtime's and read without its lock, but a test may look.
 */
__attribute__((noinline, no_sanitize("thread"))) static const void *last_of(const weft_waitq *q)
{
	return *(struct weft_waiter *volatile const *)&q->tail;
}

static void go_until_it_waits(void (*fn)(void *), void *arg, const weft_waitq *q)
{
	const void *before = last_of(q);

	weft_go(fn, arg);
	while (last_of(q) == before)
		weft_yield();
}

static void take_three(void *arg)
{
	struct shared *s = arg;

	weft_semaphore_acquire(&s->s, 3);
	add(&s->got[0], 1);
	EXPECT_EQ(__atomic_load_n(&s->got[1], __ATOMIC_RELAXED), 0);
	weft_semaphore_release(&s->s, 3);
	weft_waitgroup_done(&s->wg);
}

static void take_one(void *arg)
{
	struct shared *s = arg;

	weft_semaphore_acquire(&s->s, 1);
	add(&s->got[1], 1);
	EXPECT_EQ(__atomic_load_n(&s->got[0], __ATOMIC_RELAXED), 1);
	weft_semaphore_release(&s->s, 1);
	weft_waitgroup_done(&s->wg);
}

TEST(who_wants_much_is_not_passed_by_those_who_want_little)
{
	struct shared s = {.s.size = 3};

	weft_waitgroup_add(&s.wg, 3);
	weft_semaphore_acquire(&s.s, 1);
	go_until_it_waits(take_three, &s, &s.s.q);
	EXPECT(!weft_semaphore_try_acquire(&s.s, 1)); // two are there, but not for a later one
	go_until_it_waits(take_one, &s, &s.s.q);
	go_until_it_waits(take_one, &s, &s.s.q);
	weft_semaphore_release(&s.s, 1);
	weft_waitgroup_wait(&s.wg);
	EXPECT_EQ(s.got[1], 2);
}

struct counted {
	weft_semaphore s;
	int refs;
};

static void leave(void *arg)
{
	struct counted *c = arg;
	bool last;

	weft_semaphore_acquire(&c->s, 1);
	last = --c->refs == 0;
	weft_semaphore_release(&c->s, 1);
	if (last)
		free(c);
}

TEST(whoever_acquires_last_may_free_the_semaphore)
{
	for (int i = 0; i < test_scaled(5000); i++) {
		struct counted *c = calloc(1, sizeof *c);

		c->s.size = 1;
		c->refs = 4;
		for (int k = 0; k < 4; k++)
			weft_go(leave, c);
		weft_yield();
	}
	while (weft_count() > 1)
		weft_yield();
}

/* ---- With a context --------------------------------------------------------------------- */

struct wanting {
	weft_semaphore *s;
	weft_ctx *ctx;
	weft_waitgroup *wg;
	int n, err;
};

static void want(void *arg)
{
	struct wanting *w = arg;

	w->err = weft_semaphore_acquire_ctx(w->s, w->n, w->ctx);
	weft_waitgroup_done(w->wg);
}

TEST(an_acquire_with_a_context_is_as_without_until_that_is_cancelled)
{
	weft_ctx *ctx = weft_ctx_with_cancel(weft_ctx_background());
	weft_semaphore s = {.size = 2};

	EXPECT_EQ(weft_semaphore_acquire_ctx(&s, 1, ctx), 0);
	EXPECT_EQ(weft_semaphore_acquire_ctx(&s, 1, weft_ctx_background()), 0);
	EXPECT(!weft_semaphore_try_acquire(&s, 1));
	weft_semaphore_release(&s, 2);
	weft_ctx_cancel(ctx, 0);
	EXPECT_EQ(weft_semaphore_acquire_ctx(&s, 1, ctx), -ECANCELED);
	EXPECT(weft_semaphore_try_acquire(&s, 2));
	weft_ctx_unref(ctx);
}

TEST(an_acquire_ends_at_the_deadline_of_its_context)
{
	int64_t began = test_now();
	weft_ctx *ctx = weft_ctx_with_timeout(weft_ctx_background(), 5 * WEFT_MS);
	weft_semaphore s = {.size = 1};

	weft_semaphore_acquire(&s, 1);
	EXPECT_EQ(weft_semaphore_acquire_ctx(&s, 1, ctx), -ETIMEDOUT);
	EXPECT(test_now() - began >= 5 * WEFT_MS);
	weft_semaphore_release(&s, 1);
	EXPECT(weft_semaphore_try_acquire(&s, 1));
	weft_ctx_unref(ctx);
}

/* x/sync/semaphore, TestAllocCancelDoesntStarve. */
TEST(who_gives_up_lets_those_behind_be_served)
{
	for (int i = 0; i < test_scaled(500); i++) {
		weft_ctx *ctx = weft_ctx_with_cancel(weft_ctx_background());
		weft_semaphore s = {.size = 10};
		weft_waitgroup wg = {0};
		struct wanting much = {&s, ctx, &wg, 10, 0};
		struct wanting a = {&s, weft_ctx_background(), &wg, 1, 0}, b = a;

		weft_waitgroup_add(&wg, 3);
		weft_semaphore_acquire(&s, 1);
		go_until_it_waits(want, &much, &s.q);
		go_until_it_waits(want, &a, &s.q);
		go_until_it_waits(want, &b, &s.q);
		EXPECT(!weft_semaphore_try_acquire(&s, 1));
		weft_ctx_cancel(ctx, 0);
		weft_waitgroup_wait(&wg); // though nothing was released
		EXPECT_EQ(much.err, -ECANCELED);
		EXPECT(weft_semaphore_try_acquire(&s, 7));
		EXPECT(!weft_semaphore_try_acquire(&s, 1));
		weft_ctx_unref(ctx);
	}
}

static void cancel(void *arg)
{
	weft_ctx_cancel(arg, 0);
	weft_ctx_unref(arg);
}

static void give_one(void *arg)
{
	weft_semaphore_release(arg, 1);
}

TEST(nothing_is_lost_when_one_is_granted_and_cancelled_at_once)
{
	weft_semaphore s = {.size = 1};
	int granted = 0, cancelled = 0;

	for (int i = 0; i < test_scaled(5000); i++) {
		weft_ctx *ctx = weft_ctx_with_cancel(weft_ctx_background());
		weft_waitgroup wg = {0};
		struct wanting w = {&s, ctx, &wg, 1, 0};

		weft_semaphore_acquire(&s, 1);
		weft_waitgroup_add(&wg, 1);
		go_until_it_waits(want, &w, &s.q);
		weft_ctx_ref(ctx);
		if (i % 2) {
			weft_go(cancel, ctx);
			weft_go(give_one, &s);
		} else {
			weft_go(give_one, &s);
			weft_go(cancel, ctx);
		}
		weft_waitgroup_wait(&wg);
		granted += w.err == 0;
		cancelled += w.err == -ECANCELED;
		if (!w.err)
			weft_semaphore_release(&s, 1);
		weft_semaphore_acquire(&s, 1); // all is there again
		weft_semaphore_release(&s, 1);
		weft_ctx_unref(ctx);
	}
	EXPECT_EQ(granted + cancelled, test_scaled(5000));
	EXPECT(granted && cancelled);
}

static void take_with_deadlines(void *arg)
{
	struct shared *s = arg;

	for (int i = 0; i < s->rounds; i++) {
		int n = 1 + (int)((weft_id() + (uint64_t)i) % 4);
		weft_ctx *ctx = weft_ctx_with_timeout(weft_ctx_background(), i % 7 * WEFT_US);

		if (weft_semaphore_acquire_ctx(&s->s, n, ctx) == 0) {
			EXPECT(add(&s->inside, n) <= 7);
			if (i % 4 == 0)
				weft_yield();
			add(&s->inside, -n);
			weft_semaphore_release(&s->s, n);
		}
		weft_ctx_unref(ctx);
	}
	weft_waitgroup_done(&s->wg);
}

TEST(deadlines_lose_nothing_of_a_semaphore)
{
	struct shared s = {.s.size = 7, .rounds = test_scaled(2000)};

	weft_waitgroup_add(&s.wg, 8);
	for (int i = 0; i < 8; i++)
		weft_go(take_with_deadlines, &s);
	weft_waitgroup_wait(&s.wg);
	EXPECT(weft_semaphore_try_acquire(&s.s, 7));
}
