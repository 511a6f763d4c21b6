/* SPDX-License-Identifier: MIT */
/* Channels. */
#include "race.h"

static ints c, c2, c3, done;
static volatile int x, y;

/* ---- What a send and a receive order ---------------------------------------------------- */

BODY(write_send)
{
	x = 1;
	weft_send(c, 0);
}

BODY(send_write)
{
	weft_send(c, 0);
	x = 2;
}

CASE(no_race_chan_sync)
{
	c = weft_make(ints, 0);
	weft_go(write_send, NULL);
	recv_int(c);
	x = 2;
}

CASE(no_race_chan_sync_rev)
{
	c = weft_make(ints, 0);
	weft_go(send_write, NULL);
	x = 1;
	recv_int(c);
	weft_yield();
}

CASE(no_race_chan_async)
{
	c = weft_make(ints, 10);
	weft_go(write_send, NULL);
	recv_int(c);
	x = 2;
}

BODY(send_write_step)
{
	weft_send(c, 0);
	x = 1;
	step();
}

CASE(race_chan_async_rev)
{
	c = weft_make(ints, 10);
	weft_go(send_write_step, NULL);
	x = 2;
	recv_int(c);
	await(1);
}

/* ---- Close and receive ------------------------------------------------------------------ */

BODY(write_close)
{
	x = 1;
	weft_close(c);
}

/* Receive until c is closed, in one of the three ways in which Go can. */
static void received_close(size_t cap, int way)
{
	int v;

	c = weft_make(ints, cap);
	weft_go(write_close, NULL);
	if (way == 1) {
		weft_chan_recv(c.chan, NULL);
	} else if (way == 2) {
		MUST(!weft_recv(c, &v) && v == 0);
	} else {
		weft_range(c, each) {
			MUST(each != each);
		}
	}
	x = 2;
}

CASE(no_race_chan_async_close_recv)
{
	received_close(10, 1);
}

CASE(no_race_chan_async_close_recv2)
{
	received_close(10, 2);
}

CASE(no_race_chan_async_close_recv3)
{
	received_close(10, 3);
}

CASE(no_race_chan_sync_close_recv)
{
	received_close(0, 1);
}

CASE(no_race_chan_sync_close_recv2)
{
	received_close(0, 2);
}

CASE(no_race_chan_sync_close_recv3)
{
	received_close(0, 3);
}

/* In a hundred rounds the receive of one goroutine comes before or after the close of another. */
static ints round_write, round_read;
static volatile int round_x;

BODY(read_if_written)
{
	bool ok;

	if (weft_chan_try_recv(round_write.chan, NULL, &ok))
		(void)round_x;
	weft_close(round_read);
}

BODY(write_and_close)
{
	round_x = 1;
	weft_close(round_write);
	step();
}

CASE(no_race_close_happens_before_read)
{
	for (int i = 0; i < 100; i++) {
		round_write = weft_make(ints, 0);
		round_read = weft_make(ints, 0);
		weft_go(read_if_written, NULL);
		weft_go(write_and_close, NULL);
		recv_int(round_read);
		weft_chan_recv(round_write.chan, NULL); // the next round uses the same variables
	}
}

/* ---- Length ----------------------------------------------------------------------------- */

CASE(race_chan_send_len)
{
	c = weft_make(ints, 10);
	weft_go(write_send, NULL);
	while (weft_chan_len(c.chan) == 0)
		weft_yield();
	x = 2;
}

BODY(write_recv)
{
	x = 1;
	recv_int(c);
}

CASE(race_chan_recv_len)
{
	c = weft_make(ints, 10);
	weft_send(c, 1);
	weft_go(write_recv, NULL);
	while (weft_chan_len(c.chan) != 0)
		weft_yield();
	x = 2;
}

BODY(report_len)
{
	weft_send(c2, (int)weft_chan_len(c.chan));
}

BODY(report_cap)
{
	weft_send(c2, (int)weft_chan_cap(c.chan));
}

BODY(close_and_report)
{
	weft_close(c);
	weft_send(c2, 0);
}

static void close_while(void (*looks)(void *arg))
{
	c = weft_make(ints, 10);
	c2 = weft_make(ints, 10);
	weft_go(looks, NULL);
	weft_go(close_and_report, NULL);
	recv_int(c2);
	recv_int(c2);
}

