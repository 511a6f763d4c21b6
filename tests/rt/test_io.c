/* SPDX-License-Identifier: MIT */
/* Reading, writing, waiting, deadlines, contexts and closing. */
#define _GNU_SOURCE
#include "../test.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/socket.h>

static void pair(weft_conn c[2])
{
	int fd[2];

	EXPECT(socketpair(AF_UNIX, SOCK_STREAM, 0, fd) == 0);
	c[0] = weft_conn_open(fd[0]);
	c[1] = weft_conn_open(fd[1]);
	EXPECT(c[0] > 0 && c[1] > 0);
}

/* Two ends of a TCP connection. */
static void tcp_pair(weft_conn c[2])
{
	weft_conn l = weft_listen("127.0.0.1:0");
	char addr[64];

	EXPECT(l > 0);
	EXPECT_EQ(weft_conn_local_addr(l, addr, sizeof addr), 0);
	c[0] = weft_connect(addr);
	EXPECT(c[0] > 0);
	c[1] = weft_accept(l);
	EXPECT(c[1] > 0);
	EXPECT_EQ(weft_conn_close(l), 0);
}

/* One operation in a goroutine of its own. */
struct op {
	weft_conn c;
	char buf[16];
	_Atomic int64_t result;
	_Atomic bool begun;
	weft_waitgroup done;
};

static void op_read(void *arg)
{
	struct op *op = arg;

	op->begun = true;
	op->result = weft_read(op->c, op->buf, sizeof op->buf);
	weft_waitgroup_done(&op->done);
}

static void op_accept(void *arg)
{
	struct op *op = arg;

	op->begun = true;
	op->result = weft_accept(op->c);
	weft_waitgroup_done(&op->done);
}

/* More than any socket buffers. */
static void op_write(void *arg)
{
	static char much[64 << 20]; // never touched: costs no memory
	struct op *op = arg;

	op->begun = true;
	op->result = weft_write(op->c, much, sizeof much);
	weft_waitgroup_done(&op->done);
}

static void op_wait(void *arg)
{
	struct op *op = arg;

	op->begun = true;
	op->result = weft_wait(op->c, WEFT_READABLE);
	weft_waitgroup_done(&op->done);
}

static void op_start(struct op *op, void (*fn)(void *), weft_conn c)
{
	memset(op, 0, sizeof *op);
	op->c = c;
	weft_waitgroup_add(&op->done, 1);
	weft_go(fn, op);
	while (!op->begun)
		weft_yield();
	/* Mostly it waits by now; if not, the result is the same. */
	for (int i = 0; i < 20; i++)
		weft_yield();
}

static int64_t op_end(struct op *op)
{
	weft_waitgroup_wait(&op->done);
	return op->result;
}

TEST(io_bytes_written_are_read)
{
	weft_conn c[2];
	char buf[8];

	for (int tcp = 0; tcp < 2; tcp++) {
		(tcp ? tcp_pair : pair)(c);
		EXPECT_EQ(weft_write(c[0], "hello", 5), 5);
		EXPECT_EQ(weft_read(c[1], buf, sizeof buf), 5);
		EXPECT(!memcmp(buf, "hello", 5));
		EXPECT_EQ(weft_write(c[1], "x", 1), 1);
		EXPECT_EQ(weft_read(c[0], buf, 1), 1);
		EXPECT_EQ(weft_conn_close(c[0]), 0);
		EXPECT_EQ(weft_read(c[1], buf, sizeof buf), 0);
		EXPECT_EQ(weft_read(c[1], buf, sizeof buf), 0);
		EXPECT_EQ(weft_conn_close(c[1]), 0);
	}
}

TEST(io_read_of_nothing_is_nothing)
{
	weft_conn c[2];

	pair(c);
	EXPECT_EQ(weft_read(c[0], NULL, 0), 0);
	EXPECT_EQ(weft_read_full(c[0], NULL, 0), 0);
	EXPECT_EQ(weft_write(c[0], NULL, 0), 0);
	EXPECT_EQ(weft_write(c[0], "x", 1), 1);
	EXPECT_EQ(weft_read(c[1], NULL, 1), -EFAULT);
}

