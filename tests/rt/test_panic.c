/* SPDX-License-Identifier: MIT */
#include "panics.h"

/* What ran, in order: a digit for each. */
struct log {
	int n;
	char text[64];
};

static void note(struct log *l, char what)
{
	l->text[l->n++] = what;
	l->text[l->n] = 0;
}

static void note_a(void *arg)
{
	note(arg, 'a');
}

static void note_b(void *arg)
{
	note(arg, 'b');
}

static void note_c(void *arg)
{
	note(arg, 'c');
}

static void set(void *arg)
{
	*(bool *)arg = true;
}

/* ---- Traps ------------------------------------------------------------------------------ */

static void panic_with(void *arg)
{
	weft_panic("no %s for %d", (char *)arg, 7);
}

TEST(a_trap_has_the_message_and_the_place_and_the_goroutine)
{
	weft_caught caught;
	char text[] = "room";
	int line = __LINE__;

	EXPECT(!weft_try(panic_with, text, &caught));
	memset(text, 'x', sizeof text);
	EXPECT(strcmp(caught.message, "no room for 7") == 0);
	EXPECT(strcmp(caught.site->func, "panic_with") == 0);
	EXPECT(caught.site->line < (unsigned)line);
	EXPECT_EQ(caught.g, weft_id());
}

static void nothing(void *arg)
{
	(void)arg;
}

TEST(what_does_not_panic_is_not_trapped)
{
	weft_caught caught = {"untouched", NULL, 0};

	EXPECT(weft_try(nothing, NULL, &caught));
	EXPECT(weft_try(nothing, NULL, NULL));
	EXPECT(strcmp(caught.message, "untouched") == 0);
}

static volatile bool at_bottom = true; // or else the compiler finds a recursion without end

static void deep(void *arg)
{
	int n = *(int *)arg;
	char frame[512];

	memset(frame, n, sizeof frame);
	if (n-- == 0) {
		if (at_bottom)
			panic_with("bottom");
		return;
	}
	deep(&n);
	EXPECT(frame[17] == (char)(n + 1));
}

TEST(a_trap_cuts_the_stack_back_as_often_as_one_likes)
{
	double d = 1.5;

	for (int i = 0; i < test_scaled(20000); i++) {
		int n = 20 + i % 20;

		EXPECT(panics(deep, &n, "no bottom for 7"));
		d += 0.25;
	}
	EXPECT(d == 1.5 + 0.25 * test_scaled(20000));
}

static void park_then_panic(void *arg)
{
	weft_chan *c = arg;

	weft_chan_recv(c, NULL);
	for (int i = 0; i < 100; i++)
		weft_yield();
	weft_panic("after a wait");
}

static void trap_and_count(void *arg)
{
	weft_chan **cs = arg;
	int n = 1;

	EXPECT(panics(park_then_panic, cs[0], "after a wait"));
	weft_chan_send(cs[1], &n);
}

TEST(a_panic_after_a_wait_is_trapped_on_whatever_thread)
{
	weft_chan *cs[2] = {weft_chan_make(0, 0), weft_chan_make(sizeof(int), 100)};

	for (int i = 0; i < 100; i++)
		weft_go(trap_and_count, cs);
	weft_chan_close(cs[0]);
	for (int i = 0; i < 100; i++)
		weft_chan_recv(cs[1], NULL);
	weft_chan_unref(cs[0]);
	weft_chan_unref(cs[1]);
}

static void trap_within(void *arg)
{
	EXPECT(panics(panic_with, arg, "no inner for 7"));
	weft_panic("outer");
}

TEST(traps_nest)
{
	EXPECT(panics(trap_within, "inner", "outer"));
}

static void repanic(void *arg)
{
	weft_caught caught;

	EXPECT(!weft_try(panic_with, arg, &caught));
	weft_repanic(&caught);
}

