/* SPDX-License-Identifier: MIT */
#include "../test.h"

#include <errno.h>

struct shared {
	weft_mutex mu;
	weft_cond c;
	weft_waitgroup wg;
	int waiting, woken, allowed; /* under mu */
	int order[100];
};

static void wait_once(void *arg)
{
	struct shared *s = arg;
	int me;

	weft_mutex_lock(&s->mu);
	me = s->waiting++;
	weft_cond_wait(&s->c, &s->mu);
	s->order[s->woken++] = me;
	weft_mutex_unlock(&s->mu);
	weft_waitgroup_done(&s->wg);
}

/* Start n that wait, one after the other. */
static void start_waiters(struct shared *s, int n)
{
	weft_waitgroup_add(&s->wg, n);
	for (int i = 0, there = 0; i < n; i++, there = 0) {
		weft_go(wait_once, s);
		while (there <= i) {
			weft_yield();
			weft_mutex_lock(&s->mu);
			there = s->waiting;
			weft_mutex_unlock(&s->mu);
		}
	}
}

static void expect_woken(struct shared *s, int n)
{
	int woken = 0;

	while (woken < n) {
		weft_yield();
		weft_mutex_lock(&s->mu);
		woken = s->woken;
		weft_mutex_unlock(&s->mu);
	}
	EXPECT_EQ(woken, n);
}

TEST(each_signal_wakes_the_one_that_waits_longest)
{
	struct shared s = {.waiting = 0};

	start_waiters(&s, 10);
	for (int i = 0; i < 10; i++) {
		weft_cond_signal(&s.c);
		expect_woken(&s, i + 1);
		EXPECT_EQ(s.order[i], i);
	}
	weft_waitgroup_wait(&s.wg);
}

TEST(broadcast_wakes_all_that_wait_and_nobody_later)
{
	struct shared s = {.waiting = 0};

	weft_cond_broadcast(&s.c);
	weft_cond_signal(&s.c); // nobody hears it
	start_waiters(&s, 10);
	weft_cond_broadcast(&s.c);
	expect_woken(&s, 10);
	s.waiting = s.woken = 0;
	start_waiters(&s, 3);
	weft_sleep(5 * WEFT_MS);
	EXPECT_EQ(s.woken, 0);
	weft_cond_broadcast(&s.c);
	weft_waitgroup_wait(&s.wg);
}

/* One waits and is signalled; before it can run, others queue and are not to take its wake-up. */
static void wait_and_tell(void *arg)
{
	struct shared *s = arg;

	weft_mutex_lock(&s->mu);
	s->waiting = 1;
	weft_cond_wait(&s->c, &s->mu);
	s->woken = 1;
	weft_mutex_unlock(&s->mu);
	weft_waitgroup_done(&s->wg);
}

static void wait_later(void *arg)
{
	struct shared *s = arg;

	weft_mutex_lock(&s->mu);
	while (!s->allowed)
		weft_cond_wait(&s->c, &s->mu);
	weft_mutex_unlock(&s->mu);
	weft_waitgroup_done(&s->wg);
}

TEST(a_later_waiter_cannot_steal_a_wake_up)
{
	for (int round = 0; round < test_scaled(1000); round++) {
		struct shared s = {.waiting = 0};
		bool ready = false;

		weft_waitgroup_add(&s.wg, 2);
		weft_go(wait_and_tell, &s);
		while (!ready) {
			weft_yield();
			weft_mutex_lock(&s.mu);
			ready = s.waiting;
			weft_mutex_unlock(&s.mu);
		}
		weft_go(wait_later, &s);
		weft_cond_signal(&s.c); // for the first, whatever the second does
		expect_woken(&s, 1);
		weft_mutex_lock(&s.mu);
		s.allowed = 1;
		weft_cond_broadcast(&s.c);
		weft_mutex_unlock(&s.mu);
		weft_waitgroup_wait(&s.wg);
	}
}

/* A bounded buffer with two conditions. */
struct buffer {
	weft_mutex mu;
	weft_cond not_full, not_empty;
	int n, next_in, next_out, slot[3];
	long sum;
	int items;
	weft_waitgroup wg;
};

static void produce(void *arg)
{
	struct buffer *b = arg;

	for (int i = 1; i <= b->items; i++) {
		weft_mutex_lock(&b->mu);
		while (b->n == 3)
			weft_cond_wait(&b->not_full, &b->mu);
		b->slot[b->next_in++ % 3] = i;
		b->n++;
		weft_cond_signal(&b->not_empty);
		weft_mutex_unlock(&b->mu);
	}
	weft_waitgroup_done(&b->wg);
}

static void consume(void *arg)
{
	struct buffer *b = arg;

	for (int i = 0; i < b->items; i++) {
		weft_mutex_lock(&b->mu);
		while (b->n == 0)
			weft_cond_wait(&b->not_empty, &b->mu);
		b->sum += b->slot[b->next_out++ % 3];
		b->n--;
		EXPECT(b->n >= 0);
		weft_mutex_unlock(&b->mu);
		weft_cond_signal(&b->not_full);
	}
	weft_waitgroup_done(&b->wg);
}

