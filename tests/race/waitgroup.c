/* SPDX-License-Identifier: MIT */
/* WaitGroups. */
#include "race.h"

enum { P = 3 };

static weft_waitgroup wg;
static ints c;
static volatile int x, y;
static volatile int data[P];

BODY(write_done)
{
	x = (int)(intptr_t)arg;
	weft_waitgroup_done(&wg);
}

static void write_from(int n)
{
	for (intptr_t i = 0; i < n; i++) {
		weft_waitgroup_add(&wg, 1);
		weft_go(write_done, (void *)i);
	}
	weft_waitgroup_wait(&wg);
}

CASE(no_race_wait_group)
{
	write_from(1);
}

CASE(race_wait_group)
{
	write_from(2);
}

CASE(no_race_wait_group2)
{
	write_from(1);
	x = 2;
}

/* As if a counter of zero were a mutex.  Both have waited before either adds, and they write one after the
 * other: of two writes at the very same moment the sanitizer may see neither before the other. */
BODY(wait_add_write)
{
	weft_waitgroup_wait(&wg);
	await(step() ? 3 : 2);
	weft_waitgroup_add(&wg, 1);
	x = 1;
	weft_waitgroup_add(&wg, -1);
	step();
	weft_send(c, 1);
}

CASE(race_wait_group_as_mutex)
{
	c = weft_make(ints, 2);
	weft_go(wait_add_write, NULL);
	weft_go(wait_add_write, NULL);
	recv_int(c);
	recv_int(c);
}

/* Added too late: nobody waits for it. */
BODY(add_write_done)
{
	weft_waitgroup_add(&wg, 1);
	weft_yield();
	x = 1;
	weft_waitgroup_done(&wg);
	weft_send(c, 1);
}

CASE(race_wait_group_wrong_wait)
{
	c = weft_make(ints, 2);
	weft_go(add_write_done, NULL);
	weft_go(add_write_done, NULL);
	weft_waitgroup_wait(&wg);
	recv_int(c);
	recv_int(c);
}

/* Added in time, but by luck. */
BODY(add_done)
{
	weft_waitgroup_add(&wg, 1);
	step();
	await_waiter(&wg);
	step();
	await(4); // both have seen the waiter
	weft_waitgroup_done(&wg);
	weft_send(c, 1);
}

CASE(race_wait_group_wrong_add)
{
	c = weft_make(ints, 2);
	weft_go(add_done, NULL);
	weft_go(add_done, NULL);
	await(2);
	weft_waitgroup_wait(&wg);
	recv_int(c);
	recv_int(c);
}

BODY(wait_send)
{
	weft_waitgroup_wait(&wg);
	weft_send(c, 1);
}

CASE(no_race_wait_group_multiple_wait)
{
	c = weft_make(ints, 2);
	weft_go(wait_send, NULL);
	weft_go(wait_send, NULL);
	weft_waitgroup_wait(&wg);
	recv_int(c);
	recv_int(c);
}

BODY(done_wait_send)
{
	weft_waitgroup_done(&wg);
	wait_send(NULL);
}

CASE(no_race_wait_group_multiple_wait2)
{
	c = weft_make(ints, 2);
	weft_waitgroup_add(&wg, 2);
	weft_go(done_wait_send, NULL);
	weft_go(done_wait_send, NULL);
	weft_waitgroup_wait(&wg);
	recv_int(c);
	recv_int(c);
}

BODY(count_done)
{
	data[(intptr_t)arg]++;
	weft_waitgroup_done(&wg);
}

static void count(void)
{
	for (int i = 0; i < P; i++)
		data[i]++;
}

static void each_counts(void)
{
	weft_waitgroup_add(&wg, P);
	for (intptr_t i = 0; i < P; i++)
		weft_go(count_done, (void *)i);
}

BODY(wait_read_send)
{
	weft_waitgroup_wait(&wg);
	for (int i = 0; i < P; i++)
		(void)data[i];
	weft_send(c, 1);
}

CASE(no_race_wait_group_multiple_wait3)
{
	c = weft_make(ints, P);
	each_counts();
	for (int i = 0; i < P; i++)
		weft_go(wait_read_send, NULL);
	for (int i = 0; i < P; i++)
		recv_int(c);
}

/* Rightly used, but nothing is between the two. */
CASE(race_wait_group2)
{
	weft_waitgroup_add(&wg, 2);
	weft_go(write_done, NULL);
	weft_go(write_done, NULL);
	weft_waitgroup_wait(&wg);
}

BODY(write_x_done)
{
	x = 42;
	weft_waitgroup_done(&wg);
	step();
}

BODY(write_y_done_second)
{
	await(1);
	y = 42;
	weft_waitgroup_done(&wg);
}

/* Who waits comes after all, not just the last. */
CASE(no_race_wait_group_transitive)
{
	weft_waitgroup_add(&wg, 2);
	weft_go(write_x_done, NULL);
	weft_go(write_y_done_second, NULL);
	weft_waitgroup_wait(&wg);
	(void)x;
	(void)y;
}

CASE(no_race_wait_group_reuse)
{
	for (int round = 0; round < 3; round++) {
		each_counts();
		weft_waitgroup_wait(&wg);
		count();
	}
}

BODY(wait_count_send)
{
	weft_waitgroup_wait(&wg);
	count();
	weft_send(c, 1);
}

CASE(no_race_wait_group_reuse2)
{
	c = weft_make(ints, 0);
	for (int round = 0; round < 3; round++) {
		each_counts();
		weft_go(wait_count_send, NULL);
		weft_waitgroup_wait(&wg);
		recv_int(c);
		count();
	}
}

BODY(done_once_waited_for)
{
	await_waiter(&wg);
	weft_waitgroup_done(&wg);
}

/* Used again before the one who waited first is known to be back. */
CASE(race_wait_group_reuse)
{
	c = weft_make(ints, P);
	for (int round = 0; round < 3; round++) {
		weft_waitgroup_add(&wg, P);
		for (int i = 0; i < P; i++)
			weft_go(done_once_waited_for, NULL);
		weft_go(wait_send, NULL);
		while (__atomic_load_n(&wg.count, __ATOMIC_RELAXED))
			weft_yield();
		weft_waitgroup_wait(&wg);
	}
	for (int round = 0; round < 3; round++)
		recv_int(c);
}

BODY(add_send_done)
{
	weft_waitgroup_add(&wg, 1);
	weft_send(c, 1);
	weft_waitgroup_done(&wg);
}

CASE(no_race_wait_group_concurrent_add)
{
	enum { N = 4 };

	c = weft_make(ints, N);
	for (int i = 0; i < N; i++)
		weft_go(add_send_done, NULL);
	for (int i = 0; i < N; i++)
		recv_int(c);
	weft_waitgroup_wait(&wg);
}

/* ---- An add that panics ------------------------------------------------------------------ */

BODY(take_one)
{
	weft_waitgroup_add(&wg, -1);
}

static void panicked(void)
{
	weft_caught caught;

	x = 1;
	MUST(!weft_try(take_one, NULL, &caught));
	MUST(strcmp(caught.message, "negative WaitGroup counter") == 0);
}

CASE(no_race_wait_group_panic_recover)
{
	panicked();
	x = 2;
}

BODY(write_send)
{
	x = 2;
	weft_send(c, 1);
}

BODY(panic_spawn)
{
	panicked();
	weft_go(write_send, NULL);
}

CASE(no_race_wait_group_panic_recover2)
{
	c = weft_make(ints, 1);
	weft_go(panic_spawn, NULL);
	recv_int(c);
}