TEST(a_panic_that_is_passed_on_keeps_its_message_and_place)
{
	weft_caught caught;

	EXPECT(!weft_try(repanic, "air", &caught));
	EXPECT(strcmp(caught.message, "no air for 7") == 0);
	EXPECT(strcmp(caught.site->func, "panic_with") == 0);
}

static void long_message(void *arg)
{
	(void)arg;
	weft_panic("%0300d", 1);
}

TEST(a_long_message_is_cut_off)
{
	weft_caught caught;

	EXPECT(!weft_try(long_message, NULL, &caught));
	EXPECT_EQ(strlen(caught.message), 255);
}

/* ---- Deferred functions ----------------------------------------------------------------- */

static void leave_by_return(struct log *l, int how)
{
	weft_defer(note_a, l);
	if (how == 0)
		return;
	weft_defer(note_b, l);
	if (how == 1)
		return;
	{
		weft_defer(note_c, l);
		note(l, '(');
	}
	note(l, ')');
}

TEST(deferred_functions_run_when_their_block_is_left_the_last_first)
{
	struct log l = {0};

	leave_by_return(&l, 0);
	note(&l, ' ');
	leave_by_return(&l, 1);
	note(&l, ' ');
	leave_by_return(&l, 2);
	EXPECT(strcmp(l.text, "a ba (c)ba") == 0);
}

TEST(a_deferred_function_runs_each_time_round_a_loop)
{
	struct log l = {0};

	for (int i = 0; i < 5; i++) {
		weft_defer(note_a, &l);
		if (i == 1)
			continue;
		if (i == 3)
			break;
		note(&l, (char)('0' + i));
	}
	EXPECT(strcmp(l.text, "0aa2aa") == 0);
}

static void defer_and_panic(void *arg)
{
	weft_defer(note_a, arg);
	{
		weft_defer(note_b, arg);
	}
	weft_defer(note_c, arg);
	weft_panic("with three");
}

TEST(a_panic_runs_what_is_deferred_and_a_trap_leaves_the_rest)
{
	struct log l = {0};

	{
		weft_defer(note_b, &l);
		EXPECT(panics(defer_and_panic, &l, "with three"));
		EXPECT(strcmp(l.text, "bca") == 0);
	}
	EXPECT(strcmp(l.text, "bcab") == 0);
}

/* A deferred function sees what the frame that is left has stored. */
static void look(void *arg)
{
	int *values = arg;

	EXPECT_EQ(values[0], 1);
	EXPECT_EQ(values[1], 2);
	values[1] = 3;
}

static void store_and_panic(void *arg)
{
	int values[2] = {0, 0};

	weft_defer(look, values);
	values[0] = 1;
	values[1] = 2;
	if (arg)
		weft_panic("now");
	values[1] = 2;
}

TEST(a_deferred_function_sees_the_locals_of_its_frame)
{
	EXPECT(panics(store_and_panic, "", "now"));
	EXPECT(weft_try(store_and_panic, NULL, NULL));
}

static void panic_again(void *arg)
{
	note(arg, '!');
	weft_panic("second");
}

static void defer_a_panic(void *arg)
{
	weft_defer(note_a, arg);
	weft_defer(panic_again, arg);
	weft_defer(note_b, arg);
	weft_panic("first");
}

TEST(a_panic_of_a_deferred_function_replaces_the_first)
{
	struct log l = {0};

	EXPECT(panics(defer_a_panic, &l, "second"));
	EXPECT(strcmp(l.text, "b!a") == 0);
}

static void trap_in_deferred(void *arg)
{
	EXPECT(panics(panic_again, arg, "second"));
	note(arg, '.');
}

static void defer_a_trap(void *arg)
{
	weft_defer(note_a, arg);
	weft_defer(trap_in_deferred, arg);
	weft_panic("first");
}

TEST(a_trap_in_a_deferred_function_does_not_end_the_panic_outside)
{
	struct log l = {0};

	EXPECT(panics(defer_a_trap, &l, "first"));
	EXPECT(strcmp(l.text, "!.a") == 0);
}

