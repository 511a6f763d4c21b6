/* SPDX-License-Identifier: MIT */
#include "../test.h"

#include <string.h>

static void *val(long n)
{
	return (void *)n;
}

TEST(an_empty_map_has_nothing)
{
	weft_map m = {0};
	void *v = &m;

	EXPECT(!weft_map_load(&m, weft_key_int(1), &v));
	EXPECT(v == NULL);
	EXPECT(!weft_map_delete(&m, weft_key_int(1)));
	EXPECT(!weft_map_compare_and_swap(&m, weft_key_int(1), NULL, &m));
	EXPECT(!weft_map_compare_and_delete(&m, weft_key_int(1), NULL));
	EXPECT_EQ(weft_map_count(&m), 0);
	weft_map_clear(&m);
	weft_map_free(&m);
}

TEST(integers_and_bytes_are_different_keys)
{
	weft_map m = {0};
	uint64_t seven = 7;
	char name[] = "seven";
	void *v;

	weft_map_store(&m, weft_key_int(7), val(1));
	weft_map_store(&m, weft_key_bytes(&seven, sizeof seven), val(2));
	weft_map_store(&m, weft_key_str(name), val(3));
	weft_map_store(&m, weft_key_bytes(name, 4), val(4));
	weft_map_store(&m, weft_key_bytes(NULL, 0), val(5));
	weft_map_store(&m, weft_key_ptr(&m), val(6));
	name[0] = 'S'; // the key was copied
	EXPECT_EQ(weft_map_count(&m), 6);
	EXPECT(weft_map_load(&m, weft_key_int(7), &v) && v == val(1));
	EXPECT(weft_map_load(&m, weft_key_bytes(&seven, sizeof seven), &v) && v == val(2));
	EXPECT(weft_map_load(&m, weft_key_str("seven"), &v) && v == val(3));
	EXPECT(weft_map_load(&m, weft_key_str("seve"), &v) && v == val(4));
	EXPECT(weft_map_load(&m, weft_key_str(""), &v) && v == val(5));
	EXPECT(weft_map_load(&m, weft_key_ptr(&m), &v) && v == val(6));
	EXPECT(!weft_map_load(&m, weft_key_int(0), &v));
	weft_map_free(&m);
	EXPECT_EQ(weft_map_count(&m), 0);
}

static unsigned dice(unsigned *r)
{
	*r = *r * 1103515245 + 12345;
	return *r >> 16;
}

enum { KEYS = 300 };

static bool sum_up(weft_key key, void *value, void *arg)
{
	long *sums = arg;

	EXPECT(!key.ptr);
	EXPECT_EQ(sums[key.n], 0);
	sums[key.n] = (long)value;
	return true;
}

static void compare(weft_map *m, const long *model)
{
	long seen[KEYS] = {0};
	int n = 0;

	weft_map_range(m, sum_up, seen);
	for (int k = 0; k < KEYS; k++) {
		EXPECT_EQ(seen[k], model[k]);
		n += model[k] != 0;
	}
	EXPECT_EQ(weft_map_count(m), n);
}

TEST(a_map_does_what_an_array_would)
{
	weft_map m = {0};
	long model[KEYS] = {0};
	unsigned r = 1;

	for (int i = 1; i <= test_scaled(200000); i++) {
		unsigned k = dice(&r) % KEYS;
		long expected = dice(&r) % 2 ? model[k] : -1;
		void *v = NULL;
		bool had = model[k] != 0;

		switch (dice(&r) % 8) {
		case 0:
			weft_map_store(&m, weft_key_int(k), val(i));
			model[k] = i;
			break;
		case 1:
			EXPECT(weft_map_swap(&m, weft_key_int(k), val(i), &v) == had);
			EXPECT(v == val(model[k]));
			model[k] = i;
			break;
		case 2:
			EXPECT(weft_map_load_or_store(&m, weft_key_int(k), val(i), &v) == had);
			if (!had)
				model[k] = i;
			EXPECT(v == val(model[k]));
			break;
		case 3:
			EXPECT(weft_map_load_and_delete(&m, weft_key_int(k), &v) == had);
			EXPECT(v == val(model[k]));
			model[k] = 0;
			break;
		case 4:
			EXPECT(weft_map_compare_and_swap(&m, weft_key_int(k), val(expected),
							 val(i)) == (had && expected > 0));
			if (had && expected > 0)
				model[k] = i;
			break;
		case 5:
			EXPECT(weft_map_compare_and_delete(&m, weft_key_int(k), val(expected)) ==
			       (had && expected > 0));
			if (had && expected > 0)
				model[k] = 0;
			break;
		default:
			EXPECT(weft_map_load(&m, weft_key_int(k), &v) == had);
			EXPECT(v == val(model[k]));
		}
		if (i % 5000 == 0)
			compare(&m, model);
		if (i % 50000 == 0) {
			weft_map_clear(&m);
			memset(model, 0, sizeof model);
		}
	}
	compare(&m, model);
	weft_map_free(&m);
}

static bool stop_at_three(weft_key key, void *value, void *arg)
{
	(void)key;
	(void)value;
	return ++*(int *)arg < 3;
}

TEST(a_range_ends_when_told_to)
{
	weft_map m = {0};
	int n = 0;

	for (int i = 0; i < 100; i++)
		weft_map_store(&m, weft_key_int((uint64_t)i), val(1));
	weft_map_range(&m, stop_at_three, &n);
	EXPECT_EQ(n, 3);
	weft_map_free(&m);
}

