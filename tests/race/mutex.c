/* SPDX-License-Identifier: MIT */
/* Mutexes and RWMutexes. */
#include "race.h"

static weft_mutex mu, mu2;
static weft_rwmutex rw;
static ints done;
static volatile int x;

/* Two goroutines or more, and wait for them. */
static void together(void (*f)(void *arg), void (*g)(void *arg), void (*h)(void *arg),
		     void (*i)(void *arg))
{
	void (*all[])(void *arg) = {f, g, h, i};
	int n = 0;

	done = weft_make(ints, 4);
	for (int k = 0; k < 4 && all[k]; k++, n++)
		weft_go(all[k], NULL);
	while (n--)
		recv_int(done);
}

static void write_locked(weft_mutex *with, int v)
{
	weft_mutex_lock(with);
	x = v;
	weft_mutex_unlock(with);
	weft_send(done, 1);
}

BODY(write_1_locked)
{
	write_locked(&mu, 1);
}

BODY(write_2_locked)
{
	write_locked(&mu, 2);
}

BODY(write_2_locked_elsewhere)
{
	write_locked(&mu2, 2);
}

CASE(no_race_mutex)
{
	together(write_1_locked, write_2_locked, NULL, NULL);
}

BODY(write_lock)
{
	x = 1;
	weft_mutex_lock(&mu);
	weft_send(done, 1);
	weft_mutex_unlock(&mu);
}

/* Locked after the write, not around it. */
CASE(race_mutex)
{
	together(write_lock, write_lock, NULL, NULL);
}

CASE(race_mutex2)
{
	together(write_1_locked, write_2_locked_elsewhere, NULL, NULL);
}

static bool written;

BODY(write_then_say)
{
	x = 1;
	weft_mutex_lock(&mu);
	written = true;
	weft_mutex_unlock(&mu);
	weft_send(done, 1);
}

BODY(write_once_said)
{
	bool there = false;

	while (!there) {
		weft_mutex_lock(&mu);
		there = written;
		weft_mutex_unlock(&mu);
		weft_yield();
	}
	x = 1;
	weft_send(done, 1);
}

CASE(no_race_mutex_pure_happens_before)
{
	together(write_then_say, write_once_said, NULL, NULL);
}

BODY(write_unlock)
{
	x = 1;
	weft_mutex_unlock(&mu);
	weft_send(done, 1);
}

/* Unlocked by another than who locked. */
CASE(no_race_mutex_semaphore)
{
	weft_mutex_lock(&mu);
	together(write_unlock, write_2_locked, NULL, NULL);
}

BODY(write_unlock_only)
{
	x = 1;
	weft_mutex_unlock(&mu);
}

CASE(no_race_mutex_example_from_html)
{
	weft_mutex_lock(&mu);
	weft_go(write_unlock_only, NULL);
	weft_mutex_lock(&mu);
	(void)x;
}

static weft_mutex overwritten;

/* As large as the mutex and as zero: only the sanitizer can tell. */
BODY(overwrite)
{
	overwritten = (weft_mutex){0};
	weft_send(done, 1);
}

CASE(race_mutex_overwrite)
{
	done = weft_make(ints, 1);
	weft_go(overwrite, NULL);
	weft_mutex_lock(&overwritten);
	recv_int(done);
}

/* ---- RWMutexes -------------------------------------------------------------------------- */

static volatile int64_t a, b;

BODY(write_2_rw)
{
	weft_rwmutex_lock(&rw);
	x = 2;
	a = 2;
	weft_rwmutex_unlock(&rw);
	weft_send(done, 1);
}

CASE(race_mutex_rwmutex)
{
	together(write_1_locked, write_2_rw, NULL, NULL);
}

BODY(copy_a)
{
	weft_rwmutex_rlock(&rw);
	b = a + 1;
	weft_rwmutex_runlock(&rw);
	weft_send(done, 1);
}

CASE(no_race_rwmutex)
{
	together(write_2_rw, copy_a, NULL, NULL);
}

/* Readers who write.  With three, two are on the same side of the writer. */
CASE(race_rwmutex_multiple_readers)
{
	together(write_2_rw, copy_a, copy_a, copy_a);
}

BODY(read_a)
{
	weft_rwmutex_rlock(&rw);
	(void)a;
	weft_rwmutex_runlock(&rw);
	weft_send(done, 1);
}

CASE(no_race_rwmutex_multiple_readers)
{
	together(write_2_rw, read_a, read_a, read_a);
}

BODY(read_a_step)
{
	weft_rwmutex_rlock(&rw);
	(void)a;
	weft_rwmutex_runlock(&rw);
	step();
}

BODY(read_a_second)
{
	await(1);
	read_a_step(NULL);
}

/* A writer comes after all readers, not just the last. */
CASE(no_race_rwmutex_transitive)
{
	weft_go(read_a_step, NULL);
	weft_go(read_a_second, NULL);
	await(2);
	weft_rwmutex_lock(&rw);
	a = 42;
	weft_rwmutex_unlock(&rw);
}