static void wait_in_deferred(void *arg)
{
	weft_yield();
	weft_sleep(WEFT_MS);
	weft_chan_send(arg, NULL);
}

static void defer_a_wait(void *arg)
{
	weft_defer(wait_in_deferred, arg);
	weft_panic("and wait");
}

static void try_a_wait(void *arg)
{
	EXPECT(panics(defer_a_wait, arg, "and wait"));
	weft_chan_send(arg, NULL);
}

TEST(a_deferred_function_may_wait_during_a_panic)
{
	weft_chan *c = weft_chan_make(0, 0);

	weft_go(try_a_wait, c);
	weft_chan_recv(c, NULL);
	weft_chan_recv(c, NULL);
	weft_chan_unref(c);
}

static void defer_null(void *arg)
{
	weft_defer(NULL, arg);
}

static void try_null(void *arg)
{
	weft_try(NULL, arg, NULL);
}

TEST(null_functions_are_refused)
{
	EXPECT(panics(defer_null, NULL, "weft_defer of a NULL function"));
	EXPECT(panics(try_null, NULL, "weft_try of a NULL function"));
}

/* ---- weft_exit -------------------------------------------------------------------------- */

struct exits {
	struct log log;
	weft_chan *ended;
};

static void tell(void *arg)
{
	weft_chan_send(((struct exits *)arg)->ended, NULL);
}

static void exit_now(void *arg)
{
	struct exits *e = arg;

	weft_defer(note_b, &e->log);
	weft_exit();
}

static void exit_in_a_trap(void *arg)
{
	struct exits *e = arg;

	weft_defer(tell, e);
	weft_defer(note_a, &e->log);
	weft_try(exit_now, e, NULL);
	note(&e->log, '!');
}

static void panic_in_exit(void *arg)
{
	note(arg, 'p');
	weft_panic("in exit");
}

static void exit_then_panic(void *arg)
{
	struct exits *e = arg;

	weft_defer(panic_in_exit, &e->log);
	weft_exit();
}

/* The trap ends the panic; the exit goes on. */
static void trap_a_panic_in_exit(void *arg)
{
	struct exits *e = arg;

	weft_defer(tell, e);
	weft_defer(note_a, &e->log);
	weft_try(exit_then_panic, e, NULL);
	note(&e->log, '!');
}

static void exit_in_deferred(void *arg)
{
	note(arg, 'x');
	weft_exit();
}

static void panic_then_exit(void *arg)
{
	struct exits *e = arg;

	weft_defer(tell, e);
	weft_defer(note_a, &e->log);
	weft_defer(exit_in_deferred, &e->log);
	weft_panic("dropped");
}

/* A trap of its own, while the goroutine exits. */
static void exit_and_trap(void *arg)
{
	struct exits *e = arg;

	weft_defer(tell, e);
	weft_defer(trap_in_deferred, &e->log);
	weft_exit();
}

static void runs(void (*fn)(void *), const char *log)
{
	for (int i = 0; i < 3; i++) { // the second reuses the first one's record
		struct exits e = {.ended = weft_chan_make(0, 0)};

		weft_go(fn, &e);
		weft_chan_recv(e.ended, NULL);
		EXPECT(strcmp(e.log.text, log) == 0);
		weft_chan_unref(e.ended);
	}
}

TEST(weft_exit_runs_what_is_deferred_and_is_not_trapped)
{
	runs(exit_in_a_trap, "ba");
}

TEST(weft_exit_goes_on_when_a_panic_of_a_deferred_function_is_trapped)
{
	runs(trap_a_panic_in_exit, "pa");
}

TEST(weft_exit_in_a_deferred_function_ends_the_panic)
{
	runs(panic_then_exit, "xa");
}

TEST(a_deferred_function_may_trap_its_own_panic_during_weft_exit)
{
	runs(exit_and_trap, "!.");
}

/* ---- Once ------------------------------------------------------------------------------- */

struct once {
	weft_once once, inner;
	weft_chan *began, *go, *told;
	int runs;
};

