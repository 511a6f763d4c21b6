/* SPDX-License-Identifier: MIT */
/* Conds, functions of timers, goroutines. */
#include "race.h"

#include <signal.h>

static weft_mutex mu;
static weft_cond cond;
static bool condition;
static ints done;
static volatile int x;

static void say(void)
{
	weft_mutex_lock(&mu);
	condition = true;
	weft_cond_signal(&cond);
	weft_mutex_unlock(&mu);
}

static void wait_until_said(void)
{
	weft_mutex_lock(&mu);
	while (!condition)
		weft_cond_wait(&cond, &mu);
	weft_mutex_unlock(&mu);
}

BODY(write_say)
{
	x = 1;
	say();
}

CASE(no_race_cond)
{
	weft_go(write_say, NULL);
	wait_until_said();
	x = 2;
}

BODY(write_say_write)
{
	x = 1;
	say();
	await(1); // out of the loop of the other
	weft_mutex_lock(&mu);
	x = 3;
	weft_mutex_unlock(&mu);
	step();
}

CASE(race_cond)
{
	weft_go(write_say_write, NULL);
	wait_until_said();
	step();
	x = 2;
	await(2);
}

/* ---- Goroutines that spawn goroutines --------------------------------------------------- */

BODY(write_send)
{
	x = 1;
	weft_send(done, 1);
}

BODY(spawn_two)
{
	for (int i = 0; i < 2; i++) {
		weft_go(write_send, NULL);
		weft_send(done, 1);
	}
}

BODY(write_and_spawn)
{
	x = 1;
	weft_go(spawn_two, NULL);
	weft_go(write_send, NULL);
	x = 2;
	weft_send(done, 1);
}

BODY(write_twice_and_spawn)
{
	x = 1;
	x = 2;
	weft_go(write_and_spawn, NULL);
	weft_send(done, 1);
}

/* Go leaves it to a person to look at where the goroutines are said to have been spawned. */
CASE(race_announce_threads)
{
	enum { N = 7 };

	done = weft_make(ints, N);
	weft_go(write_twice_and_spawn, NULL);
	for (int i = 0; i < N; i++)
		recv_int(done);
}

BODY(spawn_1)
{
	weft_go(write_send, NULL);
}

BODY(spawn_2)
{
	weft_go(spawn_1, NULL);
}

BODY(spawn_3)
{
	weft_go(spawn_2, NULL);
}

CASE(race_goroutine_creation_stack)
{
	done = weft_make(ints, 1);
	weft_go(spawn_3, NULL);
	x = 2;
	recv_int(done);
}

/* ---- Functions of timers ---------------------------------------------------------------- */

static int left = 2;

BODY(again)
{
	if (--left >= 0)
		weft_timer_unref(weft_after_func(0, again, NULL));
	else
		weft_send(done, 1);
}

CASE(no_race_after_func1)
{
	done = weft_make(ints, 0);
	weft_timer_unref(weft_after_func(0, again, NULL));
	recv_int(done);
}

BODY(write_x)
{
	x = 1;
}

CASE(no_race_after_func2)
{
	weft_timer *t;

	x = 2;
	t = weft_after_func(10, write_x, NULL);
	weft_timer_stop(t);
	weft_timer_unref(t);
}

CASE(no_race_after_func3)
{
	done = weft_make(ints, 1);
	weft_timer_unref(weft_after_func(WEFT_MS, write_send, NULL));
	recv_int(done);
	x = 2;
}

CASE(race_after_func3)
{
	done = weft_make(ints, 2);
	weft_timer_unref(weft_after_func(WEFT_MS, write_send, NULL));
	weft_timer_unref(weft_after_func(2 * WEFT_MS, write_send, NULL));
	recv_int(done);
	recv_int(done);
}

/* ---- NULL ------------------------------------------------------------------------------- */

/* Go's must panic rather than hang; in C it is a crash, and the handler can say so. */
static void crashed(int sig)
{
	(void)sig;
	_exit(0);
}

CASE(no_race_nil_mutex_crash)
{
	weft_rwmutex *volatile none = NULL;

	signal(SIGSEGV, crashed);
	weft_rwmutex_rlock(none);
	MUST(!"reached");
}
