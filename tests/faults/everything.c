/* SPDX-License-Identifier: MIT */
/* A program that asks the runtime for everything that it may have to ask the system for, in a short
 * time.  Ends with status 0 and "all done". */
#include <errno.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <unistd.h>
#include <weft.h>

enum { MANY = 300, CASES = 20, TIMERS = 100 };

typedef weft_chan_of(int) ints;

static weft_waitgroup wg;
static ints c;
static int fds[2];

#define MUST(cond)                                                                                 \
	do {                                                                                       \
		if (!(cond)) {                                                                     \
			fprintf(stderr, "not so: %s\n", #cond);                                    \
			_exit(9);                                                                  \
		}                                                                                  \
	} while (0)

static void receive(void *arg)
{
	int v;

	(void)arg;
	weft_recv(c, &v);
	weft_waitgroup_done(&wg);
}

/* Enough for a second slab of stacks. */
static void spawn_many(void)
{
	c = weft_make(ints, 0);
	weft_waitgroup_add(&wg, MANY);
	for (int i = 0; i < MANY; i++)
		weft_go(receive, NULL);
	weft_go_with(receive, NULL, .name = "with a larger stack", .stack = 256 << 10);
	weft_waitgroup_add(&wg, 1);
	for (int i = 0; i <= MANY; i++)
		weft_send(c, i);
	weft_waitgroup_wait(&wg);
}

static void block(void *arg)
{
	char byte;

	(void)arg;
	MUST(read(fds[0], &byte, 1) == 1);
	weft_waitgroup_done(&wg);
}

/* Those that block lose their workers, for which threads are needed; without, they keep them until
 * the world outside lets them go. */
static void block_some(void)
{
	weft_waitgroup_add(&wg, 3);
	for (int i = 0; i < 3; i++)
		weft_go(block, NULL);
	weft_waitgroup_wait(&wg);
}

/* In another process. */
static void let_go(void)
{
	for (int i = 0; i < 3; i++) {
		usleep(30000);
		MUST(write(fds[1], "x", 1) == 1);
	}
	_exit(0);
}

static void select_many(void)
{
	weft_case cases[CASES];
	ints chans[CASES];
	int v;

	for (int i = 0; i < CASES; i++) {
		chans[i] = weft_make(ints, 1);
		cases[i] = weft_on_recv(chans[i].chan, &v);
	}
	weft_name(chans[7].chan, "the one that is ready");
	weft_send(chans[7], 7);
	MUST(weft_select_cases(cases, CASES) == 7);
	cases[0] = weft_on_timeout(1);
	MUST(weft_select_cases(cases, CASES) == 0);
	for (int i = 0; i < CASES; i++)
		weft_chan_unref(chans[i].chan);
}

static void done(void *arg)
{
	(void)arg;
	weft_waitgroup_done(&wg);
}

static void use_timers(void)
{
	weft_timer *ticker = weft_ticker_make(WEFT_MS), *timers[TIMERS];

	weft_waitgroup_add(&wg, TIMERS);
	for (int i = 0; i < TIMERS; i++)
		timers[i] = weft_after_func(i, done, NULL);
	weft_chan_recv(weft_timer_chan(ticker), NULL);
	weft_timer_unref(ticker);
	weft_waitgroup_wait(&wg);
	for (int i = 0; i < TIMERS; i++)
		weft_timer_unref(timers[i]);
}

static void use_contexts(void)
{
	static const char key;
	weft_ctx *top = weft_ctx_with_cancel(weft_ctx_background());
	weft_ctx *child = weft_ctx_with_value(top, &key, fds);
	weft_ctx *late = weft_ctx_with_timeout(child, WEFT_S);
	weft_ctx_func *f;

	weft_waitgroup_add(&wg, 1);
	f = weft_ctx_after_func(late, done, NULL);
	MUST(weft_ctx_value(late, &key) == fds);
	weft_ctx_cancel(top, 0);
	weft_chan_recv(weft_ctx_done(late), NULL);
	weft_waitgroup_wait(&wg);
	weft_ctx_stop(f);
	weft_ctx_unref(late);
	weft_ctx_unref(child);
	weft_ctx_unref(top);
}

static void name_and_mark(void)
{
	static weft_mutex mu;
	uint64_t task = weft_task_begin("everything");

	weft_name(&mu, "a mutex with a name");
	weft_mutex_lock(&mu);
	weft_log("test", "locked");
	weft_counter("locked", 1);
	weft_mutex_unlock(&mu);
	weft_task_end(task);
}

/* What the system refused is what the function returns, and nothing worse. */
static bool refused(int64_t r)
{
	MUST(r >= 0 || r == -EMFILE || r == -ENOSPC);
	return r < 0;
}

static void echo(void *arg)
{
	weft_conn c, listener = (weft_conn)(intptr_t)arg;
	char byte;

	c = weft_accept(listener);
	if (c == -EMFILE) // the connection is still in the queue; after -ENOSPC it is lost
		c = weft_accept(listener);
	if (c != -EBADF && !refused(c)) { // closed: nobody comes
		if (weft_read(c, &byte, 1) == 1)
			weft_write(c, &byte, 1);
		weft_conn_close(c);
	}
	weft_conn_close(listener);
	weft_waitgroup_done(&wg);
}

static void use_sockets(void)
{
	weft_conn listener = weft_listen("127.0.0.1:0"), c;
	char addr[64], byte = 'x';

	if (refused(listener))
		return;
	MUST(weft_conn_local_addr(listener, addr, sizeof addr) == 0);
	weft_waitgroup_add(&wg, 1);
	weft_go(echo, (void *)(intptr_t)listener);
	c = weft_connect(addr);
	/* The first two: echo has given up. */
	if (c == -ECONNREFUSED || c == -ECONNRESET || refused(c)) {
		weft_conn_close(listener);
	} else {
		weft_write(c, &byte, 1);
		weft_read(c, &byte, 1);
		weft_conn_close(c);
	}
	weft_waitgroup_wait(&wg);
}

/* fds[0] is empty. */
static void wait_for_descriptor(void)
{
	int64_t r = weft_wait_fd(fds[0], WEFT_READABLE, WEFT_MS);

	MUST(r == -ETIMEDOUT || refused(r));
}

static int app(void *arg)
{
	(void)arg;
	block_some();
	spawn_many();
	select_many();
	use_timers();
	use_contexts();
	name_and_mark();
	wait_for_descriptor();
	use_sockets();
	puts("all done");
	return 0;
}

int main(void)
{
	signal(SIGCHLD, SIG_IGN);
	MUST(pipe(fds) == 0);
	if (fork() == 0)
		let_go();
	return weft_run(app, NULL);
}
