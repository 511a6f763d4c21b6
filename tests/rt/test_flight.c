/* SPDX-License-Identifier: MIT */
#include "../test.h"

#include <string.h>

enum { CALLERS = 10 };

struct shared {
	weft_flight f;
	weft_waitgroup wg;
	weft_chan *go;	    /* the function goes on when this is closed */
	weft_key key, same; /* the same bytes at another place */
	int err, calls, returned, unwound;
	int plain;	 /* written by the function, without a lock */
	uint32_t others; /* that share each result */
};

static int load(const int *n)
{
	return __atomic_load_n(n, __ATOMIC_RELAXED);
}

static void inc(int *n)
{
	__atomic_add_fetch(n, 1, __ATOMIC_RELAXED);
}

static void until_waiting(const weft_flight *f, uint32_t n)
{
	while (__atomic_load_n(&f->waiting, __ATOMIC_RELAXED) != n)
		weft_yield();
}

static void done(void *arg)
{
	weft_waitgroup_done((weft_waitgroup *)arg);
}

/* One of s->wg: its function defers done(). */
static void spawn(struct shared *s, void (*fn)(void *arg))
{
	weft_waitgroup_add(&s->wg, 1);
	weft_go(fn, s);
}

static int when_told(void *arg, void **value)
{
	struct shared *s = arg;

	inc(&s->calls);
	weft_chan_recv(s->go, NULL);
	s->plain++;
	*value = &s->plain;
	return s->err;
}

static void caller(void *arg)
{
	struct shared *s = arg;
	weft_flight_result r = {0};

	weft_defer(done, &s->wg);
	EXPECT_EQ(weft_flight_do(&s->f, s->key, when_told, s, &r), s->err);
	EXPECT(r.value == &s->plain);
	EXPECT_EQ(*(int *)r.value, 1);
	EXPECT_EQ(r.shared, s->others);
	inc(&s->returned);
}

static void caller_elsewhere(void *arg)
{
	struct shared *s = arg;

	weft_defer(done, &s->wg);
	EXPECT_EQ(weft_flight_do(&s->f, s->same, when_told, s, NULL), 0);
}

static void together(struct shared *s, int callers, void (*fn)(void *arg))
{
	s->go = weft_chan_make(0, 0);
	s->others = (uint32_t)callers - 1;
	for (int i = 0; i < callers; i++)
		spawn(s, fn);
	until_waiting(&s->f, s->others);
	while (!load(&s->calls)) // the function may begin later than others wait for it
		weft_yield();
	EXPECT_EQ(load(&s->calls), 1);
	EXPECT_EQ(load(&s->returned), 0);
	weft_chan_close(s->go);
	weft_waitgroup_wait(&s->wg);
	EXPECT_EQ(s->f.waiting, 0);
	weft_chan_unref(s->go);
}

TEST(callers_with_one_key_share_one_call_its_value_and_its_error)
{
	for (int i = 0; i < test_scaled(300); i++) {
		struct shared s = {.key = weft_key_str("one"), .err = i % 3};

		together(&s, CALLERS, caller);
		EXPECT_EQ(s.calls, 1);
		EXPECT_EQ(s.returned, CALLERS);
	}
}

static int answer(void *arg, void **value)
{
	inc(arg);
	*value = arg;
	return 0;
}

static int no_value(void *arg, void **value)
{
	(void)arg;
	(void)value;
	return 5;
}

TEST(a_call_alone_shares_with_nobody_and_the_next_one_begins_anew)
{
	weft_flight f = {0};
	weft_flight_result r = {&f, 7};
	int calls = 0;

	EXPECT_EQ(weft_flight_do(&f, weft_key_int(1), answer, &calls, &r), 0);
	EXPECT(r.value == &calls);
	EXPECT_EQ(r.shared, 0);
	EXPECT_EQ(weft_flight_do(&f, weft_key_int(1), answer, &calls, NULL), 0);
	EXPECT_EQ(calls, 2);
	EXPECT_EQ(weft_flight_do(&f, weft_key_int(1), no_value, NULL, &r), 5);
	EXPECT(r.value == NULL);
}

