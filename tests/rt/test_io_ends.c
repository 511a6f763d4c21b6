/* SPDX-License-Identifier: MIT */
/* What ends an operation on a connection: closing, deadlines, contexts. */
#define _GNU_SOURCE
#include "conns.h"

#include <errno.h>

/* ---- Closing while others wait ----------------------------------------------------------- */

TEST(io_close_wakes_who_waits)
{
	void (*const ops[])(void *) = {op_read, op_write, op_wait};
	weft_conn c[2];
	struct op op;

	for (int i = 0; i < 6; i++) {
		(i < 3 ? pair : tcp_pair)(c);
		op_start(&op, ops[i % 3], c[0]);
		EXPECT_EQ(weft_conn_close(c[0]), 0);
		EXPECT_EQ(op_end(&op), -EBADF);
		weft_conn_close(c[1]);
	}
	c[0] = weft_listen("127.0.0.1:0");
	op_start(&op, op_accept, c[0]);
	EXPECT_EQ(weft_conn_close(c[0]), 0);
	EXPECT_EQ(op_end(&op), -EBADF);
}

TEST(io_close_wakes_all_readers)
{
	struct op op[8];
	weft_conn c[2];

	pair(c);
	for (int i = 0; i < 8; i++)
		op_start(&op[i], op_read, c[0]);
	EXPECT_EQ(weft_conn_close(c[0]), 0);
	for (int i = 0; i < 8; i++)
		EXPECT_EQ(op_end(&op[i]), -EBADF);
}

static void close_it(void *arg)
{
	struct op *op = arg;

	op->begun = true;
	op->result = weft_conn_close(op->c);
	weft_waitgroup_done(&op->done);
}

/* Two close, one reads, while the descriptor's number is taken by others at once. */
TEST(io_close_and_read_race_harmlessly)
{
	int n = test_scaled(3000);
	struct op closer, reader;
	weft_conn c[2], d[2];
	int64_t mine;
	char buf[8];

	for (int i = 0; i < n; i++) {
		pair(c);
		memset(&closer, 0, sizeof closer);
		memset(&reader, 0, sizeof reader);
		closer.c = reader.c = c[0];
		weft_waitgroup_add(&closer.done, 1);
		weft_waitgroup_add(&reader.done, 1);
		weft_go(op_read, &reader);
		weft_go(close_it, &closer);
		if (i % 3)
			weft_yield();
		mine = weft_conn_close(c[0]);
		pair(d);
		EXPECT_EQ(weft_write(d[0], "x", 1), 1);
		EXPECT_EQ(weft_write(d[1], "x", 1), 1);
		EXPECT_EQ(op_end(&reader), -EBADF);
		EXPECT((mine == 0) + (op_end(&closer) == 0) == 1);
		EXPECT_EQ(weft_read(d[0], buf, 8), 1);
		EXPECT_EQ(weft_read(d[1], buf, 8), 1);
		EXPECT_EQ(weft_conn_close(d[0]), 0);
		EXPECT_EQ(weft_conn_close(d[1]), 0);
		EXPECT_EQ(weft_conn_close(c[1]), 0);
	}
}

/* ---- Deadlines --------------------------------------------------------------------------- */

TEST(io_deadline_ends_a_wait)
{
	int64_t then = weft_now();
	weft_conn c[2];
	struct op op;
	char buf[8];

	pair(c);
	EXPECT_EQ(weft_conn_set_read_deadline(c[0], then + 20 * WEFT_MS), 0);
	EXPECT_EQ(weft_read(c[0], buf, 8), -ETIMEDOUT);
	EXPECT(weft_now() >= then + 20 * WEFT_MS);
	EXPECT_EQ(weft_read(c[0], buf, 8), -ETIMEDOUT);
	EXPECT_EQ(weft_write(c[0], "x", 1), 1); // the other direction has none
	EXPECT_EQ(weft_conn_set_write_deadline(c[0], weft_now() + 20 * WEFT_MS), 0);
	op_start(&op, op_write, c[0]);
	EXPECT_EQ(op_end(&op), -ETIMEDOUT);
}