static void wait_and_panic(void *arg)
{
	struct once *o = arg;

	o->runs++;
	weft_chan_send(o->began, NULL);
	weft_chan_recv(o->go, NULL);
	weft_panic("in a Once");
}

static void do_once(void *arg)
{
	struct once *o = arg;

	weft_once_do(&o->once, wait_and_panic, o);
}

static void first(void *arg)
{
	struct once *o = arg;

	EXPECT(panics(do_once, o, "in a Once"));
	weft_chan_send(o->told, NULL);
}

static void other(void *arg)
{
	struct once *o = arg;

	do_once(o);
	weft_chan_send(o->told, NULL);
}

TEST(a_once_whose_function_panics_is_done_and_those_that_wait_go_on)
{
	struct once o = {.began = weft_chan_make(0, 0),
			 .go = weft_chan_make(0, 0),
			 .told = weft_chan_make(0, 0)};

	weft_go(first, &o);
	weft_chan_recv(o.began, NULL);
	for (int i = 0; i < 5; i++)
		weft_go(other, &o);
	weft_yield();
	weft_chan_send(o.go, NULL);
	for (int i = 0; i < 6; i++)
		weft_chan_recv(o.told, NULL);
	EXPECT_EQ(o.runs, 1);
	weft_once_do(&o.once, wait_and_panic, &o);
	weft_chan_unref(o.began);
	weft_chan_unref(o.go);
	weft_chan_unref(o.told);
}

static void inner_once(void *arg)
{
	struct once *o = arg;

	weft_once_do(&o->inner, panic_with, "nesting");
}

static void outer_once(void *arg)
{
	struct once *o = arg;

	weft_once_do(&o->once, inner_once, o);
}

TEST(onces_within_each_other_are_all_done_after_a_panic)
{
	struct once o = {.runs = 0};
	bool ran = false;

	EXPECT(panics(outer_once, &o, "no nesting for 7"));
	weft_once_do(&o.once, set, &ran);
	weft_once_do(&o.inner, set, &ran);
	EXPECT(!ran);
}

/* ---- Many ------------------------------------------------------------------------------- */

static uint64_t rnd(uint64_t *x)
{
	*x = *x * 6364136223846793005u + 1442695040888963407u;
	return *x >> 33;
}

struct many {
	uint64_t rng;
	int depth, balance;
};

static void unbalance(void *arg)
{
	((struct many *)arg)->balance--;
}

/* Defer, trap, panic, return, wait, at random. */
static void anything(void *arg)
{
	struct many *m = arg;
	int depth = m->depth;

	m->balance++;
	weft_defer(unbalance, m);
	for (int i = 0; i < 3 && depth < 6; i++) {
		uint64_t what = rnd(&m->rng) % 8;

		m->depth = depth + 1;
		if (what < 3)
			weft_try(anything, m, NULL);
		else if (what < 5)
			anything(m);
		else if (what == 5)
			weft_yield();
		else if (what == 6)
			weft_panic("at %d", depth);
		else
			return;
	}
	m->depth = depth;
}

static void many_times(void *arg)
{
	struct many m = {.rng = (uintptr_t)arg};

	for (int i = 0; i < test_scaled(300); i++) {
		m.depth = 0;
		weft_try(anything, &m, NULL);
		EXPECT_EQ(m.balance, 0);
	}
}

static void many_and_done(void *arg)
{
	static uint64_t n;
	weft_waitgroup *wg = arg;

	many_times((void *)(uintptr_t)__atomic_add_fetch(&n, 1, __ATOMIC_RELAXED));
	weft_waitgroup_done(wg);
}

TEST(deferred_functions_run_exactly_once_each_whatever_panics)
{
	weft_waitgroup wg = {0};

	weft_waitgroup_add(&wg, 20);
	for (int i = 0; i < 20; i++)
		weft_go(many_and_done, &wg);
	weft_waitgroup_wait(&wg);
}