TEST(calls_with_other_keys_do_not_wait)
{
	struct shared s = {.key = weft_key_int(7), .go = weft_chan_make(0, 0)};
	uint64_t seven = 7;
	int calls = 0;

	spawn(&s, caller);
	while (!load(&s.calls))
		weft_yield();
	for (uint64_t n = 8; n < 200; n++)
		weft_flight_do(&s.f, weft_key_int(n), answer, &calls, NULL);
	weft_flight_do(&s.f, weft_key_bytes(&seven, sizeof seven), answer, &calls, NULL);
	weft_flight_do(&s.f, weft_key_str(""), answer, &calls, NULL);
	EXPECT_EQ(calls, 194);
	EXPECT_EQ(load(&s.returned), 0);
	weft_chan_close(s.go);
	weft_waitgroup_wait(&s.wg);
	weft_chan_unref(s.go);
}

TEST(keys_are_compared_by_their_bytes)
{
	char a[] = "the same key", b[] = "the same key";
	struct shared s = {.key = weft_key_str(a),
			   .same = weft_key_str(b),
			   .go = weft_chan_make(0, 0),
			   .others = 1};

	spawn(&s, caller);
	while (!load(&s.calls))
		weft_yield();
	spawn(&s, caller_elsewhere);
	until_waiting(&s.f, 1);
	weft_chan_close(s.go);
	weft_waitgroup_wait(&s.wg);
	EXPECT_EQ(s.calls, 1);
	weft_chan_unref(s.go);
}

TEST(after_a_forget_a_second_call_begins_and_who_waited_gets_the_first)
{
	struct shared s = {.key = weft_key_str("k"), .go = weft_chan_make(0, 0), .others = 1};
	int calls = 0;

	weft_flight_forget(&s.f, s.key);
	for (int i = 0; i < 2; i++)
		spawn(&s, caller);
	until_waiting(&s.f, 1);
	weft_flight_forget(&s.f, s.key);
	weft_flight_forget(&s.f, s.key);
	EXPECT_EQ(weft_flight_do(&s.f, s.key, answer, &calls, NULL), 0);
	EXPECT_EQ(calls, 1);
	EXPECT_EQ(load(&s.returned), 0);
	weft_chan_close(s.go);
	weft_waitgroup_wait(&s.wg);
	EXPECT_EQ(s.calls, 1);
	EXPECT_EQ(s.returned, 2);
	weft_chan_unref(s.go);
}

/* Forgotten, it calls with the same key, which is listed anew when the first has ended. */
static int forgets_itself(void *arg, void **value)
{
	struct shared *s = arg;

	weft_flight_forget(&s->f, s->key);
	return weft_flight_do(&s->f, s->key, no_value, NULL, NULL) + (*value == NULL);
}

TEST(a_function_that_forgets_its_call_may_call_with_the_same_key)
{
	struct shared s = {.key = weft_key_str("k")};

	EXPECT_EQ(weft_flight_do(&s.f, s.key, forgets_itself, &s, NULL), 6);
}

TEST(a_call_that_was_forgotten_ends_without_ending_the_next_one)
{
	struct shared first = {.key = weft_key_int(1), .go = weft_chan_make(0, 0)};
	weft_flight_result r;
	int calls = 0;

	spawn(&first, caller);
	while (!load(&first.calls))
		weft_yield();
	weft_flight_forget(&first.f, first.key);
	EXPECT_EQ(weft_flight_do(&first.f, first.key, answer, &calls, &r), 0);
	weft_chan_close(first.go);
	weft_waitgroup_wait(&first.wg);
	EXPECT_EQ(r.shared, 0);
	EXPECT_EQ(first.returned, 1);
	weft_chan_unref(first.go);
}

static int panics(void *arg, void **value)
{
	struct shared *s = arg;

	(void)value;
	inc(&s->calls);
	weft_chan_recv(s->go, NULL);
	weft_panic("no %s", "luck");
}

static void call_panics(void *arg)
{
	struct shared *s = arg;

	weft_flight_do(&s->f, s->key, panics, s, NULL);
	inc(&s->returned);
}

static void trap(void *arg)
{
	struct shared *s = arg;
	weft_caught caught;

	weft_defer(done, &s->wg);
	EXPECT(!weft_try(call_panics, s, &caught));
	EXPECT(strcmp(caught.message, "no luck") == 0);
	EXPECT(strcmp(caught.site->func, "panics") == 0);
	inc(&s->unwound);
}