TEST(a_bounded_buffer_of_two_conditions_loses_nothing)
{
	struct buffer b = {.items = test_scaled(10000)};

	weft_waitgroup_add(&b.wg, 8);
	for (int i = 0; i < 4; i++) {
		weft_go(produce, &b);
		weft_go(consume, &b);
	}
	weft_waitgroup_wait(&b.wg);
	EXPECT_EQ(b.sum, 4L * b.items * (b.items + 1) / 2);
	EXPECT_EQ(b.n, 0);
}

struct box {
	weft_mutex mu;
	weft_cond *c;
	int waiting;
};

static void wait_in_box(void *arg)
{
	struct box *b = arg;

	weft_mutex_lock(&b->mu);
	b->waiting++;
	weft_cond_wait(b->c, &b->mu);
	weft_mutex_unlock(&b->mu);
}

TEST(a_cond_may_be_freed_when_all_that_waited_are_signalled)
{
	struct box b = {.waiting = 0};

	for (int i = 0; i < test_scaled(2000); i++) {
		int there = 0;

		b.c = calloc(1, sizeof *b.c);
		for (int k = 0; k < 3; k++)
			weft_go(wait_in_box, &b);
		while (there < 3) {
			weft_yield();
			weft_mutex_lock(&b.mu);
			there = b.waiting;
			weft_mutex_unlock(&b.mu);
		}
		b.waiting = 0;
		weft_cond_broadcast(b.c);
		free(b.c);
		while (weft_count() > 1)
			weft_yield();
	}
}

struct refusing {
	weft_mutex mu;
	weft_cond c;
	int busy; /* that wait, or take turns; atomic */
};

static void wait_often(void *arg)
{
	struct refusing *r = arg;

	for (int i = 0; i < test_scaled(5000); i++) {
		weft_mutex_lock(&r->mu);
		weft_cond_wait(&r->c, &r->mu);
		weft_mutex_unlock(&r->mu);
	}
	__atomic_fetch_sub(&r->busy, 1, __ATOMIC_RELEASE);
}

static void take_turns(void *arg)
{
	struct refusing *r = arg;
	volatile int turns = 0; // on the stack: a second thread on it would show

	for (int i = 0; i < test_scaled(20000); i++) {
		int before = turns;

		weft_yield();
		EXPECT_EQ(turns, before);
		turns = before + 1;
	}
	__atomic_fetch_sub(&r->busy, 1, __ATOMIC_RELEASE);
}

/* Signals come while the waiter is on its way off its stack, so that its wait refuses when another
 * goroutine was about to take its place. */
TEST(whose_turn_it_was_when_a_wait_refused_runs_once)
{
	struct refusing r = {.busy = 8};

	for (int i = 0; i < 4; i++) {
		weft_go(wait_often, &r);
		weft_go(take_turns, &r);
	}
	while (__atomic_load_n(&r.busy, __ATOMIC_ACQUIRE))
		weft_cond_broadcast(&r.c);
}

/* ---- With a context, and with other locks ------------------------------------------------ */

struct gate {
	weft_mutex mu;
	weft_rwmutex rw;
	weft_cond c;
	weft_ctx *ctx;
	weft_waitgroup wg;
	int waiting, woken, cancelled;
	bool open;
};

static void wait_at_gate(void *arg)
{
	struct gate *g = arg;
	int err;

	weft_mutex_lock(&g->mu);
	g->waiting++;
	err = weft_cond_wait_ctx(&g->c, &g->mu, g->ctx);
	EXPECT(!weft_mutex_try_lock(&g->mu)); // it is ours again, in each case
	g->woken += err == 0;
	g->cancelled += err == -ECANCELED;
	weft_mutex_unlock(&g->mu);
	weft_waitgroup_done(&g->wg);
}

static void until_waiting(struct gate *g, int n)
{
	int there = 0;

	while (there < n) {
		weft_yield();
		weft_mutex_lock(&g->mu);
		there = g->waiting;
		weft_mutex_unlock(&g->mu);
	}
}

TEST(a_cancelled_wait_for_a_cond_ends_with_the_mutex_locked)
{
	struct gate g = {.ctx = weft_ctx_with_cancel(weft_ctx_background())};

	weft_waitgroup_add(&g.wg, 3);
	for (int i = 0; i < 3; i++)
		weft_go(wait_at_gate, &g);
	until_waiting(&g, 3);
	weft_cond_signal(&g.c);
	weft_ctx_cancel(g.ctx, 0);
	weft_waitgroup_wait(&g.wg);
	EXPECT_EQ(g.woken, 1);
	EXPECT_EQ(g.cancelled, 2);
	weft_cond_broadcast(&g.c); // for nobody
	weft_waitgroup_add(&g.wg, 1);
	wait_at_gate(&g);
	EXPECT_EQ(g.cancelled, 3);
	weft_ctx_unref(g.ctx);
}

