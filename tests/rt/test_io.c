/* SPDX-License-Identifier: MIT */
/* Reading, writing, and waiting until it is ready. */
#define _GNU_SOURCE
#include "conns.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/eventfd.h>

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