TEST(io_read_waits_for_a_write)
{
	weft_conn c[2];
	struct op op;

	for (int tcp = 0; tcp < 2; tcp++) {
		(tcp ? tcp_pair : pair)(c);
		op_start(&op, op_read, c[0]);
		EXPECT_EQ(weft_write(c[1], "abc", 3), 3);
		EXPECT_EQ(op_end(&op), 3);
		op_start(&op, op_read, c[0]);
		EXPECT_EQ(weft_conn_close(c[1]), 0);
		EXPECT_EQ(op_end(&op), 0);
	}
}

/* A short read of a TCP connection is taken to have emptied it: nothing that comes is missed. */
TEST(io_read_in_small_pieces_gets_all)
{
	enum { N = 20000 };
	int n = test_scaled(N);
	weft_conn c[2];
	char buf[7];
	int64_t r;

	tcp_pair(c);
	for (int i = 0; i < n; i++) {
		int left = 1 + i % 16;

		EXPECT_EQ(weft_write(c[1], "0123456789abcdef", (size_t)left), left);
		for (; left > 0; left -= (int)r) {
			r = weft_read(c[0], buf, sizeof buf);
			EXPECT(r > 0);
		}
	}
	EXPECT_EQ(weft_conn_close(c[1]), 0);
	EXPECT_EQ(weft_read(c[0], buf, sizeof buf), 0);
}

TEST(io_read_full_reads_all_or_to_the_end)
{
	weft_conn c[2];
	char buf[8];

	pair(c);
	EXPECT_EQ(weft_write(c[0], "abcdefghij", 10), 10);
	EXPECT_EQ(weft_read_full(c[1], buf, 8), 8);
	EXPECT_EQ(weft_conn_close_write(c[0]), 0);
	EXPECT_EQ(weft_read_full(c[1], buf, 8), 2);
	EXPECT_EQ(weft_read_full(c[1], buf, 8), 0);
}

static void send_much(void *arg)
{
	enum { CHUNK = 1 << 20 };
	struct op *op = arg;
	uint32_t *buf = malloc(CHUNK);
	uint32_t x = 0;
	int chunks = test_scaled(64);

	for (int i = 0; i < chunks; i++) {
		for (int k = 0; k < CHUNK / 4; k++)
			buf[k] = x++;
		EXPECT_EQ(weft_write(op->c, buf, CHUNK), CHUNK);
	}
	EXPECT_EQ(weft_conn_close(op->c), 0);
	free(buf);
	weft_waitgroup_done(&op->done);
}

TEST(io_much_arrives_in_order)
{
	weft_conn c[2];
	struct op op;
	uint32_t buf[1000], x = 0;
	int64_t r;

	for (int tcp = 0; tcp < 2; tcp++, x = 0) {
		(tcp ? tcp_pair : pair)(c);
		memset(&op, 0, sizeof op);
		op.c = c[0];
		weft_waitgroup_add(&op.done, 1);
		weft_go(send_much, &op);
		while ((r = weft_read_full(c[1], buf, sizeof buf)) > 0)
			for (int i = 0; i < r / 4; i++)
				EXPECT_EQ(buf[i], x++);
		EXPECT_EQ(r, 0);
		EXPECT_EQ(x, (uint32_t)test_scaled(64) << 18);
		weft_waitgroup_wait(&op.done);
	}
}

TEST(io_half_close_leaves_the_other_direction)
{
	weft_conn c[2];
	char buf[8];

	tcp_pair(c);
	EXPECT_EQ(weft_conn_close_write(c[0]), 0);
	EXPECT_EQ(weft_read(c[1], buf, 8), 0);
	EXPECT_EQ(weft_write(c[0], "x", 1), -EPIPE);
	EXPECT_EQ(weft_write(c[1], "still", 5), 5);
	EXPECT_EQ(weft_read(c[0], buf, 8), 5);
	EXPECT_EQ(weft_conn_close_read(c[0]), 0);
	EXPECT_EQ(weft_read(c[0], buf, 8), 0);
}

TEST(io_write_to_a_closed_peer_is_no_signal)
{
	weft_conn c[2];
	int fd[2];

	pair(c);
	EXPECT_EQ(weft_conn_close(c[1]), 0);
	EXPECT_EQ(weft_write(c[0], "x", 1), -EPIPE);
	EXPECT(pipe(fd) == 0);
	close(fd[0]);
	c[0] = weft_conn_open(fd[1]);
	EXPECT_EQ(weft_write(c[0], "x", 1), -EPIPE);
	EXPECT_EQ(weft_conn_close(c[0]), 0);
}

