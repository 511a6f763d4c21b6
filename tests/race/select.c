/* SPDX-License-Identifier: MIT */
/* Select. */
#include "race.h"

static ints c, c1, done;
static volatile int x, y;
static int one = 1;

BODY(write_select_send)
{
	x = 1;
	weft_select(weft_on_send(c.chan, &one), weft_on_send(c1.chan, &one));
	weft_send(done, 1);
}

static void make(size_t cap, size_t done_cap)
{
	c = weft_make(ints, cap);
	c1 = weft_make(ints, 0);
	done = weft_make(ints, done_cap);
}

CASE(no_race_select1)
{
	make(0, 0);
	weft_go(write_select_send, NULL);
	weft_select(weft_on_recv(c.chan, NULL), weft_on_send(c1.chan, &one));
	x = 2;
	recv_int(done);
}

BODY(select_recv_write)
{
	weft_select(weft_on_recv(c.chan, NULL), weft_on_recv(c1.chan, NULL));
	x = 1;
	weft_send(done, 1);
}

CASE(no_race_select2)
{
	make(0, 0);
	weft_go(select_recv_write, NULL);
	x = 2;
	weft_close(c);
	weft_yield();
	recv_int(done);
}

BODY(write_select_both)
{
	x = 1;
	weft_select(weft_on_send(c.chan, &one), weft_on_recv(c1.chan, NULL));
	weft_send(done, 1);
}

CASE(no_race_select3)
{
	make(10, 0);
	weft_go(write_select_both, NULL);
	recv_int(c);
	x = 2;
	recv_int(done);
}

struct job {
	void (*fn)(void);
	ints done;
};

typedef weft_chan_of(struct job) jobs;

static void write_x(void)
{
	x = 1;
}

BODY(do_jobs)
{
	jobs queue = {arg};
	struct job j;

	for (;;) {
		weft_select(weft_on_recv(queue.chan, &j));
		j.fn();
		weft_send(j.done, 1);
	}
}

CASE(no_race_select4)
{
	jobs queue = weft_make(jobs, 0);
	struct job j = {write_x, weft_make(ints, 1)};

	c1 = weft_make(ints, 0);
	weft_go(do_jobs, queue.chan);
	weft_select(weft_on_send(queue.chan, &j), weft_on_recv(c1.chan, NULL));
	weft_select(weft_on_recv(j.done.chan, NULL), weft_on_recv(c1.chan, NULL));
	(void)x;
}

static bool selects, yields;

BODY(write_then_send)
{
	if (yields)
		weft_yield();
	x = 1;
	if (selects)
		weft_select(weft_on_send(c.chan, &one), weft_on_recv(c1.chan, NULL));
	else
		weft_send(c, 1);
	weft_send(done, 1);
}

BODY(recv_then_write)
{
	if (selects)
		weft_select(weft_on_recv(c.chan, NULL), weft_on_recv(c1.chan, NULL));
	else
		recv_int(c);
	x = 1;
	weft_send(done, 1);
}

CASE(no_race_select5)
{
	for (int way = 0; way < 4; way++) {
		selects = way & 2;
		yields = way & 1;
		make(0, 2);
		weft_go(write_then_send, NULL);
		weft_go(recv_then_write, NULL);
		recv_int(done);
		recv_int(done);
	}
}

BODY(recv_twice)
{
	recv_int(c);
	recv_int(c);
}

BODY(select_send_write)
{
	weft_select(weft_on_send(c.chan, &one), weft_on_send(c1.chan, &one));
	x = 1;
	weft_send(done, 1);
}

CASE(race_select1)
{
	make(0, 2);
	weft_go(recv_twice, NULL);
	weft_go(select_send_write, NULL);
	weft_go(select_send_write, NULL);
	recv_int(done);
	recv_int(done);
}

BODY(write_select_recv)
{
	x = 1;
	weft_select(weft_on_recv(c.chan, NULL), weft_on_recv(c1.chan, NULL));
	weft_send(done, 1);
}

CASE(race_select2)
{
	make(0, 0);
	weft_go(write_select_recv, NULL);
	weft_close(c);
	x = 2;
	recv_int(done);
}

CASE(race_select3)
{
	make(0, 0);
	weft_go(write_select_send, NULL);
	x = 2;
	weft_select(weft_on_recv(c.chan, NULL));
	recv_int(done);
}

BODY(default_write)
{
	weft_select(weft_on_default());
	x = 2;
	weft_send(done, 1);
}

CASE(race_select4)
{
	make(0, 1);
	weft_go(default_write, NULL);
	(void)x;
	recv_int(done);
}

BODY(write_one_of_two)
{
	if (weft_select(weft_on_send(c.chan, &one), weft_on_send(c1.chan, &one)) == 0)
		x = 1;
	else
		y = 1;
	weft_send(done, 1);
}

CASE(race_select5)
{
	make(1, 1);
	weft_go(write_one_of_two, NULL);
	(void)x;
	(void)y;
	recv_int(done);
}
