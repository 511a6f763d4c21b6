/* SPDX-License-Identifier: MIT */
#define _GNU_SOURCE
#include "../test.h"

#include <errno.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>

typedef weft_chan_of(int) int_chan;

TEST(a_signal_is_received_from_a_channel)
{
	int_chan c = weft_make(int_chan, 1);
	int sig;

	EXPECT_EQ(weft_signal_notify(c.chan, SIGUSR1, SIGUSR2), 0);
	for (int i = 0; i < 20; i++) {
		kill(getpid(), i % 2 ? SIGUSR1 : SIGUSR2);
		EXPECT(weft_recv(c, &sig));
		EXPECT_EQ(sig, i % 2 ? SIGUSR1 : SIGUSR2);
	}
	weft_signal_stop(c.chan);
	weft_chan_unref(c.chan);
}

static void wait_for_one(void *arg)
{
	int_chan c = {arg};
	int sig;

	EXPECT(weft_recv(c, &sig));
	EXPECT_EQ(sig, SIGUSR1);
}

TEST(a_signal_wakes_a_goroutine_that_waits_for_an_unbuffered_channel)
{
	int_chan c = weft_make(int_chan, 0);

	EXPECT_EQ(weft_signal_notify(c.chan, SIGUSR1), 0);
	weft_go(wait_for_one, c.chan);
	while (weft_count() > 1) { // until the goroutine waits it is dropped
		kill(getpid(), SIGUSR1);
		weft_sleep(WEFT_MS);
	}
}

static void compute(void *arg)
{
	while (!__atomic_load_n((int *)arg, __ATOMIC_RELAXED))
		;
}

TEST(a_signal_comes_through_while_every_worker_computes)
{
	int_chan c = weft_make(int_chan, 1);
	int stop = 0, sig;

	EXPECT_EQ(weft_signal_notify(c.chan, SIGUSR1), 0);
	for (int i = 0; i < test_workers(); i++)
		weft_go(compute, &stop);
	kill(getpid(), SIGUSR1);
	EXPECT(weft_recv(c, &sig));
	__atomic_store_n(&stop, 1, __ATOMIC_RELAXED);
	while (weft_count() > 1)
		weft_yield();
}

TEST(every_channel_that_is_notified_gets_a_signal)
{
	int_chan a = weft_make(int_chan, 1), b = weft_make(int_chan, 1);
	int sig;

	EXPECT_EQ(weft_signal_notify(a.chan, SIGUSR1), 0);
	EXPECT_EQ(weft_signal_notify(b.chan, SIGUSR2), 0);
	EXPECT_EQ(weft_signal_notify(b.chan, SIGUSR1), 0); // of this one too
	for (int i = 0; i < 5; i++) {
		kill(getpid(), SIGUSR1);
		EXPECT(weft_recv(a, &sig));
		EXPECT(weft_recv(b, &sig));
	}
	kill(getpid(), SIGUSR2);
	EXPECT(weft_recv(b, &sig));
	EXPECT_EQ(sig, SIGUSR2);
	EXPECT(!weft_chan_try_recv(a.chan, &sig, NULL));
}

TEST(a_signal_that_finds_no_room_is_dropped)
{
	int_chan full = weft_make(int_chan, 1), c = weft_make(int_chan, 1);
	int sig;

	EXPECT_EQ(weft_signal_notify(full.chan, SIGUSR1), 0);
	EXPECT_EQ(weft_signal_notify(c.chan, SIGUSR1, SIGUSR2), 0);
	for (int i = 0; i < 3; i++) {
		kill(getpid(), SIGUSR1);
		EXPECT(weft_recv(c, &sig));
	}
	kill(getpid(), SIGUSR2); // it comes after what the others bring about
	EXPECT(weft_recv(c, &sig));
	EXPECT_EQ(weft_chan_len(full.chan), 1);
}

TEST(a_select_takes_a_signal)
{
	int_chan c = weft_make(int_chan, 1), never = weft_make(int_chan, 0);
	int sig, v;

	EXPECT_EQ(weft_signal_notify(c.chan, SIGUSR1), 0);
	for (int i = 0; i < 5; i++) {
		kill(getpid(), SIGUSR1);
		EXPECT_EQ(weft_select(weft_on_recv(never.chan, &v), weft_on_recv(c.chan, &sig)), 1);
	}
}

static int handled;