TEST(io_reset_by_the_peer_is_an_error)
{
	struct linger now = {1, 0};
	weft_conn c[2];
	struct op op;
	char buf[8];

	tcp_pair(c);
	op_start(&op, op_read, c[0]);
	EXPECT(setsockopt(weft_conn_fd(c[1]), SOL_SOCKET, SO_LINGER, &now, sizeof now) == 0);
	EXPECT_EQ(weft_conn_close(c[1]), 0);
	EXPECT_EQ(op_end(&op), -ECONNRESET);
	EXPECT_EQ(weft_read(c[0], buf, 8), 0);
	EXPECT_EQ(weft_write(c[0], "x", 1), -EPIPE);
}

/* ---- Handles ----------------------------------------------------------------------------- */

TEST(io_stale_handle_is_no_other_connection)
{
	weft_conn c[2], d[2];
	char buf[8];

	pair(c);
	EXPECT_EQ(weft_conn_close(c[0]), 0);
	EXPECT_EQ(weft_conn_close(c[1]), 0);
	pair(d); // has the same descriptors
	EXPECT_EQ(weft_conn_fd(d[0]), (int)(uint32_t)c[0]);
	EXPECT_EQ(weft_read(c[0], buf, 8), -EBADF);
	EXPECT_EQ(weft_write(c[0], "x", 1), -EBADF);
	EXPECT_EQ(weft_conn_close(c[0]), -EBADF);
	EXPECT_EQ(weft_wait(c[0], WEFT_READABLE), -EBADF);
	EXPECT_EQ(weft_conn_set_deadline(c[0], 1), -EBADF);
	EXPECT_EQ(weft_conn_set_ctx(c[0], NULL), -EBADF);
	EXPECT_EQ(weft_accept(c[0]), -EBADF);
	EXPECT_EQ(weft_conn_fd(c[0]), -EBADF);
	EXPECT_EQ(weft_conn_name(c[0], "no"), -EBADF);
	EXPECT_EQ(weft_conn_close_write(c[0]), -EBADF);
	EXPECT_EQ(weft_conn_local_addr(c[0], buf, 8), -EBADF);
	EXPECT_EQ(weft_write(d[0], "x", 1), 1);
	EXPECT_EQ(weft_read(d[1], buf, 8), 1);
}

TEST(io_what_is_no_handle_is_refused)
{
	const weft_conn none[] = {0, 1, 5, -1, -EBADF, INT64_MAX, INT64_MIN, 1ll << 32 | 999999999};
	char buf[8];

	for (size_t i = 0; i < sizeof none / sizeof *none; i++) {
		EXPECT_EQ(weft_read(none[i], buf, 8), -EBADF);
		EXPECT_EQ(weft_conn_close(none[i]), -EBADF);
	}
	EXPECT_EQ(weft_conn_open(-1), -EBADF);
	EXPECT_EQ(weft_conn_open(12345), -EBADF);
}

TEST(io_descriptor_has_one_handle)
{
	weft_conn c[2];

	pair(c);
	EXPECT_EQ(weft_conn_open(weft_conn_fd(c[0])), -EEXIST);
	EXPECT_EQ(weft_write(c[0], "x", 1), 1);
}

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

/* ---- Other descriptors ------------------------------------------------------------------- */

TEST(io_pipe_is_read_and_written)
{
	weft_conn r, w;
	struct op op;
	int fd[2];

	EXPECT(pipe(fd) == 0);
	r = weft_conn_open(fd[0]);
	w = weft_conn_open(fd[1]);
	op_start(&op, op_read, r);
	EXPECT_EQ(weft_write(w, "abc", 3), 3);
	EXPECT_EQ(op_end(&op), 3);
	op_start(&op, op_read, r);
	EXPECT_EQ(weft_conn_close(w), 0);
	EXPECT_EQ(op_end(&op), 0);
}

