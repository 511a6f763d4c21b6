/* SPDX-License-Identifier: MIT */
#define _GNU_SOURCE
#include "../test.h"

#include <dirent.h>
#include <string.h>
#include <time.h>

typedef weft_chan_of(int) int_chan;

static void count_up(void *arg)
{
	__atomic_fetch_add((int *)arg, 1, __ATOMIC_RELAXED);
}

TEST(every_spawned_goroutine_runs_once)
{
	int n = 0, want = test_scaled(20000);

	for (int i = 0; i < want; i++)
		weft_go(count_up, &n);
	while (weft_count() > 1)
		weft_yield();
	EXPECT_EQ(__atomic_load_n(&n, __ATOMIC_RELAXED), want);
}

TEST(ids_grow_from_one)
{
	static int n; // counted up when the test has returned

	EXPECT_EQ(weft_id(), 1);
	EXPECT_EQ(weft_go(count_up, &n), 2);
	EXPECT_EQ(weft_go(count_up, &n), 3);
}

static void spawn_tree(void *arg)
{
	int_chan c = {((void **)arg)[0]};
	int depth = (int)(intptr_t)((void **)arg)[1], sum = 1, v;

	free(arg);
	if (depth > 0) {
		int_chan below = weft_make(int_chan, 0);

		for (int i = 0; i < 4; i++) {
			void **sub = malloc(2 * sizeof *sub);

			sub[0] = below.chan;
			sub[1] = (void *)(intptr_t)(depth - 1);
			weft_go(spawn_tree, sub);
		}
		for (int i = 0; i < 4; i++) {
			EXPECT(weft_recv(below, &v));
			sum += v;
		}
		weft_chan_unref(below.chan);
	}
	weft_send(c, sum);
}

TEST(a_tree_of_goroutines_adds_up)
{
	int_chan c = weft_make(int_chan, 0);
	void **arg = malloc(2 * sizeof *arg);
	int depth = 1, want = 1, v;

	arg[0] = c.chan;
	while ((want = 4 * want + 1) < test_scaled(5461))
		depth++;
	arg[1] = (void *)(intptr_t)depth;
	weft_go(spawn_tree, arg);
	EXPECT(weft_recv(c, &v));
	EXPECT_EQ(v, want);
}

static void send_seven(void *arg)
{
	int_chan c = {arg};

	weft_send(c, 7);
}

TEST(a_poller_that_yields_does_not_starve_a_sender)
{
	int_chan c = weft_make(int_chan, 0);
	int v = 0;

	weft_go(send_seven, c.chan);
	while (weft_select(weft_on_recv(c.chan, &v), weft_on_default()) == 1)
		weft_yield();
	EXPECT_EQ(v, 7);
}

TEST(a_poller_that_never_yields_does_not_starve_a_sender)
{
	int_chan c = weft_make(int_chan, 0);
	int v = 0;

	weft_go(send_seven, c.chan);
	while (weft_select(weft_on_recv(c.chan, &v), weft_on_default()) == 1)
		;
	EXPECT_EQ(v, 7);
}

static void send_after_a_system_call(void *arg)
{
	int_chan c = {arg};

	usleep(30000);
	weft_send(c, 1);
}

TEST(a_poller_lets_in_who_comes_back_from_a_system_call)
{
	int_chan c = weft_make(int_chan, 0);
	int v;

	weft_go(send_after_a_system_call, c.chan);
	while (!weft_chan_try_recv(c.chan, &v, NULL))
		;
}

TEST(a_goroutine_that_locks_and_unlocks_for_ever_does_not_starve_the_rest)
{
	weft_mutex mu = {0};
	int n = 0;

	weft_go(count_up, &n);
	while (!__atomic_load_n(&n, __ATOMIC_RELAXED)) {
		weft_mutex_lock(&mu);
		weft_mutex_unlock(&mu);
	}
}

static void ping(void *arg)
{
	int_chan *c = arg;
	int v;

	for (;;) {
		if (!weft_recv(c[0], &v))
			return;
		weft_send(c[1], v);
	}
}

