/* SPDX-License-Identifier: MIT */
/* Connections beside all else that goroutines do. */
#define _GNU_SOURCE
#include "conns.h"

#include <errno.h>
#include <sys/mman.h>
#include <sys/resource.h>

static _Atomic bool computing;

static void compute_for_ever(void *arg)
{
	volatile uint64_t x = 0;

	(void)arg;
	computing = true;
	for (;;)
		x++;
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
