/* SPDX-License-Identifier: MIT */
#include "../test.h"

#include <string.h>

typedef weft_chan_of(int) int_chan;

/* Let others run until they can get no further: for tests that want somebody parked. */
static void settle(void)
{
	for (int i = 0; i < 20; i++)
		weft_yield();
	weft_sleep(WEFT_MS);
}

struct flag {
	int_chan c;
	int got;
	bool ok;
	weft_waitgroup done;
};

static void receive_one(void *arg)
{
	struct flag *f = arg;

	f->ok = weft_recv(f->c, &f->got);
	weft_waitgroup_done(&f->done);
}

static void send_one(void *arg)
{
	struct flag *f = arg;

	weft_send(f->c, 42);
	f->ok = true;
	weft_waitgroup_done(&f->done);
}

TEST(recv_from_an_empty_channel_waits_and_try_recv_does_not)
{
	for (int cap = 0; cap <= 200; cap = cap < 4 ? cap + 1 : cap * 3) {
		struct flag f = {.c = weft_make(int_chan, cap)};
		int v = 7;

		EXPECT(!weft_chan_try_recv(f.c.chan, &v, NULL));
		EXPECT_EQ(v, 7);
		weft_waitgroup_add(&f.done, 1);
		weft_go(receive_one, &f);
		settle();
		EXPECT(!f.ok);
		weft_send(f.c, 5);
		weft_waitgroup_wait(&f.done);
		EXPECT(f.ok);
		EXPECT_EQ(f.got, 5);
		weft_chan_unref(f.c.chan);
	}
}

TEST(send_to_a_full_channel_waits_and_try_send_does_not)
{
	for (int cap = 0; cap <= 200; cap = cap < 4 ? cap + 1 : cap * 3) {
		struct flag f = {.c = weft_make(int_chan, cap)};
		int v = 1;

		for (int i = 0; i < cap; i++)
			EXPECT(weft_chan_try_send(f.c.chan, &i));
		EXPECT(!weft_chan_try_send(f.c.chan, &v));
		weft_waitgroup_add(&f.done, 1);
		weft_go(send_one, &f);
		settle();
		EXPECT(!f.ok);
		for (int i = 0; i < cap; i++) {
			EXPECT(weft_recv(f.c, &v));
			EXPECT_EQ(v, i);
		}
		EXPECT(weft_recv(f.c, &v));
		EXPECT_EQ(v, 42);
		weft_waitgroup_wait(&f.done);
		weft_chan_unref(f.c.chan);
	}
}

TEST(closed_channel_gives_what_is_buffered_and_then_zero_for_ever)
{
	int_chan c = weft_make(int_chan, 8);
	bool ok;
	int v;

	for (int i = 1; i <= 5; i++)
		weft_send(c, i);
	weft_close(c);
	for (int i = 1; i <= 5; i++) {
		EXPECT(weft_recv(c, &v));
		EXPECT_EQ(v, i);
	}
	for (int i = 0; i < 10; i++) {
		v = 9;
		EXPECT(!weft_recv(c, &v));
		EXPECT_EQ(v, 0);
		v = 9;
		ok = true;
		EXPECT(weft_chan_try_recv(c.chan, &v, &ok));
		EXPECT(!ok);
		EXPECT_EQ(v, 0);
	}
	weft_chan_unref(c.chan);
}

static void send_100(void *arg)
{
	int_chan c = {arg};

	for (int i = 0; i < 100; i++)
		weft_send(c, i);
	weft_close(c);
}

TEST(a_hundred_values_arrive_in_order_at_any_capacity)
{
	for (int cap = 0; cap <= 200; cap++) {
		int_chan c = weft_make(int_chan, cap);
		int next = 0;

		weft_go(send_100, c.chan);
		weft_range(c, v)
			EXPECT_EQ(v, next++);
		EXPECT_EQ(next, 100);
		weft_chan_unref(c.chan);
	}
}

static int_chan counted(int_chan c, int *calls)
{
	++*calls;
	return c;
}

TEST(range_evaluates_its_channel_once_and_can_be_left)
{
	int_chan c = weft_make(int_chan, 5);
	int calls = 0, got = 0;

	for (int i = 0; i < 5; i++)
		weft_send(c, i);
	weft_range(counted(c, &calls), v) {
		if (v == 1)
			continue;
		if (v == 3)
			break;
		got += v;
	}
	EXPECT_EQ(calls, 1);
	EXPECT_EQ(got, 2);
	EXPECT_EQ(weft_chan_len(c.chan), 1);
}

TEST(len_and_cap_count_the_buffer)
{
	int_chan c = weft_make(int_chan, 3), u = weft_make(int_chan, 0);

	EXPECT_EQ(weft_chan_len(c.chan), 0);
	EXPECT_EQ(weft_chan_cap(c.chan), 3);
	for (int i = 0; i < 3; i++)
		weft_send(c, i);
	EXPECT_EQ(weft_chan_len(c.chan), 3);
	EXPECT_EQ(weft_chan_len(u.chan), 0);
	EXPECT_EQ(weft_chan_cap(u.chan), 0);
	EXPECT_EQ(weft_chan_len(NULL), 0);
	EXPECT_EQ(weft_chan_cap(NULL), 0);
	weft_chan_unref(c.chan);
	weft_chan_unref(u.chan);
}

static void close_it(void *arg)
{
	int_chan c = {arg};

	weft_close(c);
}

