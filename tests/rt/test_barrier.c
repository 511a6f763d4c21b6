/* SPDX-License-Identifier: MIT */
#include "../test.h"

enum { PARTIES = 7 };

struct shared {
	weft_barrier b;
	weft_waitgroup wg;
	int rounds, leaders;
	int round[PARTIES]; /* of each, written by it alone between two meetings */
	int next;
};

static int add(int *to, int by)
{
	return __atomic_add_fetch(to, by, __ATOMIC_RELAXED);
}

static void meet(void *arg)
{
	struct shared *s = arg;
	int me = add(&s->next, 1) - 1;

	for (int i = 1; i <= s->rounds; i++) {
		s->round[me] = i;
		if (me == i % PARTIES)
			weft_yield();
		if (weft_barrier_wait(&s->b))
			add(&s->leaders, 1);
		for (int k = 0; k < PARTIES; k++)
			EXPECT_EQ(s->round[k], i); // nobody is late, and nobody ahead
		weft_barrier_wait(&s->b);
	}
	weft_waitgroup_done(&s->wg);
}

TEST(nobody_laps_at_a_barrier_and_one_of_each_round_is_told)
{
	struct shared s = {.b.parties = PARTIES, .rounds = test_scaled(2000)};

	weft_waitgroup_add(&s.wg, PARTIES);
	for (int i = 0; i < PARTIES; i++)
		weft_go(meet, &s);
	weft_waitgroup_wait(&s.wg);
	EXPECT_EQ(s.leaders, s.rounds);
}

TEST(a_barrier_of_one_never_waits)
{
	weft_barrier b = {.parties = 1};

	for (int i = 0; i < 10; i++)
		EXPECT(weft_barrier_wait(&b));
}

struct counted {
	weft_barrier b;
	int refs;
};

static void meet_and_leave(void *arg)
{
	struct counted *c = arg;

	weft_barrier_wait(&c->b);
	if (__atomic_sub_fetch(&c->refs, 1, __ATOMIC_ACQ_REL) == 0)
		free(c);
}

TEST(the_last_to_leave_may_free_the_barrier)
{
	for (int i = 0; i < test_scaled(5000); i++) {
		struct counted *c = calloc(1, sizeof *c);

		c->b.parties = c->refs = 4;
		for (int k = 0; k < 4; k++)
			weft_go(meet_and_leave, c);
		weft_yield();
	}
	while (weft_count() > 1)
		weft_yield();
}
