/* SPDX-License-Identifier: MIT */
#include "../test.h"

TEST(sleep_lasts_at_least_its_time)
{
	for (int64_t ns = 1; ns < 30 * WEFT_MS; ns *= 7) {
		int64_t began = test_now();

		weft_sleep(ns);
		EXPECT(test_now() - began >= ns);
	}
}

TEST(sleep_of_nothing_returns_at_once_and_loses_nobody)
{
	for (int i = 0; i < 1000; i++) {
		weft_sleep(0);
		weft_sleep(-1);
		weft_sleep(INT64_MIN);
	}
}

struct slot {
	int64_t due;
	int slot;
	int *order, *n; /* who woke, and how many have; atomic */
	weft_waitgroup *wg;
};

/* Nothing comes between waking and saying so: who is held up there for long loses its worker, and
 * is overtaken. */
static void sleep_slot(void *arg)
{
	struct slot *s = arg;

	weft_sleep(s->due - weft_now());
	s->order[__atomic_fetch_add(s->n, 1, __ATOMIC_RELAXED)] = s->slot;
	EXPECT(weft_now() >= s->due);
	weft_waitgroup_done(s->wg);
}

TEST(sleepers_wake_in_the_order_of_their_times)
{
	static const int slots[] = {5, 3, 6, 6, 6, 1, 1, 2, 7, 9, 4, 8, 0};
	struct slot s[13];
	int order[13], n = 0;
	weft_waitgroup wg = {0};
	int64_t began = weft_now();

	weft_waitgroup_add(&wg, 13);
	for (int i = 0; i < 13; i++) {
		s[i] = (struct slot){began + slots[i] * 30 * WEFT_MS, slots[i], order, &n, &wg};
		weft_go(sleep_slot, &s[i]);
	}
	weft_waitgroup_wait(&wg);
	EXPECT_EQ(n, 13);
	/* With more workers two that are late may overtake each other. */
	for (int i = 1; i < 13; i++)
		EXPECT(order[i] >= order[i - 1] || test_workers() > 1);
}

static void nap(void *arg)
{
	unsigned seed = (unsigned)weft_id();

	for (int i = 0; i < 10; i++)
		weft_sleep(rand_r(&seed) % (2 * WEFT_MS));
	weft_waitgroup_done((weft_waitgroup *)arg);
}

TEST(a_thousand_sleepers_all_wake)
{
	weft_waitgroup wg = {0};
	int n = test_scaled(1000);

	weft_waitgroup_add(&wg, n);
	for (int i = 0; i < n; i++)
		weft_go(nap, &wg);
	weft_waitgroup_wait(&wg);
}

static void spin_and_sleep(void *arg)
{
	for (int64_t until = test_now() + 200 * WEFT_US; test_now() < until;)
		;
	weft_sleep(20 * WEFT_MS);
	__atomic_store_n((bool *)arg, true, __ATOMIC_RELAXED);
}

/* The sleeper's timer is on another worker, and the thread that kept its time runs this goroutine.
 */
static void wake_beside_a_busy_keeper(bool yield)
{
	bool woke = false;

	weft_go(spin_and_sleep, &woke);
	for (int64_t until = test_now() + 2 * WEFT_MS; test_now() < until;)
		;
	weft_sleep(5 * WEFT_MS);
	while (!__atomic_load_n(&woke, __ATOMIC_RELAXED))
		if (yield)
			weft_yield();
}

/* More than one is due each 30 us, so a worker that looked on until the next would be on time. */
enum { DENSE = 640, DENSE_TIMES = 4 };

struct dense {
	int64_t *late;
	weft_waitgroup *wg;
};

static void sleep_densely(void *arg)
{
	struct dense *d = arg;

	for (int i = 0; i < DENSE_TIMES; i++) {
		int64_t ns = 5 * WEFT_MS + (int64_t)(rand() % (10 * (int)WEFT_MS)),
			began = weft_now();

		weft_sleep(ns);
		d->late[i] = weft_now() - began - ns;
		EXPECT(d->late[i] >= 0);
	}
	weft_waitgroup_done(d->wg);
}