static void handler(int sig)
{
	__atomic_fetch_add(&handled, sig == SIGUSR1, __ATOMIC_RELAXED);
}

/* Own handlers run on the thread that raises. */
TEST(stop_brings_back_the_handler_that_was_there)
{
	struct sigaction sa = {.sa_handler = handler}, now;
	int_chan a = weft_make(int_chan, 1), b = weft_make(int_chan, 1);
	int sig;

	sigaction(SIGUSR1, &sa, NULL);
	EXPECT_EQ(weft_signal_notify(a.chan, SIGUSR1), 0);
	EXPECT_EQ(weft_signal_notify(b.chan, SIGUSR1), 0);
	weft_signal_stop(a.chan);
	raise(SIGUSR1);
	EXPECT(weft_recv(b, &sig));
	EXPECT_EQ(weft_chan_len(a.chan), 0);
	EXPECT_EQ(__atomic_load_n(&handled, __ATOMIC_RELAXED), 0);
	weft_signal_stop(b.chan);
	weft_signal_stop(b.chan);
	sigaction(SIGUSR1, NULL, &now);
	EXPECT(now.sa_handler == handler);
	raise(SIGUSR1);
	EXPECT_EQ(__atomic_load_n(&handled, __ATOMIC_RELAXED), 1);
}

/* Whatever the moment of the stop, a signal goes to the channel or to the handler. */
TEST(a_signal_at_the_time_of_a_stop_is_not_lost)
{
	struct sigaction sa = {.sa_handler = handler};
	int_chan c = weft_make(int_chan, 1);
	int received = 0, n = test_scaled(300);

	sigaction(SIGUSR1, &sa, NULL);
	for (int i = 1; i <= n; i++) {
		EXPECT_EQ(weft_signal_notify(c.chan, SIGUSR1), 0);
		kill(getpid(), SIGUSR1);
		weft_signal_stop(c.chan);
		received += weft_chan_try_recv(c.chan, NULL, NULL);
		while (received + __atomic_load_n(&handled, __ATOMIC_RELAXED) < i)
			weft_yield();
	}
	EXPECT_EQ(received + __atomic_load_n(&handled, __ATOMIC_RELAXED), n);
	EXPECT_EQ(weft_chan_len(c.chan), 0);
}

TEST(ignored_signals_do_nothing_until_they_are_reset)
{
	struct sigaction sa = {.sa_handler = handler};
	int_chan c = weft_make(int_chan, 1);

	sigaction(SIGUSR1, &sa, NULL);
	EXPECT_EQ(weft_signal_notify(c.chan, SIGUSR1), 0);
	EXPECT_EQ(weft_signal_ignore(SIGUSR1), 0);
	raise(SIGUSR1);
	EXPECT_EQ(weft_signal_reset(SIGUSR1), 0);
	EXPECT_EQ(__atomic_load_n(&handled, __ATOMIC_RELAXED), 0);
	raise(SIGUSR1);
	EXPECT_EQ(__atomic_load_n(&handled, __ATOMIC_RELAXED), 1);
	EXPECT_EQ(weft_chan_len(c.chan), 0);
}

TEST(signals_that_cannot_be_caught_are_refused)
{
	int_chan c = weft_make(int_chan, 1);

	EXPECT_EQ(weft_signal_notify(c.chan, SIGKILL), -EINVAL);
	EXPECT_EQ(weft_signal_notify(c.chan, SIGSTOP), -EINVAL);
	EXPECT_EQ(weft_signal_notify(c.chan, SIGUSR1, SIGSEGV), -EINVAL);
	EXPECT_EQ(weft_signal_notify(c.chan, SIGFPE), -EINVAL);
	EXPECT_EQ(weft_signal_notify(c.chan, 0), -EINVAL);
	EXPECT_EQ(weft_signal_notify(c.chan, -1), -EINVAL);
	EXPECT_EQ(weft_signal_notify(c.chan, 32), -EINVAL);
	EXPECT_EQ(weft_signal_notify(c.chan, 65), -EINVAL);
	EXPECT_EQ(weft_signal_notify(c.chan, INT32_MAX), -EINVAL);
	EXPECT_EQ(weft_signal_notify_at(c.chan, NULL, 0, WEFT_HERE), -EINVAL);
	EXPECT_EQ(weft_signal_ignore(SIGKILL), -EINVAL);
	EXPECT_EQ(weft_signal_reset(SIGSTOP), -EINVAL);
	EXPECT_EQ(weft_signal_notify(c.chan, SIGRTMIN, SIGRTMAX), 0);
}