TEST(a_wait_for_a_cond_ends_at_the_deadline_of_its_context)
{
	int64_t began = test_now();
	weft_ctx *ctx = weft_ctx_with_timeout(weft_ctx_background(), 5 * WEFT_MS);
	weft_mutex mu = {0};
	weft_cond c = {0};

	weft_mutex_lock(&mu);
	EXPECT_EQ(weft_cond_wait_ctx(&c, &mu, ctx), -ETIMEDOUT);
	EXPECT(test_now() - began >= 5 * WEFT_MS);
	weft_mutex_unlock(&mu);
	weft_ctx_unref(ctx);
}

static void cancel_gate(void *arg)
{
	weft_ctx_cancel(arg, 0);
	weft_ctx_unref(arg);
}

static void signal_gate(void *arg)
{
	struct gate *g = arg;

	weft_cond_signal(&g->c);
	weft_waitgroup_done(&g->wg);
}

/* Two wait, one with a context that is cancelled while a signal comes: either that one took the
 * signal, or the other did. */
TEST(a_signal_is_not_lost_to_a_wait_that_is_cancelled)
{
	for (int i = 0; i < test_scaled(2000); i++) {
		struct gate g = {.ctx = weft_ctx_with_cancel(weft_ctx_background())};
		weft_ctx *ctx = g.ctx;

		weft_waitgroup_add(&g.wg, 3);
		weft_go(wait_at_gate, &g);
		until_waiting(&g, 1);
		g.ctx = weft_ctx_background();
		weft_go(wait_at_gate, &g);
		until_waiting(&g, 2);
		weft_ctx_ref(ctx);
		if (i % 2) {
			weft_go(cancel_gate, ctx);
			weft_go(signal_gate, &g);
		} else {
			weft_go(signal_gate, &g);
			weft_go(cancel_gate, ctx);
		}
		while (weft_mutex_lock(&g.mu), g.woken == 0) {
			weft_mutex_unlock(&g.mu);
			weft_yield();
		}
		EXPECT_EQ(g.woken, 1);
		weft_mutex_unlock(&g.mu);
		weft_cond_signal(&g.c); // the other, if the first was not cancelled
		weft_waitgroup_wait(&g.wg);
		EXPECT_EQ(g.woken + g.cancelled, 2);
		weft_ctx_unref(ctx);
	}
}

static void read_when_open(void *arg)
{
	struct gate *g = arg;

	weft_rwmutex_rlock(&g->rw);
	__atomic_fetch_add(&g->waiting, 1, __ATOMIC_RELAXED);
	while (!g->open)
		EXPECT_EQ(weft_cond_wait_locker(&g->c, weft_rwmutex_rlocker(&g->rw),
						weft_ctx_background()),
			  0);
	EXPECT(!weft_rwmutex_try_lock(&g->rw));
	__atomic_fetch_add(&g->woken, 1, __ATOMIC_RELAXED);
	weft_rwmutex_runlock(&g->rw);
	weft_waitgroup_done(&g->wg);
}

static void open_when_locked(void *arg)
{
	struct gate *g = arg;

	weft_rwmutex_lock(&g->rw); // the waiting readers do not hold it
	g->open = true;
	weft_cond_broadcast(&g->c);
	weft_rwmutex_unlock(&g->rw);
	weft_waitgroup_done(&g->wg);
}

TEST(readers_wait_for_a_cond_with_the_read_lock)
{
	for (int i = 0; i < test_scaled(1000); i++) {
		struct gate g = {0};

		weft_waitgroup_add(&g.wg, 5);
		for (int k = 0; k < 4; k++)
			weft_go(read_when_open, &g);
		while (__atomic_load_n(&g.waiting, __ATOMIC_RELAXED) < 4)
			weft_yield();
		weft_go(open_when_locked, &g);
		weft_waitgroup_wait(&g.wg);
		EXPECT_EQ(g.woken, 4);
		EXPECT(weft_rwmutex_try_lock(&g.rw));
	}
}

static void write_when_open(void *arg)
{
	struct gate *g = arg;

	weft_rwmutex_lock(&g->rw);
	g->waiting++;
	while (!g->open)
		weft_cond_wait_locker(&g->c, weft_rwmutex_locker(&g->rw), weft_ctx_background());
	g->woken++;
	weft_rwmutex_unlock(&g->rw);
	weft_waitgroup_done(&g->wg);
}

TEST(writers_wait_for_a_cond_with_the_write_lock)
{
	struct gate g = {0};

	weft_waitgroup_add(&g.wg, 5);
	for (int k = 0; k < 4; k++)
		weft_go(write_when_open, &g);
	weft_go(open_when_locked, &g);
	weft_waitgroup_wait(&g.wg);
	EXPECT_EQ(g.woken, 4);
}