TEST(io_regular_file_never_waits)
{
	char path[] = "/tmp/weft-io-XXXXXX", buf[8];
	int fd = mkstemp(path);
	weft_conn c = weft_conn_open(fd);

	unlink(path);
	EXPECT(c > 0);
	EXPECT_EQ(weft_write(c, "abc", 3), 3);
	EXPECT(lseek(fd, 0, SEEK_SET) == 0);
	EXPECT_EQ(weft_wait(c, WEFT_READABLE | WEFT_WRITABLE), WEFT_READABLE | WEFT_WRITABLE);
	EXPECT_EQ(weft_wait_fd(fd, WEFT_READABLE, -1), WEFT_READABLE);
	EXPECT_EQ(weft_read(c, buf, 8), 3);
	EXPECT_EQ(weft_read(c, buf, 8), 0);
	EXPECT_EQ(weft_conn_close(c), 0);
	EXPECT_EQ(write(fd, "x", 1), -1);
}

TEST(io_wait_tells_what_is_ready)
{
	weft_conn c[2];
	struct op op;

	pair(c);
	EXPECT_EQ(weft_wait(c[0], WEFT_WRITABLE), WEFT_WRITABLE);
	EXPECT_EQ(weft_wait(c[0], WEFT_WRITABLE | WEFT_READABLE), WEFT_WRITABLE);
	op_start(&op, op_wait, c[0]);
	EXPECT_EQ(weft_write(c[1], "x", 1), 1);
	EXPECT_EQ(op_end(&op), WEFT_READABLE);
	EXPECT_EQ(weft_wait(c[0], WEFT_READABLE), WEFT_READABLE); // by level
	weft_conn_set_read_deadline(c[1], weft_now() + WEFT_MS);
	EXPECT_EQ(weft_wait(c[1], WEFT_READABLE), -ETIMEDOUT);
}

struct fd_wait {
	int fd, events, result;
	int64_t ns;
	_Atomic bool begun;
	weft_waitgroup *done;
};

static void wait_for_fd(void *arg)
{
	struct fd_wait *w = arg;

	w->begun = true;
	w->result = weft_wait_fd(w->fd, w->events, w->ns);
	weft_waitgroup_done(w->done);
}

TEST(io_wait_fd_leaves_the_descriptor_as_it_is)
{
	int fd = eventfd(0, 0);
	uint64_t n;
	weft_waitgroup done = {0};
	struct fd_wait w[3];

	EXPECT_EQ(weft_wait_fd(fd, WEFT_READABLE, 0), -ETIMEDOUT);
	EXPECT_EQ(weft_wait_fd(fd, WEFT_READABLE, WEFT_MS), -ETIMEDOUT);
	EXPECT_EQ(weft_wait_fd(fd, WEFT_READABLE | WEFT_WRITABLE, -1), WEFT_WRITABLE);
	weft_waitgroup_add(&done, 3);
	for (int i = 0; i < 3; i++) { // any number may wait for one
		w[i] = (struct fd_wait){fd, WEFT_READABLE, 0, i ? -1 : 100 * WEFT_S, false, &done};
		weft_go(wait_for_fd, &w[i]);
		while (!w[i].begun)
			weft_yield();
	}
	for (int i = 0; i < 20; i++)
		weft_yield();
	EXPECT(write(fd, &(uint64_t){1}, 8) == 8);
	weft_waitgroup_wait(&done);
	for (int i = 0; i < 3; i++)
		EXPECT_EQ(w[i].result, WEFT_READABLE);
	EXPECT(read(fd, &n, 8) == 8);
	EXPECT(!(fcntl(fd, F_GETFL) & O_NONBLOCK));
	close(fd);
	EXPECT_EQ(weft_wait_fd(fd, WEFT_READABLE, -1), -EBADF);
	EXPECT_EQ(weft_wait_fd(-1, WEFT_READABLE, -1), -EBADF);
}

/* ---- The scheduler ----------------------------------------------------------------------- */

static _Atomic bool computing;

static void compute_for_ever(void *arg)
{
	volatile uint64_t x = 0;

	(void)arg;
	computing = true;
	for (;;)
		x++;
}

static void echo(void *arg)
{
	weft_conn c = (weft_conn)(intptr_t)arg;
	char buf[64];
	int64_t n;

	while ((n = weft_read(c, buf, sizeof buf)) > 0)
		if (weft_write(c, buf, (size_t)n) != n)
			break;
	weft_conn_close(c);
}

