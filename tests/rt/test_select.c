/* SPDX-License-Identifier: MIT */
#include "../test.h"

#include <string.h>

typedef weft_chan_of(int) int_chan;

TEST(select_chooses_fairly_between_two_ready_channels)
{
	enum { TRIALS = 10000 };
	int_chan c[2] = {weft_make(int_chan, TRIALS + 1), weft_make(int_chan, TRIALS + 1)};
	int count[2] = {0, 0}, v;
	double share;

	for (int i = 0; i <= TRIALS; i++) {
		weft_send(c[0], 0);
		weft_send(c[1], 1);
	}
	for (int i = 0; i < TRIALS; i++) {
		int k = weft_select(weft_on_recv(c[0].chan, &v), weft_on_recv(c[1].chan, &v));

		EXPECT_EQ(v, k);
		count[k]++;
	}
	share = (double)count[0] / TRIALS;
	EXPECT(share > 0.5 - 0.0245 && share < 0.5 + 0.0245); // 4.89 standard deviations
}

TEST(select_takes_one_case_when_both_are_ready)
{
	for (int i = 0; i < 1000; i++) {
		int_chan a = weft_make(int_chan, 1), b = weft_make(int_chan, 1);
		int v, k;

		weft_send(a, 1);
		weft_send(b, 2);
		k = weft_select(weft_on_recv(a.chan, &v), weft_on_recv(b.chan, &v));
		EXPECT_EQ(v, k + 1);
		EXPECT_EQ(weft_chan_len(a.chan) + weft_chan_len(b.chan), 1);
		weft_chan_unref(a.chan);
		weft_chan_unref(b.chan);
	}
}

struct two {
	int_chan a, b, done;
	bool close;
};

static void take_or_default(void *arg)
{
	struct two *t = arg;
	int v, k;

	k = weft_select(weft_on_recv(t->a.chan, &v), weft_on_recv(t->b.chan, &v),
			weft_on_default());
	weft_send(t->done, k);
}

/* While at least one of two channels is ready, a select never takes default. */
static void never_default(bool close)
{
	for (int i = 0; i < test_scaled(20000); i++) {
		struct two t = {weft_make(int_chan, 1), weft_make(int_chan, 1),
				weft_make(int_chan, 1), close};
		int v;

		weft_send(t.a, 1);
		weft_go(take_or_default, &t);
		if (close)
			weft_close(t.b);
		else
			weft_send(t.b, 1);
		weft_select(weft_on_recv(t.a.chan, &v), weft_on_default());
		EXPECT(weft_recv(t.done, &v));
		EXPECT(v != 2);
		weft_chan_unref(t.a.chan);
		weft_chan_unref(t.b.chan);
		weft_chan_unref(t.done.chan);
	}
}

TEST(select_sees_one_moment_when_sends_race)
{
	never_default(false);
}

TEST(select_sees_one_moment_when_a_close_races)
{
	never_default(true);
}

struct twice {
	int_chan c, d;
	int_chan got;
};

static void wait_thrice(void *arg)
{
	struct twice *t = arg;
	int v = 0;

	weft_select(weft_on_recv(t->c.chan, &v), weft_on_recv(t->c.chan, &v),
		    weft_on_recv(t->d.chan, &v));
	weft_send(t->got, 1);
}

static void wait_once(void *arg)
{
	struct twice *t = arg;
	int v = 0;

	weft_recv(t->c, &v);
	weft_send(t->got, 2);
}

TEST(select_with_one_channel_twice_leaves_no_waiter_behind)
{
	struct twice t = {weft_make(int_chan, 0), weft_make(int_chan, 0), weft_make(int_chan, 2)};
	int v;

	weft_go(wait_thrice, &t);
	weft_sleep(WEFT_MS);
	weft_go(wait_once, &t);
	weft_sleep(WEFT_MS);
	weft_send(t.d, 7);
	EXPECT(weft_recv(t.got, &v));
	EXPECT_EQ(v, 1);
	weft_send(t.c, 8);
	EXPECT(weft_recv(t.got, &v));
	EXPECT_EQ(v, 2);
}

struct meeting {
	int_chan c;
	weft_waitgroup done;
	int rounds, sent[2], received[2];
};

/* Send one's number, or receive the other's. */
static void meet(struct meeting *m, int me)
{
	for (int i = 0; i < m->rounds; i++) {
		int v = me;

		if (weft_select(weft_on_send(m->c.chan, &me), weft_on_recv(m->c.chan, &v)) == 0) {
			m->sent[me]++;
			continue;
		}
		EXPECT_EQ(v, 1 - me);
		m->received[me]++;
	}
	weft_waitgroup_done(&m->done);
}

