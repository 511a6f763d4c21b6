/* SPDX-License-Identifier: MIT */
/* What takes cpu time, and system calls that take a worker: cpu WHAT
 *
 *     burn     goroutines three and one take cpu time 3:1, by the cpu clock; prints how many milliseconds
 *     handler  the same with a handler for SIGPROF
 *     later    with a handler that is set only then; prints how often that was called, once it is known of
 *     notify   with a channel for SIGPROF; prints how many came, and how many when it is sent one
 *     block    in a system call, and computing, while others want the worker
 *     crowd    thousands of goroutines in the run queues
 */
#define _GNU_SOURCE
#include <weft.h>

#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#define NOINLINE __attribute__((noinline, noclone))
#define STAY() __asm__ volatile("") /* after a call, or that is a jump */

static int64_t cpu_now(void)
{
	struct timespec t;

	clock_gettime(CLOCK_THREAD_CPUTIME_ID, &t);
	return t.tv_sec * WEFT_S + t.tv_nsec;
}

static volatile unsigned sink;

static NOINLINE void spin(void)
{
	for (unsigned i = 0; i < 20000; i++)
		sink = sink * 31 + i;
}

/* Until the goroutine, which stays on its thread meanwhile, has taken so much cpu time. */
static NOINLINE void burn(int64_t ns)
{
	int64_t until = cpu_now() + ns;

	while (cpu_now() < until)
		spin();
	STAY();
}

enum { ROUNDS = 60 };

/* Turns of one length, with the same time between two samples, may leave one of the two without any. */
static int64_t turn(int round)
{
	return WEFT_MS / 2 + WEFT_MS * round / ROUNDS;
}

static NOINLINE void burn_three(int round)
{
	burn(3 * turn(round));
	STAY();
}

static NOINLINE void burn_one(int round)
{
	burn(turn(round));
	STAY();
}

static void three(void *arg)
{
	for (int i = 0; i < ROUNDS; i++) {
		burn_three(i);
		weft_yield();
	}
	weft_waitgroup_done(arg);
}

static void one(void *arg)
{
	for (int i = 0; i < ROUNDS; i++) {
		burn_one(i);
		weft_yield();
	}
	weft_waitgroup_done(arg);
}

static void burn_both(void)
{
	weft_waitgroup wg = {0};

	weft_waitgroup_add(&wg, 2);
	weft_go(three, &wg);
	weft_go(one, &wg);
	weft_waitgroup_wait(&wg);
}

static bool over;

static void other(void *arg)
{
	(void)arg;
	while (!__atomic_load_n(&over, __ATOMIC_RELAXED))
		weft_yield();
}

static void in_a_call(void *arg)
{
	weft_go(other, NULL);
	nanosleep(&(struct timespec){0, 100 * WEFT_MS}, NULL);
	weft_yield();
	weft_waitgroup_done(arg);
}

static void computing(void *arg)
{
	int64_t until = cpu_now() + 60 * WEFT_MS;

	weft_go(other, NULL);
	while (cpu_now() < until)
		spin();
	weft_yield();
	weft_waitgroup_done(arg);
}

static void block(void)
{
	weft_waitgroup wg = {0};

	weft_waitgroup_add(&wg, 1);
	weft_go(in_a_call, &wg);
	weft_waitgroup_wait(&wg);
	weft_waitgroup_add(&wg, 1);
	weft_go(computing, &wg);
	weft_waitgroup_wait(&wg);
	__atomic_store_n(&over, true, __ATOMIC_RELAXED);
}

static void in_the_crowd(void *arg)
{
	uintptr_t i = (uintptr_t)arg;

	if (i % 16 == 0)
		weft_pin();
	for (int k = 0; k < 4; k++)
		weft_yield();
	if (i % 8 == 0)
		weft_sleep((int64_t)(i % 1000) * 10000);
	if (i % 500 == 0)
		usleep(20000);
	weft_yield();
	if (i % 16 == 0)
		weft_unpin();
}

/* Ways into, out of and between all queues; in the end all are empty. */
static void crowd(void)
{
	int workers = weft_procs(0);

	for (uintptr_t i = 0; i < 1500; i++)
		weft_go(in_the_crowd, (void *)i);
	for (int i = 0; workers > 1 && i < 40; i++) {
		weft_procs(1 + i % workers);
		weft_sleep(WEFT_MS);
	}
	weft_procs(workers);
	while (weft_count() > 1)
		weft_sleep(WEFT_MS);
	weft_sleep(50 * WEFT_MS);
	weft_name_goroutine("all quiet");
}

static volatile sig_atomic_t profs;

static void on_prof(int sig)
{
	(void)sig;
	profs++;
}

/* Something was said. */
static bool said(void)
{
	struct stat st;

	return fstat(STDERR_FILENO, &st) == 0 && st.st_size > 0;
}

static void later(void)
{
	burn_both();
	signal(SIGPROF, on_prof);
	for (int i = 0; i < 1000 && !said(); i++)
		weft_sleep(10 * WEFT_MS);
	profs = 0;
	burn_both();
	printf("%d\n", (int)profs);
}

static void notify(void)
{
	weft_chan *c = weft_chan_make(sizeof(int), 100);
	int sig;

	burn_both();
	weft_signal_notify(c, SIGPROF);
	burn_both();
	printf("%d ", (int)weft_chan_len(c));
	raise(SIGPROF);
	weft_chan_recv(c, &sig);
	weft_signal_reset(SIGPROF);
	printf("%d %d\n", sig == SIGPROF, signal(SIGPROF, SIG_IGN) == SIG_DFL);
}

static int app(void *arg)
{
	if (!strcmp(arg, "block"))
		block();
	else if (!strcmp(arg, "crowd"))
		crowd();
	else if (!strcmp(arg, "later"))
		later();
	else if (!strcmp(arg, "notify"))
		notify();
	else
		burn_both();
	return 0;
}

int main(int argc, char **argv)
{
	char *what = argc > 1 ? argv[1] : "burn";

	if (!strcmp(what, "handler"))
		signal(SIGPROF, on_prof);
	return weft_run(app, what);
}
