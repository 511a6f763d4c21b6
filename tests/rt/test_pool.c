/* SPDX-License-Identifier: MIT */
#include "../test.h"

struct thing {
	int holders, uses;
	char data[48];
};

static int made, dropped;

static void *make_thing(void *arg)
{
	__atomic_fetch_add(&made, 1, __ATOMIC_RELAXED);
	if (arg)
		++*(int *)arg;
	return calloc(1, sizeof(struct thing));
}

static void drop_thing(void *obj)
{
	__atomic_fetch_add(&dropped, 1, __ATOMIC_RELAXED);
	free(obj);
}

/* A goroutine may lose its worker, and what it put with it, at any time if there are others. */
static bool alone(void)
{
	return test_workers() == 1;
}

TEST(a_pool_gives_first_what_was_put_first_then_the_second_then_nothing)
{
	weft_pool p = {0};
	int a, b;
	void *first, *second;

	EXPECT(weft_pool_get(&p) == NULL);
	weft_pool_put(&p, &a);
	weft_pool_put(&p, &b);
	weft_pool_put(&p, NULL);
	first = weft_pool_get(&p);
	second = weft_pool_get(&p);
	EXPECT(!alone() || (first == &a && second == &b));
	EXPECT(first != second || !first);
	EXPECT(weft_pool_get(&p) == NULL);
	weft_pool_drain(&p);
}

TEST(a_pool_makes_one_when_it_is_empty)
{
	int mine = 0;
	weft_pool p = {.make = make_thing, .arg = &mine};
	struct thing *t = weft_pool_get(&p), *u;

	EXPECT(t && mine == 1);
	weft_pool_put(&p, t);
	u = weft_pool_get(&p);
	EXPECT(u == t || !alone());
	EXPECT(mine == 1 || !alone());
	free(u);
	if (u != t)
		EXPECT_EQ(weft_pool_drain(&p), 1);
	weft_pool_drain(&p);
}

TEST(a_pool_keeps_all_that_is_put)
{
	enum { N = 1000 };
	weft_pool p = {.make = make_thing, .drop = drop_thing};
	static struct thing *all[N];

	for (int round = 0; round < 3; round++) {
		for (int i = 0; i < N; i++) {
			all[i] = weft_pool_get(&p);
			EXPECT_EQ(all[i]->holders++, 0);
		}
		for (int i = 0; i < N; i++) {
			all[i]->holders--;
			weft_pool_put(&p, all[i]);
		}
	}
	EXPECT(made >= N && made <= N + 8); // a worker's slot is its own
	EXPECT_EQ(weft_pool_drain(&p), made);
	EXPECT_EQ(dropped, made);
	EXPECT_EQ(weft_pool_drain(&p), 0);
	EXPECT(weft_pool_get(&p) != NULL); // as before its first use
}

struct shared {
	weft_pool p;
	weft_waitgroup wg;
	int rounds;
};

static void put_many(void *arg)
{
	struct shared *s = arg;

	for (int i = 0; i < 100; i++)
		weft_pool_put(&s->p, calloc(1, sizeof(struct thing)));
	weft_waitgroup_done(&s->wg);
}

TEST(a_worker_takes_what_others_have)
{
	struct shared s = {.rounds = 0};
	int n = 0;
	void *t;

	weft_waitgroup_add(&s.wg, 8);
	for (int i = 0; i < 8; i++)
		weft_go(put_many, &s);
	weft_waitgroup_wait(&s.wg);
	for (; (t = weft_pool_get(&s.p)); n++)
		free(t);
	EXPECT(n >= 800 - 8 && n <= 800); // all but what is in other workers' slots
	EXPECT_EQ(n + weft_pool_drain(&s.p), 800);
}

TEST(a_trim_frees_what_was_not_taken_since_the_one_before)
{
	weft_pool p = {.drop = drop_thing};
	int there;

	EXPECT_EQ(weft_pool_trim(&p), 0);
	for (int i = 0; i < 100; i++)
		weft_pool_put(&p, calloc(1, sizeof(struct thing)));
	EXPECT_EQ(weft_pool_trim(&p), 0);
	for (int i = 0; i < 40; i++)
		weft_pool_put(&p, weft_pool_get(&p)); // in a worker's slot, mostly
	for (int i = 0; i < 10; i++)
		free(weft_pool_get(&p));
	there = (int)weft_pool_trim(&p);
	EXPECT_EQ(there, dropped);
	EXPECT(there >= 90 - 8 && there <= 90);
	EXPECT_EQ(weft_pool_trim(&p), 0);
	EXPECT_EQ(weft_pool_drain(&p), 90 - there);
}

/* What is written to a thing is seen by whoever gets it next. */
static void hold_one(void *arg)
{
	struct shared *s = arg;

	for (int i = 0; i < s->rounds; i++) {
		struct thing *t[3];

		for (int k = 0; k < 3; k++) {
			t[k] = weft_pool_get(&s->p);
			EXPECT_EQ(t[k]->holders++, 0);
			t[k]->uses++;
		}
		if (i % 8 == 0)
			weft_yield();
		for (int k = 0; k < 3; k++) {
			EXPECT_EQ(t[k]->holders--, 1);
			weft_pool_put(&s->p, t[k]);
		}
	}
	weft_waitgroup_done(&s->wg);
}

static void stress(bool trim)
{
	struct shared s = {.p = {.make = make_thing, .drop = drop_thing},
			   .rounds = test_scaled(20000)};

	weft_waitgroup_add(&s.wg, 10);
	for (int i = 0; i < 10; i++)
		weft_go(hold_one, &s);
	if (trim)
		for (int i = 0; i < 100; i++) {
			weft_pool_trim(&s.p);
			weft_yield();
		}
	weft_waitgroup_wait(&s.wg);
	weft_pool_drain(&s.p);
	EXPECT_EQ(made, dropped);
}

TEST(nothing_of_a_pool_is_handed_to_two_holders)
{
	stress(false);
}

TEST(nothing_is_lost_or_freed_twice_when_a_pool_in_use_is_trimmed)
{
	stress(true);
}