static void meet_as_first(void *arg)
{
	meet(arg, 0);
}

static void meet_as_second(void *arg)
{
	meet(arg, 1);
}

TEST(select_that_sends_and_receives_on_one_channel_meets_another_and_not_itself)
{
	struct meeting m = {.c = weft_make(int_chan, 0), .rounds = 10000};

	weft_waitgroup_add(&m.done, 2);
	weft_go(meet_as_first, &m);
	weft_go(meet_as_second, &m);
	weft_waitgroup_wait(&m.done);
	EXPECT_EQ(m.sent[0], m.received[1]);
	EXPECT_EQ(m.sent[1], m.received[0]);
	EXPECT_EQ(m.sent[0] + m.received[0], m.rounds);
}

struct four {
	int_chan c[4];
	int_chan out;
	weft_waitgroup done;
	int n;
};

static void send_distinct(void *arg)
{
	struct four *f = arg;

	for (int i = 0; i < f->n; i++)
		weft_select(weft_on_send(f->c[0].chan, &i), weft_on_send(f->c[1].chan, &i),
			    weft_on_send(f->c[2].chan, &i), weft_on_send(f->c[3].chan, &i));
	for (int k = 0; k < 4; k++)
		weft_close(f->c[k]);
}

static void receive_any(void *arg)
{
	struct four *f = arg;
	weft_case cases[4];
	int v, left = 4;

	for (int k = 0; k < 4; k++)
		cases[k] = weft_on_recv(f->c[k].chan, &v);
	while (left > 0) {
		int k = weft_select_cases(cases, 4);

		if (cases[k].ok)
			weft_send(f->out, v);
		else
			cases[k].kind = WEFT_CASE_NONE, left--;
	}
	weft_waitgroup_done(&f->done);
}

static void close_when_done(void *arg)
{
	struct four *f = arg;

	weft_waitgroup_wait(&f->done);
	weft_close(f->out);
}

TEST(select_never_does_two_cases)
{
	struct four f = {.n = test_scaled(100000)};
	unsigned char *seen = calloc(f.n, 1);
	int count = 0;

	for (int k = 0; k < 4; k++)
		f.c[k] = weft_make(int_chan, 0);
	f.out = weft_make(int_chan, 1);
	weft_waitgroup_add(&f.done, 2);
	weft_go(receive_any, &f);
	weft_go(receive_any, &f);
	weft_go(send_distinct, &f);
	weft_go(close_when_done, &f);
	weft_range(f.out, v) {
		EXPECT(v >= 0 && v < f.n);
		EXPECT(!seen[v]);
		seen[v] = 1;
		count++;
	}
	EXPECT_EQ(count, f.n);
	free(seen);
}

struct stress {
	int_chan c[4];
	int n;
	weft_waitgroup done;
};

static void plain_sends(void *arg)
{
	struct stress *s = ((struct stress **)arg)[0];
	int k = (int)(intptr_t)((void **)arg)[1];

	free(arg);
	for (int i = 0; i < s->n; i++)
		weft_send(s->c[k], 0);
	weft_waitgroup_done(&s->done);
}

static void plain_receives(void *arg)
{
	struct stress *s = ((struct stress **)arg)[0];
	int k = (int)(intptr_t)((void **)arg)[1], v;

	free(arg);
	for (int i = 0; i < s->n; i++)
		EXPECT(weft_recv(s->c[k], &v));
	weft_waitgroup_done(&s->done);
}

static void both_ways(struct stress *s, bool send)
{
	int left[4] = {s->n, s->n, s->n, s->n}, v = 0;

	for (int i = 0; i < 4 * s->n; i++) {
		weft_case cases[4];

		for (int k = 0; k < 4; k++) {
			cases[k] = send ? weft_on_send(s->c[k].chan, &v)
					: weft_on_recv(s->c[k].chan, &v);
			if (left[k] == 0)
				cases[k].chan = NULL;
		}
		left[weft_select_cases(cases, 4)]--;
	}
	weft_waitgroup_done(&s->done);
}

static void select_sends(void *arg)
{
	both_ways(arg, true);
}

static void select_receives(void *arg)
{
	both_ways(arg, false);
}