static void rounds(weft_conn c, int n)
{
	char buf[8];

	for (int i = 0; i < n; i++) {
		EXPECT_EQ(weft_write(c, "ping", 4), 4);
		EXPECT_EQ(weft_read_full(c, buf, 4), 4);
	}
}

TEST(io_goes_on_beside_goroutines_that_compute_for_ever)
{
	weft_conn c[2];

	tcp_pair(c);
	weft_go(echo, (void *)(intptr_t)c[1]);
	for (int i = 0; i < test_workers(); i++) {
		computing = false;
		weft_go(compute_for_ever, NULL);
		while (!computing)
			weft_yield();
	}
	rounds(c[0], 5);
}

static _Atomic bool spin;

static void yield_for_ever(void *arg)
{
	while (spin)
		weft_yield();
	weft_waitgroup_done(arg);
}

TEST(io_goes_on_beside_goroutines_that_are_always_runnable)
{
	weft_waitgroup done = {0};
	weft_conn c[2];

	tcp_pair(c);
	weft_go(echo, (void *)(intptr_t)c[1]);
	spin = true;
	weft_waitgroup_add(&done, 16);
	for (int i = 0; i < 16; i++)
		weft_go(yield_for_ever, &done);
	rounds(c[0], test_scaled(200));
	spin = false;
	weft_waitgroup_wait(&done);
}

static void tick(void *arg)
{
	weft_chan *c = arg;

	for (int i = 0; i < 20; i++) {
		weft_sleep(WEFT_MS);
		weft_chan_send(c, &i);
	}
	weft_chan_close(c);
}

TEST(io_does_not_delay_timers_nor_they_it)
{
	weft_chan *ticks = weft_chan_make(sizeof(int), 0);
	weft_conn c[2];
	int i;

	tcp_pair(c);
	weft_go(echo, (void *)(intptr_t)c[1]);
	weft_go(tick, ticks);
	while (weft_chan_recv(ticks, &i))
		rounds(c[0], 3);
}

static void ping(void *arg)
{
	struct op *op = arg;

	rounds(op->c, test_scaled(200));
	weft_conn_close(op->c);
	weft_waitgroup_done(&op->done);
}

TEST(io_many_connections_ping_and_pong)
{
	enum { N = 200 };
	static struct op op[N];
	int n = test_scaled(N);
	weft_conn c[2];

	for (int i = 0; i < n; i++) {
		(i % 2 ? tcp_pair : pair)(c);
		weft_go(echo, (void *)(intptr_t)c[1]);
		op[i].c = c[0];
		weft_waitgroup_add(&op[i].done, 1);
		weft_go(ping, &op[i]);
	}
	for (int i = 0; i < n; i++)
		weft_waitgroup_wait(&op[i].done);
	while (weft_count() > 1)
		weft_yield();
}

/* Several read one stream: each byte goes to one of them. */
static void reader(void *arg)
{
	struct op *op = arg;
	char buf[5];
	int64_t r;

	while ((r = weft_read(op->c, buf, sizeof buf)) > 0)
		op->result += r;
	EXPECT_EQ(r, 0);
	weft_waitgroup_done(&op->done);
}

TEST(io_readers_share_a_stream_without_loss)
{
	int n = test_scaled(3000), sent = 0;
	struct op op = {0};
	weft_conn c[2];

	tcp_pair(c);
	op.c = c[0];
	weft_waitgroup_add(&op.done, 4);
	for (int i = 0; i < 4; i++)
		weft_go(reader, &op);
	for (int i = 0; i < n; i++) {
		EXPECT_EQ(weft_write(c[1], "0123456789abcdefghijklmnopqrstu", 1 + i % 31),
			  1 + i % 31);
		sent += 1 + i % 31;
		if (i % 5 == 0)
			weft_yield();
	}
	/* All of it is read while the connection is open: no edge is missed. */
	while (op.result < sent)
		weft_yield();
	EXPECT_EQ(weft_conn_close(c[1]), 0);
	weft_waitgroup_wait(&op.done);
	EXPECT_EQ(op.result, sent);
}