TEST(io_deadline_in_the_past_refuses_also_what_is_there)
{
	weft_conn c[2];
	char buf[8];

	pair(c);
	EXPECT_EQ(weft_write(c[1], "x", 1), 1);
	EXPECT_EQ(weft_conn_set_deadline(c[0], -1), 0);
	EXPECT_EQ(weft_read(c[0], buf, 8), -ETIMEDOUT);
	EXPECT_EQ(weft_write(c[0], "x", 1), -ETIMEDOUT);
	EXPECT_EQ(weft_conn_set_deadline(c[0], 0), 0);
	EXPECT_EQ(weft_read(c[0], buf, 8), 1);
	EXPECT_EQ(weft_write(c[0], "x", 1), 1);
}

TEST(io_deadline_moves_under_who_waits)
{
	weft_conn c[2];
	struct op op;

	pair(c);
	op_start(&op, op_read, c[0]); // without one
	EXPECT_EQ(weft_conn_set_read_deadline(c[0], weft_now() + 5 * WEFT_MS), 0);
	EXPECT_EQ(op_end(&op), -ETIMEDOUT);
	EXPECT_EQ(weft_conn_set_read_deadline(c[0], weft_now() + 1000 * WEFT_S), 0);
	op_start(&op, op_read, c[0]);
	EXPECT_EQ(weft_conn_set_read_deadline(c[0], weft_now() + 5 * WEFT_MS), 0); // earlier
	EXPECT_EQ(op_end(&op), -ETIMEDOUT);
	EXPECT_EQ(weft_conn_set_read_deadline(c[0], weft_now() + 1000 * WEFT_S), 0);
	op_start(&op, op_read, c[0]);
	EXPECT_EQ(weft_conn_set_read_deadline(c[0], weft_now() - 1), 0); // now
	EXPECT_EQ(op_end(&op), -ETIMEDOUT);
}

/* The timer of the first deadline comes, and finds a later one or none.  On a machine that is busy
 * the first may pass before it is moved: then it has rightly ended the wait. */
TEST(io_deadline_that_was_moved_later_does_not_end_the_wait)
{
	int64_t first, second, r;
	weft_conn c[2];
	struct op op;

	for (int i = 0; i < 2; i++) {
		pair(c);
		first = weft_now() + 50 * WEFT_MS;
		second = i ? 0 : first + 50 * WEFT_MS;
		EXPECT_EQ(weft_conn_set_read_deadline(c[0], first), 0);
		op_start(&op, op_read, c[0]);
		EXPECT_EQ(weft_conn_set_read_deadline(c[0], second), 0);
		bool moved = weft_now() < first;
		weft_sleep(60 * WEFT_MS);
		if (i)
			EXPECT_EQ(weft_write(c[1], "x", 1), 1);
		r = op_end(&op);
		EXPECT(r == (i ? 1 : -ETIMEDOUT) || !moved);
		EXPECT(weft_now() >= second || !moved);
	}
}

static void deadline_mover(void *arg)
{
	struct op *op = arg;
	int n = test_scaled(3000);

	for (int i = 0; i < n; i++) {
		weft_conn_set_deadline(op->c, i % 3 ? weft_now() + i % 50 * WEFT_US : 0);
		if (i % 4 == 0)
			weft_yield();
	}
	weft_conn_set_deadline(op->c, 1);
	weft_waitgroup_done(&op->done);
}

/* Every read and write ends by itself, by data, or by a deadline, which moves all the time. */
TEST(io_deadlines_race_with_data)
{
	struct op mover = {0};
	weft_conn c[2];
	char buf[8];
	int64_t r, timeouts = 0;

	tcp_pair(c);
	mover.c = c[0];
	weft_waitgroup_add(&mover.done, 1);
	weft_go(deadline_mover, &mover);
	for (int i = 0; timeouts < 1000 && i < 100000; i++) {
		if (i % 2)
			EXPECT_EQ(weft_write(c[1], "x", 1), 1);
		r = weft_read(c[0], buf, 8);
		EXPECT(r > 0 || r == -ETIMEDOUT);
		timeouts += r < 0;
	}
	weft_waitgroup_wait(&mover.done);
}