TEST(four_channels_both_ways_with_and_without_select_end_with_exact_counts)
{
	struct stress s = {.n = test_scaled(10000)};

	for (int k = 0; k < 4; k++)
		s.c[k] = weft_make(int_chan, k % 2 ? 0 : 2);
	weft_waitgroup_add(&s.done, 10);
	for (int k = 0; k < 4; k++) {
		for (int way = 0; way < 2; way++) {
			void **arg = malloc(2 * sizeof *arg);

			arg[0] = &s;
			arg[1] = (void *)(intptr_t)k;
			weft_go_at(way ? plain_sends : plain_receives, arg, NULL, WEFT_HERE);
		}
	}
	weft_go(select_sends, &s);
	weft_go(select_receives, &s);
	weft_waitgroup_wait(&s.done);
	for (int k = 0; k < 4; k++)
		EXPECT_EQ(weft_chan_len(s.c[k].chan), 0);
}

TEST(select_times_out_not_before_its_time)
{
	int_chan c = weft_make(int_chan, 0);
	int64_t began = test_now();
	int v;

	EXPECT_EQ(weft_select(weft_on_recv(c.chan, &v), weft_on_timeout(20 * WEFT_MS)), 1);
	EXPECT(test_now() - began >= 20 * WEFT_MS);
	EXPECT_EQ(weft_select(weft_on_timeout(0)), 0);
	EXPECT_EQ(weft_select(weft_on_timeout(-5), weft_on_recv(c.chan, &v)), 0);
	EXPECT_EQ(weft_select(weft_on_timeout(2 * WEFT_MS)), 0);
	weft_chan_unref(c.chan);
}

TEST(a_time_out_that_comes_before_many_channels)
{
	enum { N = 20 };
	weft_case cases[N] = {weft_on_timeout(2 * WEFT_MS)};
	int_chan c[N];
	int v;

	for (int i = 1; i < N; i++) {
		c[i] = weft_make(int_chan, 0);
		cases[i] = (weft_case)weft_on_recv(c[i].chan, &v);
	}
	EXPECT_EQ(weft_select_cases(cases, N), 0);
	for (int i = 1; i < N; i++)
		weft_chan_unref(c[i].chan);
}

static void late_send(void *arg)
{
	int_chan c = {arg};

	weft_sleep(2 * WEFT_MS);
	weft_send(c, 3);
}

TEST(a_case_that_becomes_ready_beats_a_later_time_out)
{
	int_chan c = weft_make(int_chan, 0);
	int v = 0;

	weft_go(late_send, c.chan);
	EXPECT_EQ(weft_select(weft_on_timeout(60 * WEFT_S), weft_on_recv(c.chan, &v)), 1);
	EXPECT_EQ(v, 3);
}

static void busy_pair(void *arg)
{
	int_chan c = {arg};

	for (;;) {
		weft_send(c, 1);
		weft_yield();
	}
}

TEST(a_time_out_is_taken_although_other_goroutines_are_always_ready)
{
	int_chan never = weft_make(int_chan, 0), busy = weft_make(int_chan, 0);
	int v;

	weft_go(busy_pair, busy.chan);
	weft_go(busy_pair, busy.chan);
	for (int64_t until = test_now() + 20 * WEFT_MS; test_now() < until;)
		EXPECT(weft_recv(busy, &v));
	EXPECT_EQ(weft_select(weft_on_recv(never.chan, &v), weft_on_timeout(20 * WEFT_MS)), 1);
}

TEST(select_works_with_a_hundred_cases)
{
	enum { N = 100 };
	int_chan c[N];
	weft_case cases[N];
	int v = -1;

	for (int i = 0; i < N; i++)
		c[i] = weft_make(int_chan, 0);
	for (int i = 0; i < N; i++)
		cases[i] = weft_on_recv(c[N - 1 - i].chan, &v);
	for (int i = 0; i < N; i++) {
		weft_go(late_send, c[i].chan);
		EXPECT_EQ(weft_select_cases(cases, N), N - 1 - i);
		EXPECT_EQ(v, 3);
	}
}

TEST(select_says_whether_the_chosen_receive_got_a_value)
{
	int_chan c = weft_make(int_chan, 1);
	int v = 5;
	weft_case k = weft_on_recv(c.chan, &v);

	weft_send(c, 9);
	EXPECT_EQ(weft_select_cases(&k, 1), 0);
	EXPECT(k.ok);
	EXPECT_EQ(v, 9);
	weft_close(c);
	EXPECT_EQ(weft_select_cases(&k, 1), 0);
	EXPECT(!k.ok);
	EXPECT_EQ(v, 0);
}