static void pong(void *arg)
{
	int_chan *c = arg;
	int v = 0;

	for (;;) {
		weft_send(c[0], v);
		if (!weft_recv(c[1], &v))
			return;
	}
}

TEST(a_pair_that_wake_each_other_does_not_starve_the_rest)
{
	static int_chan c[2]; // used on when the test returns

	c[0] = weft_make(int_chan, 0);
	c[1] = weft_make(int_chan, 0);
	weft_go(ping, c);
	weft_go(pong, c);
	for (int i = 0; i < 1000; i++)
		weft_yield();
}

static void busy(void *arg)
{
	while (!__atomic_load_n((int *)arg, __ATOMIC_RELAXED))
		;
}

TEST(a_goroutine_that_computes_for_ever_stops_nobody)
{
	static int_chan c[2]; // used on when the test returns
	int stop = 0;

	c[0] = weft_make(int_chan, 0);
	c[1] = weft_make(int_chan, 0);
	for (int i = 0; i < 8; i++)
		weft_go(busy, &stop);
	weft_go(ping, c);
	for (int i = 0; i < 10; i++) {
		int v = -1;

		weft_send(c[0], i);
		EXPECT(weft_recv(c[1], &v));
		EXPECT_EQ(v, i);
		weft_sleep(WEFT_MS);
	}
	__atomic_store_n(&stop, 1, __ATOMIC_RELAXED);
	while (weft_count() > 2)
		weft_yield();
}

static void blocking_read(void *arg)
{
	int *fds = arg;
	char c;

	EXPECT_EQ(read(fds[0], &c, 1), 1);
	EXPECT_EQ(c, 'x');
	__atomic_store_n(&fds[0], -1, __ATOMIC_RELEASE);
}

TEST(blocking_reads_stop_nobody)
{
	int fds[10][2], n = 0;

	for (int i = 0; i < 10; i++) {
		EXPECT_EQ(pipe(fds[i]), 0);
		weft_go(blocking_read, fds[i]);
	}
	weft_sleep(WEFT_MS);
	weft_go(count_up, &n);
	while (!__atomic_load_n(&n, __ATOMIC_RELAXED))
		weft_yield();
	for (int i = 0; i < 10; i++)
		EXPECT_EQ(write(fds[i][1], "x", 1), 1);
	while (weft_count() > 1)
		weft_sleep(WEFT_MS);
	for (int i = 0; i < 10; i++)
		EXPECT_EQ(__atomic_load_n(&fds[i][0], __ATOMIC_ACQUIRE), -1);
}

/* In and out of the runtime at random moments, while the monitor takes workers back. */
static void compute_and_yield(void *arg)
{
	struct timespec slice = {0, 11 * 1000000};
	unsigned seed = (unsigned)weft_id();

	for (int i = 0; i < 10; i++) {
		int64_t until = test_now() + rand_r(&seed) % 12000000;

		if (i == 5)
			nanosleep(&slice, NULL);
		while (test_now() < until)
			;
		weft_yield();
	}
	weft_waitgroup_done(arg);
}

TEST(goroutines_come_back_after_their_worker_was_taken)
{
	weft_waitgroup wg = {0};

	weft_waitgroup_add(&wg, 6);
	for (int i = 0; i < 6; i++)
		weft_go(compute_and_yield, &wg);
	weft_waitgroup_wait(&wg);
}

static void exit_early(void *arg)
{
	count_up(arg);
	weft_exit();
	count_up(arg);
}

TEST(weft_exit_ends_only_the_caller)
{
	int n = 0;

	weft_go(exit_early, &n);
	while (weft_count() > 1)
		weft_yield();
	EXPECT_EQ(__atomic_load_n(&n, __ATOMIC_RELAXED), 1);
}

static int recurse(int depth)
{
	volatile char pad[1024];

	pad[0] = (char)depth;
	return depth ? recurse(depth - 1) + pad[0] % 1 : 0;
}

static void deep(void *arg)
{
	recurse(200);
	count_up(arg);
}