TEST(a_panic_reaches_every_caller_and_the_next_call_begins_anew)
{
	struct shared s = {.key = weft_key_str("k")};
	int calls = 0;

	together(&s, CALLERS, trap);
	EXPECT_EQ(s.unwound, CALLERS);
	EXPECT_EQ(s.returned, 0);
	EXPECT_EQ(weft_flight_do(&s.f, s.key, answer, &calls, NULL), 0);
}

static int exits(void *arg, void **value)
{
	struct shared *s = arg;

	(void)value;
	inc(&s->calls);
	weft_chan_recv(s->go, NULL);
	weft_exit();
}

static void exited(void *arg)
{
	inc(arg);
}

static void call_exits(void *arg)
{
	struct shared *s = arg;

	weft_defer(done, &s->wg);
	weft_defer(exited, &s->unwound);
	weft_flight_do(&s->f, s->key, exits, s, NULL);
	inc(&s->returned);
}

TEST(weft_exit_in_the_function_ends_every_caller)
{
	struct shared s = {.key = weft_key_str("k")};
	int calls = 0;

	together(&s, CALLERS, call_exits);
	EXPECT_EQ(s.unwound, CALLERS);
	EXPECT_EQ(s.returned, 0);
	EXPECT_EQ(weft_flight_do(&s.f, s.key, answer, &calls, NULL), 0);
}

/* ---- Many at random --------------------------------------------------------------------- */

enum { KEYS = 8, WORKERS = 16 };

/* What a call makes: who is last of those that share it frees it. */
struct made {
	int key, users, plain;
};

static struct {
	weft_flight f;
	int inside[KEYS]; /* calls that run */
	int calls, joined, freed;
	int rounds;
	weft_waitgroup wg;
} all;

static int make(void *arg, void **value)
{
	struct made *m = calloc(1, sizeof *m);
	int key = *(int *)arg;

	EXPECT_EQ(__atomic_add_fetch(&all.inside[key], 1, __ATOMIC_RELAXED), 1);
	inc(&all.calls);
	m->key = key;
	if (key % 2)
		weft_yield();
	m->plain = key * 3;
	*value = m;
	__atomic_sub_fetch(&all.inside[key], 1, __ATOMIC_RELAXED);
	return key;
}

static void use(weft_flight_result *r, int key)
{
	struct made *m = r->value;

	EXPECT_EQ(m->key, key);
	EXPECT_EQ(m->plain, key * 3);
	if (__atomic_add_fetch(&m->users, 1, __ATOMIC_ACQ_REL) <= (int)r->shared)
		return;
	__atomic_add_fetch(&all.joined, (int)r->shared, __ATOMIC_RELAXED);
	inc(&all.freed);
	free(m);
}

static void stress(void *arg)
{
	unsigned dice = (unsigned)(uintptr_t)arg;

	for (int i = 0; i < all.rounds; i++) {
		weft_flight_result r;
		char text[16];
		int key;

		dice = dice * 1103515245 + 12345;
		key = (int)(dice >> 16) % KEYS;
		snprintf(text, sizeof text, "key %d", key);
		EXPECT_EQ(weft_flight_do(&all.f, key & 2 ? weft_key_str(text) : weft_key_int(key),
					 make, &key, &r),
			  key);
		use(&r, key);
	}
	weft_waitgroup_done(&all.wg);
}

TEST(of_many_calls_at_random_each_is_run_or_shared_and_none_twice)
{
	all.rounds = test_scaled(3000);
	weft_waitgroup_add(&all.wg, WORKERS);
	for (uintptr_t i = 1; i <= WORKERS; i++)
		weft_go(stress, (void *)i);
	weft_waitgroup_wait(&all.wg);
	EXPECT_EQ(all.calls + all.joined, WORKERS * all.rounds);
	EXPECT_EQ(all.freed, all.calls);
	EXPECT_EQ(all.f.waiting, 0);
}

struct counted {
	weft_flight f;
	int refs;
};

static int nothing(void *arg, void **value)
{
	(void)arg;
	(void)value;
	weft_yield();
	return 0;
}

static void call_and_leave(void *arg)
{
	struct counted *c = arg;

	weft_flight_do(&c->f, weft_key_int(1), nothing, NULL, NULL);
	if (__atomic_sub_fetch(&c->refs, 1, __ATOMIC_ACQ_REL) == 0)
		free(c);
}

TEST(the_last_caller_to_return_may_free_the_flight)
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