CASE(no_race_chan_close_len)
{
	close_while(report_len);
}

CASE(no_race_chan_close_cap)
{
	close_while(report_cap);
}

/* ---- Two that send ---------------------------------------------------------------------- */

/* One of the two finds no room, which tells it nothing of what the other did before. */
static void send_or_write(volatile int *mine, volatile int *theirs)
{
	int v = 1;

	*mine = 1;
	if (!weft_chan_try_send(c.chan, &v))
		*theirs = 2;
	weft_send(done, 1);
}

BODY(send_or_write_y)
{
	send_or_write(&x, &y);
}

BODY(send_or_write_x)
{
	send_or_write(&y, &x);
}

CASE(race_chan_send_send)
{
	c = weft_make(ints, 1);
	done = weft_make(ints, 2);
	weft_go(send_or_write_y, NULL);
	weft_go(send_or_write_x, NULL);
	recv_int(done);
	recv_int(done);
}

BODY(send_object)
{
	int *m = malloc(sizeof *m);

	*m = 1;
	weft_chan_send(c.chan, &m);
}

CASE(no_race_chan_ptr)
{
	int *m;

	c.chan = weft_chan_make(sizeof m, 0);
	weft_go(send_object, NULL);
	weft_chan_recv(c.chan, &m);
	*m = 2;
	free(m);
}

BODY(write_x_send_1)
{
	x = 1;
	weft_send(c, 1);
	step();
}

BODY(write_y_send_2)
{
	y = 2;
	weft_send(c, 2);
	step();
}

/* What one sent says nothing of what the other did. */
CASE(race_chan_wrong_send)
{
	c = weft_make(ints, 2);
	weft_go(write_x_send_1, NULL);
	weft_go(write_y_send_2, NULL);
	await(2);
	if (recv_int(c) == 1)
		y = 3;
	else
		x = 3;
}

/* ---- Values are read and written -------------------------------------------------------- */

static int value;

BODY(send_value)
{
	weft_chan_send(c.chan, &value);
	weft_send(done, 1);
}

BODY(select_send_value)
{
	int one = 1;

	weft_select(weft_on_send(c.chan, &value), weft_on_send(c3.chan, &one));
	weft_send(done, 1);
}

BODY(take)
{
	recv_int(c);
}

BODY(give)
{
	weft_send(c2, 1);
}

/* A value goes from `value` into c, and one from c2 into it. */
static void read_and_write(size_t cap, bool selects)
{
	int one = 1;

	c = weft_make(ints, cap);
	c2 = weft_make(ints, cap);
	c3 = weft_make(ints, 0);
	done = weft_make(ints, 0);
	if (cap) {
		weft_send(c2, 1);
	} else {
		weft_go(take, NULL);
		weft_go(give, NULL);
	}
	weft_go(selects ? select_send_value : send_value, NULL);
	if (selects)
		weft_select(weft_on_recv(c2.chan, &value), weft_on_send(c3.chan, &one));
	else
		weft_chan_recv(c2.chan, &value);
	recv_int(done);
}

CASE(race_select_read_write_async)
{
	read_and_write(10, true);
}

CASE(race_select_read_write_sync)
{
	read_and_write(0, true);
}

CASE(race_chan_read_write_async)
{
	read_and_write(10, false);
}

CASE(race_chan_read_write_sync)
{
	read_and_write(0, false);
}

/* The value that is written is the one that was read. */
CASE(no_race_select_read_write_async)
{
	int one = 1;

	c = weft_make(ints, 0);
	c3 = weft_make(ints, 0);
	done = weft_make(ints, 0);
	weft_go(select_send_value, NULL);
	weft_select(weft_on_recv(c.chan, &value), weft_on_send(c2.chan, &one));
	recv_int(done);
}