TEST(io_deadlines_of_many_connections_pass_in_order)
{
	enum { N = 50 };
	static weft_conn c[N][2];
	static struct op op[N];
	int64_t then = weft_now();

	for (int i = 0; i < N; i++) {
		pair(c[i]);
		weft_conn_set_read_deadline(c[i][0], then + (N - i) * WEFT_MS);
		op_start(&op[i], op_read, c[i][0]);
	}
	for (int i = 0; i < N; i++) {
		EXPECT_EQ(op_end(&op[i]), -ETIMEDOUT);
		EXPECT(weft_now() >= then + (N - i) * WEFT_MS);
	}
}

/* ---- Contexts ---------------------------------------------------------------------------- */

TEST(io_cancel_ends_a_wait_and_what_follows)
{
	weft_ctx *ctx = weft_ctx_with_cancel(weft_ctx_background());
	struct op op;
	weft_conn c[2];
	char buf[8];

	pair(c);
	EXPECT_EQ(weft_conn_set_ctx(c[0], ctx), 0);
	EXPECT_EQ(weft_write(c[0], "x", 1), 1);
	op_start(&op, op_read, c[0]);
	weft_ctx_cancel(ctx, 0);
	EXPECT_EQ(weft_write(c[0], "x", 1), -ECANCELED); // complete when cancel returns
	EXPECT_EQ(op_end(&op), -ECANCELED);
	EXPECT_EQ(weft_read(c[0], buf, 8), -ECANCELED);
	EXPECT_EQ(weft_conn_set_ctx(c[0], NULL), 0);
	EXPECT_EQ(weft_write(c[0], "x", 1), 1);
	EXPECT_EQ(weft_conn_set_ctx(c[0], ctx), 0); // cancelled already
	EXPECT_EQ(weft_write(c[0], "x", 1), -ECANCELED);
	EXPECT_EQ(weft_conn_close(c[0]), 0);
	weft_ctx_unref(ctx);
}

TEST(io_deadline_of_a_context_is_a_time_out)
{
	weft_ctx *ctx = weft_ctx_with_timeout(weft_ctx_background(), 5 * WEFT_MS);
	weft_conn c[2];
	char buf[8];

	pair(c);
	EXPECT_EQ(weft_conn_set_ctx(c[0], ctx), 0);
	weft_ctx_unref(ctx);
	EXPECT_EQ(weft_read(c[0], buf, 8), -ETIMEDOUT);
	EXPECT_EQ(weft_conn_close(c[0]), 0);
}

TEST(io_context_is_let_go_by_close)
{
	weft_ctx *ctx = weft_ctx_with_cancel(weft_ctx_background());
	weft_conn c[2];

	for (int i = 0; i < 100; i++) {
		pair(c);
		EXPECT_EQ(weft_conn_set_ctx(c[0], ctx), 0);
		EXPECT_EQ(weft_conn_set_ctx(c[0], ctx), 0);
		EXPECT_EQ(weft_conn_set_ctx(c[1], ctx), 0);
		EXPECT_EQ(weft_conn_close(c[0]), 0);
		EXPECT_EQ(weft_conn_close(c[1]), 0);
	}
	weft_ctx_cancel(ctx, 0);
	pair(c);
	EXPECT_EQ(weft_write(c[0], "x", 1), 1);
	weft_ctx_unref(ctx);
}

static void canceller(void *arg)
{
	weft_ctx_cancel(arg, 0);
}

TEST(io_cancel_races_with_close_and_read)
{
	int n = test_scaled(2000);
	struct op op;
	weft_conn c[2];

	for (int i = 0; i < n; i++) {
		weft_ctx *ctx = weft_ctx_with_cancel(weft_ctx_background());

		pair(c);
		EXPECT_EQ(weft_conn_set_ctx(c[0], ctx), 0);
		memset(&op, 0, sizeof op);
		op.c = c[0];
		weft_waitgroup_add(&op.done, 1);
		weft_go(op_read, &op);
		weft_go(canceller, weft_ctx_ref(ctx));
		if (i % 2)
			weft_yield();
		EXPECT_EQ(weft_conn_close(c[0]), 0);
		int64_t r = op_end(&op);
		EXPECT(r == -EBADF || r == -ECANCELED);
		EXPECT_EQ(weft_conn_close(c[1]), 0);
		while (!weft_ctx_err(ctx))
			weft_yield();
		weft_ctx_unref(ctx);
		weft_ctx_unref(ctx);
	}
}
