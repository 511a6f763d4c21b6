/* SPDX-License-Identifier: MIT */
#include "../test.h"

static int destroyed;

/* That a goroutine is not counted any more orders nothing. */
static int look(int *n)
{
	return __atomic_load_n(n, __ATOMIC_RELAXED);
}

static void count(void *value)
{
	EXPECT(value);
	__atomic_add_fetch(&destroyed, 1, __ATOMIC_RELAXED);
}

static weft_local plain, other, counted = {.destroy = count};

static void set_own(void *arg)
{
	weft_chan *c = arg;
	int mine;

	EXPECT(!weft_local_get(&plain)); // nothing is inherited, nor left by the one before
	EXPECT(!weft_local_get(&counted));
	weft_local_set(&plain, &mine);
	weft_local_set(&counted, &mine);
	for (int i = 0; i < 10; i++) {
		weft_yield();
		EXPECT(weft_local_get(&plain) == &mine);
		EXPECT(!weft_local_get(&other));
	}
	weft_chan_send(c, NULL);
}

TEST(a_local_value_is_its_goroutines_own_and_destroyed_with_it)
{
	weft_chan *c = weft_chan_make(0, 0);

	weft_local_set(&plain, c);
	for (int i = 0; i < 100; i++)
		weft_go(set_own, c);
	for (int i = 0; i < 100; i++)
		weft_chan_recv(c, NULL);
	EXPECT(weft_local_get(&plain) == c);
	while (weft_count() > 1)
		weft_yield();
	EXPECT_EQ(look(&destroyed), 100);
	weft_local_set(&plain, NULL);
	EXPECT(!weft_local_get(&plain));
	weft_chan_unref(c);
}

static void exit_with_value(void *arg)
{
	weft_local_set(&counted, arg);
	weft_exit();
}

static void panic_now(void *arg)
{
	weft_local_set(&counted, arg);
	weft_panic("trapped");
}

static void panic_and_go_on(void *arg)
{
	EXPECT(!weft_try(panic_now, arg, NULL));
	EXPECT(weft_local_get(&counted) == arg);
	EXPECT_EQ(look(&destroyed), 1);
}

TEST(a_local_value_is_destroyed_by_weft_exit_and_kept_by_a_trap)
{
	weft_go(exit_with_value, &counted);
	while (weft_count() > 1)
		weft_yield();
	EXPECT_EQ(look(&destroyed), 1);
	weft_go(panic_and_go_on, &counted);
	while (weft_count() > 1)
		weft_yield();
	EXPECT_EQ(look(&destroyed), 2);
}

static void again(void *value);

static weft_local stubborn = {.destroy = again};

/* Sets its key three times more, and others. */
static void again(void *value)
{
	int *left = value;

	EXPECT(!weft_local_get(&stubborn));
	weft_sleep(WEFT_US);
	weft_local_set(&counted, left);
	if (__atomic_sub_fetch(left, 1, __ATOMIC_RELAXED))
		weft_local_set(&stubborn, left);
	else
		weft_exit();
}

static void be_stubborn(void *arg)
{
	weft_local_set(&stubborn, arg);
}

TEST(a_destructor_may_set_values_wait_and_exit)
{
	int left = 4;

	weft_go(be_stubborn, &left);
	while (weft_count() > 1)
		weft_yield();
	EXPECT_EQ(look(&left), 0);
	EXPECT_EQ(look(&destroyed), 4);
}

TEST(many_keys_are_kept_apart)
{
	static weft_local keys[1000];

	for (int i = 0; i < 1000; i++)
		weft_local_set(&keys[i], &keys[i]);
	for (int i = 0; i < 1000; i++)
		EXPECT(weft_local_get(&keys[i]) == &keys[i]);
}

static weft_local raced;

static void set_raced(void *arg)
{
	weft_local_set(&raced, arg);
	weft_yield();
	EXPECT(weft_local_get(&raced) == arg);
}

TEST(a_key_may_be_used_first_by_many_at_once)
{
	int values[20];

	for (int i = 0; i < 20; i++)
		weft_go(set_raced, &values[i]);
	while (weft_count() > 1)
		weft_yield();
}
