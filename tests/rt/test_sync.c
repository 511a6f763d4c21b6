/* SPDX-License-Identifier: MIT */
#include "../test.h"

struct shared {
	weft_mutex mu;
	weft_waitgroup wg;
	long n;
	int rounds;
};

static void increment(void *arg)
{
	struct shared *s = arg;

	for (int i = 0; i < s->rounds; i++) {
		weft_mutex_lock(&s->mu);
		s->n++;
		if (i % 64 == 0)
			weft_yield(); // with the lock held
		weft_mutex_unlock(&s->mu);
	}
	weft_waitgroup_done(&s->wg);
}

TEST(mutex_excludes)
{
	struct shared s = {.rounds = test_scaled(20000)};

	weft_waitgroup_add(&s.wg, 8);
	for (int i = 0; i < 8; i++)
		weft_go(increment, &s);
	weft_waitgroup_wait(&s.wg);
	EXPECT_EQ(s.n, 8L * s.rounds);
}

TEST(try_lock_succeeds_only_on_a_free_mutex)
{
	weft_mutex mu = {0};

	EXPECT(weft_mutex_try_lock(&mu));
	EXPECT(!weft_mutex_try_lock(&mu));
	weft_mutex_unlock(&mu);
	EXPECT(weft_mutex_try_lock(&mu));
	weft_mutex_unlock(&mu);
	weft_mutex_lock(&mu);
	EXPECT(!weft_mutex_try_lock(&mu));
	weft_mutex_unlock(&mu);
}

static void unlock_it(void *arg)
{
	weft_mutex_unlock((weft_mutex *)arg);
}

TEST(another_goroutine_may_unlock)
{
	weft_mutex mu = {0};

	weft_mutex_lock(&mu);
	weft_go(unlock_it, &mu);
	weft_mutex_lock(&mu);
	weft_mutex_unlock(&mu);
}

struct hog {
	weft_mutex mu;
	bool stop;
	weft_waitgroup wg;
};

static void hog(void *arg)
{
	struct hog *h = arg;

	while (!__atomic_load_n(&h->stop, __ATOMIC_RELAXED)) {
		weft_mutex_lock(&h->mu);
		for (int64_t until = test_now() + 100 * WEFT_US; test_now() < until;)
			;
		weft_mutex_unlock(&h->mu);
	}
	weft_waitgroup_done(&h->wg);
}

TEST(a_waiter_gets_the_mutex_although_another_always_wants_it)
{
	struct hog h = {.stop = false};

	weft_waitgroup_add(&h.wg, 1);
	weft_go(hog, &h);
	weft_yield();
	for (int i = 0; i < 10; i++) {
		weft_mutex_lock(&h.mu);
		weft_sleep(100 * WEFT_US);
		weft_mutex_unlock(&h.mu);
	}
	__atomic_store_n(&h.stop, true, __ATOMIC_RELAXED);
	weft_waitgroup_wait(&h.wg);
}

/* The last to leave frees; nobody may touch the mutex after its unlock let that one in. */
struct counted {
	weft_mutex mu;
	int refs;
};

static void leave(void *arg)
{
	struct counted *c = arg;
	bool last;

	weft_mutex_lock(&c->mu);
	last = --c->refs == 0;
	weft_mutex_unlock(&c->mu);
	if (last)
		free(c);
}

TEST(whoever_locks_last_may_free_the_mutex)
{
	for (int i = 0; i < test_scaled(5000); i++) {
		struct counted *c = calloc(1, sizeof *c);

		c->refs = 4;
		for (int k = 0; k < 4; k++)
			weft_go(leave, c);
		weft_yield();
	}
	while (weft_count() > 1)
		weft_yield();
}

/* Mutexes that have never been waited for, which two goroutines lock at about the same time.  Each is
 * held until about when the other gives up spinning. */
enum { HOLD_MOST = 20000 }; // turns of a loop: if the other has no cpu
struct fresh {
	weft_mutex *mu;
	int rounds, arrived, hold;
	long n;
	weft_waitgroup wg;
};

static void lock_fresh(void *arg)
{
	struct fresh *f = arg;

	for (int i = 0; i < f->rounds; i++) {
		__atomic_fetch_add(&f->arrived, 1, __ATOMIC_RELEASE);
		while (__atomic_load_n(&f->arrived, __ATOMIC_ACQUIRE) < 2 * (i + 1))
			weft_yield();
		weft_mutex_lock(&f->mu[i]);
		for (volatile int left = f->hold; left > 0; left--)
			;
		if (__atomic_load_n(&f->mu[i].shared, __ATOMIC_RELAXED))
			f->hold -= 1 + i % 8;
		else if (f->hold < HOLD_MOST)
			f->hold += 1 + i % 8;
		f->n++;
		weft_mutex_unlock(&f->mu[i]);
	}
	weft_waitgroup_done(&f->wg);
}

TEST(who_waits_first_for_a_mutex_sees_it_unlocked)
{
	struct fresh f = {.rounds = test_scaled(5000)};

	f.mu = calloc((size_t)f.rounds, sizeof *f.mu);
	weft_waitgroup_add(&f.wg, 2);
	for (int i = 0; i < 2; i++)
		weft_go(lock_fresh, &f);
	weft_waitgroup_wait(&f.wg);
	EXPECT_EQ(f.n, 2L * f.rounds);
	free(f.mu);
}

struct phases {
	weft_waitgroup wg1, wg2;
};

static void pass_phase(void *arg)
{
	struct phases *p = arg;

	weft_waitgroup_done(&p->wg1);
	weft_waitgroup_wait(&p->wg2);
	weft_waitgroup_done(&p->wg1);
}

TEST(waitgroup_can_be_used_again_and_waits_for_zero)
{
	struct phases p = {{0}, {0}};

	for (int round = 0; round < 8; round++) {
		weft_waitgroup_add(&p.wg1, 16);
		weft_waitgroup_add(&p.wg2, 1);
		for (int i = 0; i < 16; i++)
			weft_go(pass_phase, &p);
		weft_waitgroup_wait(&p.wg1);
		weft_waitgroup_add(&p.wg1, 16);
		EXPECT_EQ(p.wg1.count, 16);
		weft_waitgroup_done(&p.wg2);
		weft_waitgroup_wait(&p.wg1);
	}
}

static void done_with(void *arg)
{
	weft_waitgroup_done((weft_waitgroup *)arg);
}

TEST(a_waitgroup_may_be_freed_when_wait_returns)
{
	for (int i = 0; i < test_scaled(5000); i++) {
		weft_waitgroup *wg = calloc(1, sizeof *wg);

		weft_waitgroup_add(wg, 3);
		for (int k = 0; k < 3; k++)
			weft_go(done_with, wg);
		weft_waitgroup_wait(wg);
		free(wg);
	}
}

TEST(wait_on_a_waitgroup_at_zero_returns_at_once)
{
	weft_waitgroup wg = {0};

	weft_waitgroup_wait(&wg);
	weft_waitgroup_add(&wg, 5);
	weft_waitgroup_add(&wg, -5);
	weft_waitgroup_wait(&wg);
}