TEST(try_recv_of_a_nonempty_channel_succeeds_while_it_is_closed)
{
	for (int i = 0; i < test_scaled(10000); i++) {
		int_chan c = weft_make(int_chan, 1);
		bool ok = false;
		int v = 0;

		weft_send(c, 1);
		weft_go(close_it, weft_chan_ref(c.chan));
		EXPECT(weft_chan_try_recv(c.chan, &v, &ok));
		EXPECT(ok);
		EXPECT_EQ(v, 1);
		EXPECT(!weft_recv(c, &v));
		weft_chan_unref(c.chan);
	}
}

TEST(elements_of_no_size_can_be_sent)
{
	for (int cap = 0; cap < 2; cap++) {
		weft_chan *c = weft_chan_make(0, cap);
		bool ok = true;

		if (cap) {
			weft_chan_send(c, NULL);
			EXPECT_EQ(weft_chan_len(c), 1);
			EXPECT(weft_chan_recv(c, NULL));
		}
		weft_chan_close(c);
		EXPECT(weft_chan_try_recv(c, NULL, &ok));
		EXPECT(!ok);
		weft_chan_unref(c);
	}
}

struct consumers {
	int_chan q, r;
	weft_waitgroup done;
};

static void consume(void *arg)
{
	struct consumers *m = arg;

	weft_range(m->q, v) {
		if (v % 7 == 0)
			weft_yield();
		weft_send(m->r, v);
	}
	weft_waitgroup_done(&m->done);
}

static void produce(void *arg)
{
	struct consumers *m = arg;
	int n = test_scaled(271828);

	for (int i = 0; i < n; i++)
		weft_send(m->q, i % 100 + 1);
	weft_close(m->q);
	weft_waitgroup_wait(&m->done);
	weft_close(m->r);
}

TEST(twenty_three_consumers_of_one_queue_lose_and_double_nothing)
{
	struct consumers m = {weft_make(int_chan, 23 * 10), weft_make(int_chan, 23 * 10), {0}};
	int64_t sum = 0, want = 0;
	int n = test_scaled(271828), count = 0;

	weft_waitgroup_add(&m.done, 23);
	for (int i = 0; i < 23; i++)
		weft_go(consume, &m);
	weft_go(produce, &m);
	weft_range(m.r, v) {
		sum += v;
		count++;
	}
	for (int i = 0; i < n; i++)
		want += i % 100 + 1;
	EXPECT_EQ(count, n);
	EXPECT_EQ(sum, want);
}

TEST(close_wakes_every_receiver)
{
	struct flag f[20];
	int_chan c = weft_make(int_chan, 0);

	memset(f, 0, sizeof f);
	for (int i = 0; i < 20; i++) {
		f[i].c = c;
		f[i].ok = true;
		f[i].got = 3;
		weft_waitgroup_add(&f[i].done, 1);
		weft_go(receive_one, &f[i]);
	}
	settle();
	weft_close(c);
	for (int i = 0; i < 20; i++) {
		weft_waitgroup_wait(&f[i].done);
		EXPECT(!f[i].ok);
		EXPECT_EQ(f[i].got, 0);
	}
}

TEST(receivers_are_served_in_the_order_they_came)
{
	struct flag f[10];
	int_chan c = weft_make(int_chan, 0);

	memset(f, 0, sizeof f);
	for (int i = 0; i < 10; i++) {
		f[i].c = c;
		weft_waitgroup_add(&f[i].done, 1);
		weft_go(receive_one, &f[i]);
		settle();
	}
	for (int i = 0; i < 10; i++)
		weft_send(c, i);
	for (int i = 0; i < 10; i++) {
		weft_waitgroup_wait(&f[i].done);
		/* With more workers the next may have parked before this one did. */
		if (test_workers() == 1)
			EXPECT_EQ(f[i].got, i);
	}
}

static void generate(void *arg)
{
	int_chan c = {arg};

	for (int i = 2;; i++)
		weft_send(c, i);
}

struct filter {
	int_chan in, out;
	int prime;
};

static void filter(void *arg)
{
	struct filter f = *(struct filter *)arg;

	free(arg);
	weft_range(f.in, v)
		if (v % f.prime)
			weft_send(f.out, v);
}

TEST(prime_sieve_finds_the_primes)
{
	int_chan c = weft_make(int_chan, 0);
	int prime = 0;

	weft_go(generate, c.chan);
	for (int i = 0; i < 100; i++) {
		struct filter *f = malloc(sizeof *f);

		EXPECT(weft_recv(c, &prime));
		*f = (struct filter){c, weft_make(int_chan, 0), prime};
		c = f->out;
		weft_go(filter, f);
	}
	EXPECT_EQ(prime, 541);
}

struct big {
	int n;
	char pad[1000];
};

typedef weft_chan_of(struct big) big_chan;

static void send_big(void *arg)
{
	big_chan c = {arg};
	struct big b;

	for (b.n = 0; b.n < 1000; b.n++) {
		memset(b.pad, b.n & 127, sizeof b.pad);
		weft_send(c, b);
	}
	weft_close(c);
}

TEST(large_elements_arrive_whole)
{
	for (int cap = 0; cap < 3; cap++) {
		big_chan c = weft_make(big_chan, cap);
		int n = 0;

		weft_go(send_big, c.chan);
		weft_range(c, b) {
			EXPECT_EQ(b.n, n++);
			EXPECT_EQ(b.pad[0], b.n & 127);
			EXPECT_EQ(b.pad[999], b.n & 127);
		}
		EXPECT_EQ(n, 1000);
	}
}

TEST(try_operations_on_null_fail)
{
	int v = 0;

	EXPECT(!weft_chan_try_send(NULL, &v));
	EXPECT(!weft_chan_try_recv(NULL, &v, NULL));
	weft_chan_unref(NULL);
}