/* The linker leads the runtime's calls of recv here (--wrap): what a thread does between a try that
 * finds nothing and the wait. */
static struct {
	_Atomic int in_vain;
	_Atomic bool armed;
	int fd; /* the other end */
	struct op *other;
} late;

ssize_t __real_recv(int fd, void *buf, size_t n, int flags);
ssize_t __wrap_recv(int fd, void *buf, size_t n, int flags);
ssize_t __wrap_recv(int fd, void *buf, size_t n, int flags)
{
	ssize_t r = __real_recv(fd, buf, n, flags);

	if (r < 0 && errno == EAGAIN && late.armed) {
		late.armed = false;
		EXPECT_EQ(send(late.fd, "ab", 2, 0), 2);
		for (int64_t end = test_now() + 20 * WEFT_S; !late.other->result;) {
			EXPECT(test_now() < end);
			usleep(100);
		}
		errno = EAGAIN;
	}
	if (r < 0)
		late.in_vain++;
	return r;
}

static void op_read_byte(void *arg)
{
	struct op *op = arg;

	op->begun = true;
	op->result = weft_read(op->c, op->buf, 1);
	weft_waitgroup_done(&op->done);
}

/* One edge for two bytes, of which who is woken by it takes one. */
TEST(io_edge_is_not_missed_by_who_is_late_to_wait)
{
	struct op first, second;
	weft_conn c[2];

	if (test_workers() == 1)
		weft_procs(2); // one is busy in recv
	pair(c);
	op_start(&first, op_read_byte, c[0]);
	weft_conn_set_read_deadline(c[0], weft_now() + 30 * WEFT_S);
	while (!late.in_vain)
		weft_yield();
	late.fd = weft_conn_fd(c[1]);
	late.other = &first;
	late.armed = true;
	op_start(&second, op_read_byte, c[0]);
	EXPECT_EQ(op_end(&first), 1);
	EXPECT_EQ(op_end(&second), 1);
	EXPECT_EQ(first.buf[0] + second.buf[0], 'a' + 'b');
	EXPECT(!late.armed);
}

/* The lowest number that is not in use. */
static int next_fd(void)
{
	int fd = dup(0);

	EXPECT(fd >= 0);
	close(fd);
	return fd;
}

/* The first handle needs three: of epoll, of what wakes it, and in weft_wait_fd of the file. */
TEST(io_without_descriptors_is_an_error_and_goes_on)
{
	struct rlimit old, few;
	int fd[2], first;

	EXPECT(pipe(fd) == 0);
	first = next_fd();
	EXPECT(getrlimit(RLIMIT_NOFILE, &old) == 0);
	for (int more = 0; more < 2; more++) {
		few = (struct rlimit){(rlim_t)(first + more), old.rlim_max};
		EXPECT(setrlimit(RLIMIT_NOFILE, &few) == 0);
		EXPECT_EQ(weft_conn_open(fd[0]), -EMFILE);
		EXPECT_EQ(weft_wait_fd(fd[0], WEFT_READABLE, -1), -EMFILE);
		EXPECT(setrlimit(RLIMIT_NOFILE, &old) == 0);
		EXPECT_EQ(next_fd(), first); // nothing is left open
	}
	EXPECT(weft_conn_open(fd[0]) > 0);
	EXPECT(weft_conn_open(fd[1]) > 0);
}

TEST(io_a_read_of_an_absurd_size_gets_what_is_there)
{
	const size_t most = (size_t)1 << 31; // emulators look whether there is as much
	weft_conn c[2];
	char *buf = mmap(NULL, most, PROT_READ | PROT_WRITE,
			 MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);

	EXPECT(buf != MAP_FAILED);
	for (int tcp = 0; tcp < 2; tcp++) {
		if (tcp)
			tcp_pair(c);
		else
			pair(c);
		EXPECT_EQ(weft_write(c[0], "abc", 3), 3);
		EXPECT_EQ(weft_read(c[1], buf, SIZE_MAX), 3);
		EXPECT_EQ(weft_write(c[0], "def", 3), 3);
		EXPECT_EQ(weft_conn_close(c[0]), 0);
		EXPECT_EQ(weft_read_full(c[1], buf, SIZE_MAX), 3);
		EXPECT_EQ(weft_conn_close(c[1]), 0);
	}
}