CASE(no_race_chan_read_write_async)
{
	c = weft_make(ints, 10);
	done = weft_make(ints, 0);
	weft_go(send_value, NULL);
	weft_chan_recv(c.chan, &value);
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

BODY(do_a_job)
{
	jobs queue = {arg};
	struct job j;

	weft_recv(queue, &j);
	j.fn();
	weft_send(j.done, 1);
}

CASE(no_race_producer_consumer_unbuffered)
{
	jobs queue = weft_make(jobs, 0);
	struct job j = {write_x, weft_make(ints, 1)};

	weft_go(do_a_job, queue.chan);
	weft_send(queue, j);
	recv_int(j.done);
	(void)x;
}

/* ---- The variable that has the channel -------------------------------------------------- */

BODY(send_on_it)
{
	weft_send(c, 0);
	step();
}

CASE(race_chan_itself_send)
{
	c = weft_make(ints, 10);
	weft_go(send_on_it, NULL);
	c = weft_make(ints, 20);
	await(1);
}

BODY(recv_from_it)
{
	recv_int(c);
	step();
}

CASE(race_chan_itself_recv)
{
	c = weft_make(ints, 10);
	weft_send(c, 1);
	weft_go(recv_from_it, NULL);
	await(1); // else it would wait for ever
	c = weft_make(ints, 20);
}

CASE(race_chan_itself_nil)
{
	c = weft_make(ints, 10);
	weft_go(send_on_it, NULL);
	await(1);
	c.chan = NULL;
}

BODY(close_it)
{
	weft_close(c);
	step();
}

CASE(race_chan_itself_close)
{
	c = weft_make(ints, 0);
	weft_go(close_it, NULL);
	c = weft_make(ints, 0);
	await(1);
}

BODY(len_of_it)
{
	y = (int)weft_chan_len(c.chan);
	step();
}

CASE(race_chan_itself_len)
{
	c = weft_make(ints, 0);
	weft_go(len_of_it, NULL);
	c = weft_make(ints, 0);
	await(1);
}

BODY(cap_of_it)
{
	y = (int)weft_chan_cap(c.chan);
	step();
}

CASE(race_chan_itself_cap)
{
	c = weft_make(ints, 0);
	weft_go(cap_of_it, NULL);
	c = weft_make(ints, 0);
	await(1);
}

/* ---- As locks --------------------------------------------------------------------------- */

BODY(in_turn)
{
	weft_send(c, 1);
	x = 42;
	recv_int(c);
	weft_send(done, 1);
}

static void both_in_turn(size_t cap)
{
	c = weft_make(ints, cap);
	done = weft_make(ints, 0);
	weft_go(in_turn, NULL);
	weft_send(c, 1);
	x = 43;
	recv_int(c);
	recv_int(done);
}

CASE(no_race_chan_mutex)
{
	both_in_turn(1);
}

CASE(race_chan_sem)
{
	both_in_turn(2);
}

static void select_in_turn(void)
{
	int v = 1;

	weft_select(weft_on_send(c.chan, &v), weft_on_recv(c2.chan, NULL));
	x = 42;
	weft_select(weft_on_recv(c.chan, NULL), weft_on_recv(c2.chan, NULL));
}

BODY(selects_in_turn)
{
	select_in_turn();
	weft_send(done, 1);
}

CASE(no_race_select_mutex)
{
	c = weft_make(ints, 1);
	c2 = weft_make(ints, 0);
	done = weft_make(ints, 0);
	weft_go(selects_in_turn, NULL);
	select_in_turn();
	recv_int(done);
}

enum { N = 10 };

static volatile int data[N];

BODY(write_data)
{
	data[(intptr_t)arg] = 42;
	recv_int(c);
}

/* The k-th receive is before the send that takes its slot: who fills the channel waited for all. */
CASE(no_race_chan_wait_group)
{
	c = weft_make(ints, N / 2);
	for (intptr_t i = 0; i < N; i++) {
		weft_send(c, 1);
		weft_go(write_data, (void *)i);
	}
	for (size_t i = 0; i < weft_chan_cap(c.chan); i++)
		weft_send(c, 1);
	for (int i = 0; i < N; i++)
		(void)data[i];
}

BODY(write_x_recv)
{
	x++;
	weft_chan_recv(c.chan, NULL);
}

BODY(write_y_recv)
{
	y++;
	weft_chan_recv(c.chan, NULL);
}

/* The same with elements of no size. */
CASE(no_race_elemet_size0)
{
	c.chan = weft_chan_make(0, 2);
	weft_chan_send(c.chan, NULL);
	weft_chan_send(c.chan, NULL);
	weft_go(write_x_recv, NULL);
	weft_go(write_y_recv, NULL);
	weft_sleep(WEFT_MS);
	weft_chan_send(c.chan, NULL);
	weft_chan_send(c.chan, NULL);
	x++;
	y++;
}

/* ---- A sender that was parked ----------------------------------------------------------- */

BODY(send_local)
{
	int i = 42;
	int *p = &i;

	weft_chan_send(c.chan, &p);
	weft_chan_recv(c2.chan, NULL); // i is there until it was looked at
}

static void from_parked(bool selects)
{
	int *p = NULL;

	c.chan = weft_chan_make(sizeof p, 1);
	c2 = weft_make(ints, 0);
	weft_chan_send(c.chan, &p);
	weft_go(send_local, NULL);
	weft_sleep(WEFT_MS); // so that it parks; the verdict is the same if it does not
	weft_chan_recv(c.chan, NULL);
	if (selects)
		weft_select(weft_on_recv(c.chan, &p), weft_on_recv(c2.chan, NULL));
	else
		weft_chan_recv(c.chan, &p);
	MUST(*p == 42);
	weft_send(c2, 1);
}

CASE(no_race_blocked_send_sync)
{
	from_parked(false);
}

CASE(no_race_blocked_select_send_sync)
{
	from_parked(true);
}

/* ---- Close and send --------------------------------------------------------------------- */

BODY(close_step)
{
	weft_close(c);
	step();
}

CASE(race_chan_close_send)
{
	c = weft_make(ints, 10);
	weft_go(close_step, NULL);
	weft_send(c, 0);
	await(1);
}

/* ---- Sends and closes that panic --------------------------------------------------------- */

BODY(try_send)
{
	weft_send(c, 0);
}

BODY(write_close_step)
{
	x = 1;
	weft_close(c);
	step();
}

/* Who finds the channel closed learns nothing of what came before the close. */
CASE(race_chan_sync_close_send)
{
	c = weft_make(ints, 0);
	weft_go(write_close_step, NULL);
	MUST(!weft_try(try_send, NULL, NULL));
	x = 2;
	await(1);
}

CASE(race_chan_async_close_send)
{
	c = weft_make(ints, 10);
	weft_go(write_close_step, NULL);
	while (weft_try(try_send, NULL, NULL))
		if (weft_chan_len(c.chan) == weft_chan_cap(c.chan))
			weft_chan_recv(c.chan, NULL);
	x = 2;
	await(1);
}

BODY(try_close)
{
	weft_close(c);
}

/* The second close panics. */
static void close_or_write(volatile int *mine, volatile int *theirs)
{
	*mine = 1;
	if (!weft_try(try_close, NULL, NULL))
		*theirs = 2;
	weft_send(done, 1);
}

BODY(close_or_write_y)
{
	close_or_write(&x, &y);
}

BODY(close_or_write_x)
{
	close_or_write(&y, &x);
}

CASE(race_chan_close_close)
{
	c = weft_make(ints, 0);
	done = weft_make(ints, 2);
	weft_go(close_or_write_y, NULL);
	weft_go(close_or_write_x, NULL);
	recv_int(done);
	recv_int(done);
}

BODY(write_send_step)
{
	x = 1;
	weft_try(try_send, NULL, NULL);
	step();
}

BODY(write_close_second)
{
	await(1);
	y = 2;
	weft_close(c);
	step();
}

/* A value came from the one who sent, and says nothing of the one who closed. */
CASE(race_chan_wrong_close)
{
	c = weft_make(ints, 1);
	weft_go(write_send_step, NULL);
	weft_go(write_close_second, NULL);
	await(2);
	if (weft_chan_recv(c.chan, NULL))
		y = 2;
	else
		x = 2;
}

BODY(close_second)
{
	await(1);
	weft_close(c);
	step();
}

CASE(race_chan_send_close)
{
	c = weft_make(ints, 1);
	weft_go(write_send_step, NULL);
	weft_go(close_second, NULL);
	await(2);
}

BODY(try_select_send)
{
	int v = 1;

	weft_select(weft_on_send(c.chan, &v), weft_on_recv(c2.chan, NULL));
}

CASE(race_chan_send_select_close)
{
	c = weft_make(ints, 1);
	c2 = weft_make(ints, 0);
	weft_go(close_it, NULL);
	await(1);
	MUST(!weft_try(try_select_send, NULL, NULL));
}