static int by_value(const void *a, const void *b)
{
	int64_t x = *(const int64_t *)a, y = *(const int64_t *)b;

	return (x > y) - (x < y);
}

/* Other programs make them only later. */
TEST(many_sleepers_that_are_soon_due_wait_for_each_other)
{
	static int64_t late[DENSE * DENSE_TIMES];
	static struct dense d[DENSE];
	weft_waitgroup wg = {0};

	weft_waitgroup_add(&wg, DENSE);
	for (int i = 0; i < DENSE; i++) {
		d[i] = (struct dense){late + i * DENSE_TIMES, &wg};
		weft_go(sleep_densely, &d[i]);
	}
	weft_waitgroup_wait(&wg);
	qsort(late, DENSE * DENSE_TIMES, sizeof *late, by_value);
	EXPECT(late[DENSE * DENSE_TIMES / 2] > 100 * WEFT_US);
}

TEST(a_sleeper_wakes_although_the_others_compute)
{
	wake_beside_a_busy_keeper(false);
}

TEST(a_sleeper_wakes_although_the_others_yield_without_an_end)
{
	wake_beside_a_busy_keeper(true);
}

enum { NAPPERS = 300, IN_TURNS = 500, ROUNDS = 10 };
static weft_waitgroup yielders, nappers;
static int64_t nap_end = INT64_MAX;
static uint64_t turns, due_at, woken_at;
static bool turns_end;

static void take_turns(void *arg)
{
	(void)arg;
	while (!__atomic_load_n(&turns_end, __ATOMIC_RELAXED)) {
		uint64_t n = __atomic_add_fetch(&turns, 1, __ATOMIC_RELAXED);

		if (!__atomic_load_n(&due_at, __ATOMIC_RELAXED) &&
		    weft_now() >= __atomic_load_n(&nap_end, __ATOMIC_RELAXED))
			__atomic_store_n(&due_at, n, __ATOMIC_RELAXED);
		weft_yield();
	}
	weft_waitgroup_done(&yielders);
}

static void nap_until(void *arg)
{
	(void)arg;
	weft_sleep(__atomic_load_n(&nap_end, __ATOMIC_RELAXED) - weft_now());
	__atomic_store_n(&woken_at, __atomic_load_n(&turns, __ATOMIC_RELAXED), __ATOMIC_RELAXED);
	weft_waitgroup_done(&nappers);
}

/* Counted in turns of the others, which a slow machine does not change.  But all must sleep by the
 * time that the first is due, so each round is twice as long. */
TEST(who_is_due_does_not_go_behind_those_who_take_turns)
{
	bool soon = false;

	weft_procs(1);
	weft_waitgroup_add(&yielders, IN_TURNS);
	for (int i = 0; i < IN_TURNS; i++)
		weft_go(take_turns, NULL);
	for (int round = 0; round < ROUNDS && !soon; round++) {
		__atomic_store_n(&nap_end, weft_now() + (5 * WEFT_MS << round), __ATOMIC_RELAXED);
		__atomic_store_n(&due_at, 0, __ATOMIC_RELAXED);
		weft_waitgroup_add(&nappers, NAPPERS);
		for (int i = 0; i < NAPPERS; i++)
			weft_go(nap_until, NULL);
		weft_waitgroup_wait(&nappers);
		soon = woken_at < due_at + IN_TURNS / 2;
	}
	__atomic_store_n(&turns_end, true, __ATOMIC_RELAXED);
	weft_waitgroup_wait(&yielders);
	EXPECT(soon);
}

static void sleep_for_ever(void *arg)
{
	(void)arg;
	weft_sleep(INT64_MAX);
}

TEST(an_endless_sleep_hinders_nobody)
{
	weft_go(sleep_for_ever, NULL);
	weft_yield();
	weft_sleep(5 * WEFT_MS);
	EXPECT_EQ(weft_count(), 2);
}