TEST(a_goroutine_gets_the_stack_it_asks_for)
{
	int n = 0;

	for (int i = 0; i < 50; i++)
		weft_go_with(deep, &n, .name = "deep", .stack = 512 << 10);
	while (weft_count() > 1)
		weft_yield();
	EXPECT_EQ(__atomic_load_n(&n, __ATOMIC_RELAXED), 50);
}

static void park_for_ever(void *arg)
{
	int_chan c = {arg};
	int v;

	weft_recv(c, &v);
}

/* How many threads this process has; none of them may be a tracer's. */
static int threads(void)
{
	DIR *d = opendir("/proc/self/task");
	struct dirent *e;
	int n = 0;

	while ((e = readdir(d))) {
		char path[300], name[64] = "";
		FILE *f;

		if (e->d_name[0] == '.')
			continue;
		snprintf(path, sizeof path, "/proc/self/task/%s/comm", e->d_name);
		f = fopen(path, "r");
		if (f && fgets(name, sizeof name, f))
			EXPECT(!strstr(name, "-ust"));
		if (f)
			fclose(f);
		n++;
	}
	closedir(d);
	return n;
}

TEST(threads_do_not_grow_with_goroutines_and_none_traces)
{
	int_chan c = weft_make(int_chan, 0);

	for (int i = 0; i < (getenv("TEST_SCALE") ? 200 : 1000); i++)
		weft_go(park_for_ever, c.chan);
	weft_sleep(WEFT_MS);
	EXPECT(threads() < 50);
	weft_close(c);
	while (weft_count() > 1)
		weft_yield();
}

TEST(a_hundred_thousand_goroutines_park_and_go_on)
{
	// More than a worker's ring has room for.  (With a million tests/million does the same.)
	int n = getenv("TEST_SCALE") ? 1500 : test_workers() == 2 ? 100000 : 10000;
	int_chan c = weft_make(int_chan, 0);

	for (int i = 0; i < n; i++)
		weft_go_with(park_for_ever, c.chan, .stack = 16 << 10);
	EXPECT_EQ(weft_count(), (size_t)n + 1);
	for (int i = 0; i < n; i++)
		weft_send(c, i);
	while (weft_count() > 1)
		weft_yield();
}

static void count_one(void *arg)
{
	__atomic_fetch_add((int *)arg, 1, __ATOMIC_RELAXED);
}

/* Most of them are in the global queue, at which a worker looks now and then as long as it has
 * something else to run: then it takes many. */
TEST(who_yields_until_many_have_run_does_not_go_round_for_each)
{
	int n = test_scaled(20000), ran = 0, yields = 0;

	weft_procs(1);
	for (int i = 0; i < n; i++)
		weft_go(count_one, &ran);
	for (; __atomic_load_n(&ran, __ATOMIC_RELAXED) < n; yields++)
		weft_yield();
	EXPECT(yields < n);
	weft_procs(test_workers());
}

struct meeting {
	int here;
	weft_waitgroup wg;
};

static void quick(void *arg)
{
	weft_waitgroup_done(&((struct meeting *)arg)->wg);
}

static void meet(void *arg)
{
	struct meeting *m = arg;

	__atomic_fetch_add(&m->here, 1, __ATOMIC_RELAXED);
	while (__atomic_load_n(&m->here, __ATOMIC_RELAXED) % 2)
		;
	weft_waitgroup_done(&m->wg);
}

/* While many are quick another worker leaves them alone, and its thread naps.  Then two of them
 * need two threads. */
TEST(after_many_that_are_quick_two_that_compute_meet)
{
	struct meeting m = {0};

	for (int i = 0; i < 10; i++) {
		for (int k = 0; k < test_scaled(20000); k++) {
			weft_waitgroup_add(&m.wg, 1);
			weft_go(quick, &m);
			if (k % 1000 == 999)
				weft_waitgroup_wait(&m.wg);
		}
		weft_waitgroup_wait(&m.wg);
		weft_waitgroup_add(&m.wg, 2);
		weft_go(meet, &m);
		weft_go(meet, &m);
		weft_waitgroup_wait(&m.wg);
	}
	EXPECT_EQ(m.here, 20);
}