static bool restored(int sig)
{
	struct sigaction now;

	sigaction(sig, NULL, &now);
	return now.sa_handler == SIG_DFL || now.sa_handler == handler;
}

TEST(a_context_is_cancelled_by_a_signal)
{
	weft_ctx *ctx = weft_ctx_with_signals(weft_ctx_background(), SIGTERM, SIGUSR1);
	weft_ctx *child = weft_ctx_with_cancel(ctx);

	EXPECT_EQ(weft_ctx_err(ctx), 0);
	kill(getpid(), SIGUSR1);
	weft_chan_recv(weft_ctx_done(child), NULL);
	EXPECT_EQ(weft_ctx_err(child), ECANCELED);
	EXPECT_EQ(weft_ctx_cause(child), SIGUSR1);
	while (!restored(SIGUSR1) || !restored(SIGTERM))
		weft_yield();
	weft_ctx_unref(child);
	weft_ctx_unref(ctx);
	while (weft_count() > 1)
		weft_yield();
}

TEST(a_context_that_was_cancelled_hears_no_signals)
{
	for (int i = 0; i < 20; i++) {
		weft_ctx *ctx = weft_ctx_with_signals(weft_ctx_background(), SIGUSR1);

		EXPECT(!restored(SIGUSR1));
		EXPECT(weft_ctx_cancel(ctx, 7));
		while (!restored(SIGUSR1))
			weft_yield();
		EXPECT_EQ(weft_ctx_cause(ctx), 7);
		weft_ctx_unref(ctx);
	}
}

TEST(contexts_that_signals_cancel_many_times_are_freed)
{
	weft_ctx *dead = weft_ctx_with_cancel(weft_ctx_background()), *ctx;
	struct sigaction sa = {.sa_handler = handler};

	sigaction(SIGUSR1, &sa, NULL); // for those that come when the context was cancelled
	weft_ctx_cancel(dead, 0);
	ctx = weft_ctx_with_signals(dead, SIGUSR1);
	EXPECT_EQ(weft_ctx_err(ctx), ECANCELED);
	weft_ctx_unref(ctx);
	for (int i = 0; i < test_scaled(200); i++) {
		ctx = weft_ctx_with_signals(weft_ctx_background(), SIGUSR1);
		kill(getpid(), SIGUSR1);
		if (i % 2)
			weft_ctx_cancel(ctx, 0);
		weft_chan_recv(weft_ctx_done(ctx), NULL);
		while (!restored(SIGUSR1))
			weft_yield();
		weft_ctx_unref(ctx);
	}
	while (weft_count() > 1)
		weft_yield();
}

/* ---- Signals that come between one goroutine and the next ------------------------------- */

struct sender {
	pthread_t to;
	int stop; /* atomic */
	int sent;
};

static void *send_one_after_the_other(void *arg)
{
	struct sender *s = arg;

	while (!__atomic_load_n(&s->stop, __ATOMIC_RELAXED)) {
		pthread_kill(s->to, SIGUSR1);
		s->sent++;
		while (__atomic_load_n(&handled, __ATOMIC_RELAXED) < s->sent)
			sched_yield();
	}
	return NULL;
}

static void wait_for_ever(void *arg)
{
	weft_chan_recv(arg, NULL);
}

/* None may be kept for a goroutine that does not run again. */
TEST(a_signal_that_comes_at_a_switch_is_not_kept)
{
	struct sigaction sa = {.sa_handler = handler, .sa_flags = SA_RESTART};
	struct sender s = {.to = pthread_self()};
	int_chan never = weft_make(int_chan, 0);
	pthread_t thread;

	sigaction(SIGUSR1, &sa, NULL);
	EXPECT_EQ(pthread_create(&thread, NULL, send_one_after_the_other, &s), 0);
	for (int i = 0; i < test_scaled(2000); i++) {
		weft_go(wait_for_ever, never.chan);
		weft_yield();
	}
	__atomic_store_n(&s.stop, 1, __ATOMIC_RELAXED);
	pthread_join(thread, NULL);
	EXPECT_EQ(__atomic_load_n(&handled, __ATOMIC_RELAXED), s.sent);
	weft_chan_close(never.chan);
}