struct shared {
	weft_map m;
	weft_waitgroup wg;
	int rounds, started;
	bool stop;
};

/* Keys of its own, and one counter that all add to. */
static void change(void *arg)
{
	struct shared *s = arg;
	uint64_t mine = 1000 * weft_id();
	unsigned r = (unsigned)mine;

	for (int i = 0; i < s->rounds; i++) {
		uint64_t k = mine + dice(&r) % 100;
		void *v, *old;

		weft_map_store(&s->m, weft_key_int(k), val((long)k));
		EXPECT(weft_map_load(&s->m, weft_key_int(k), &v) && v == val((long)k));
		if (dice(&r) % 2) {
			EXPECT(weft_map_load_and_delete(&s->m, weft_key_int(k), &old));
			EXPECT(old == val((long)k));
			EXPECT(!weft_map_load(&s->m, weft_key_int(k), &v));
		}
		do
			EXPECT(weft_map_load(&s->m, weft_key_str("counter"), &v));
		while (!weft_map_compare_and_swap(&s->m, weft_key_str("counter"), v,
						  (char *)v + 1));
	}
	weft_waitgroup_done(&s->wg);
}

static bool check_value(weft_key key, void *value, void *arg)
{
	(void)arg;
	EXPECT(key.ptr ? key.n == 7 : value == val((long)key.n));
	return true;
}

static void read_all(void *arg)
{
	struct shared *s = arg;
	unsigned r = 1;

	for (int i = 0; i < s->rounds; i++) {
		uint64_t k = 1000 * (2 + dice(&r) % 8) + dice(&r) % 100;
		void *v;

		EXPECT(!weft_map_load(&s->m, weft_key_int(k), &v) || v == val((long)k));
		if (i % 512 == 0)
			weft_map_range(&s->m, check_value, NULL);
	}
	weft_waitgroup_done(&s->wg);
}

TEST(a_map_under_stress_loses_no_change)
{
	struct shared s = {.rounds = test_scaled(10000)};
	void *v;

	weft_map_store(&s.m, weft_key_str("counter"), val(0));
	weft_waitgroup_add(&s.wg, 9);
	for (int i = 0; i < 6; i++)
		weft_go(change, &s);
	for (int i = 0; i < 3; i++)
		weft_go(read_all, &s);
	weft_waitgroup_wait(&s.wg);
	EXPECT(weft_map_load(&s.m, weft_key_str("counter"), &v));
	EXPECT_EQ((long)v, 6L * s.rounds);
	weft_map_free(&s.m);
}

struct box {
	long a, b;
};

/* What was written to a value before it was stored is seen by who loads it. */
static void publish(void *arg)
{
	struct shared *s = arg;

	for (int i = 0; i < s->rounds; i++) {
		struct box *b = malloc(sizeof *b);
		void *actual;

		b->a = b->b = i + 1;
		if (weft_map_load_or_store(&s->m, weft_key_int((uint64_t)i), b, &actual))
			free(b);
		b = actual;
		EXPECT(b->a == i + 1 && b->b == i + 1);
	}
	weft_waitgroup_done(&s->wg);
}

static bool free_box(weft_key key, void *value, void *arg)
{
	(void)key;
	(void)arg;
	free(value);
	return true;
}

TEST(a_store_happens_before_the_load_that_sees_it)
{
	struct shared s = {.rounds = test_scaled(5000)};

	weft_waitgroup_add(&s.wg, 4);
	for (int i = 0; i < 4; i++)
		weft_go(publish, &s);
	weft_waitgroup_wait(&s.wg);
	EXPECT_EQ(weft_map_count(&s.m), s.rounds);
	weft_map_range(&s.m, free_box, NULL);
	weft_map_free(&s.m);
}

static bool count_stable(weft_key key, void *value, void *arg)
{
	int *seen = arg;

	(void)value;
	if (key.n < 100)
		EXPECT_EQ(seen[key.n]++, 0);
	weft_yield();
	return true;
}

static void churn(void *arg)
{
	struct shared *s = arg;

	for (uint64_t i = 100; !__atomic_load_n(&s->stop, __ATOMIC_RELAXED); i++) {
		weft_map_store(&s->m, weft_key_int(i % 400), val(1));
		weft_map_store(&s->m, weft_key_int(i % 100), val(1)); // there already
		if (i % 400 >= 100)
			weft_map_delete(&s->m, weft_key_int((i + 150) % 300 + 100));
		if (i % 16 == 0) // with one worker too, few changes between two keys of a range
			weft_yield();
	}
	weft_waitgroup_done(&s->wg);
}

TEST(a_range_sees_once_each_key_that_stays)
{
	struct shared s = {.stop = false};

	for (uint64_t i = 0; i < 100; i++)
		weft_map_store(&s.m, weft_key_int(i), val(1));
	weft_waitgroup_add(&s.wg, 2);
	weft_go(churn, &s);
	weft_go(churn, &s);
	for (int i = 0; i < test_scaled(50); i++) {
		int seen[100] = {0};

		weft_map_range(&s.m, count_stable, seen);
		for (int k = 0; k < 100; k++)
			EXPECT_EQ(seen[k], 1);
	}
	__atomic_store_n(&s.stop, true, __ATOMIC_RELAXED);
	weft_waitgroup_wait(&s.wg);
	weft_map_free(&s.m);
}
