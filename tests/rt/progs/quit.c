/* SPDX-License-Identifier: MIT */
/* SIGQUIT: every goroutine with its stack, then the end.
 *
 * not under: thread
 * status: 2
 * says: weft: 4 goroutines, [128] workers, [0-9]+ threads, process [0-9]+$
 * says: goroutine 1 \(app\): (running|waiting)
 * says: goroutine 2 \(receiver\): waiting in chan receive at .*quit.c:2[0-9] for
 * says: for channel "jobs" \(0 of 0 buffered\)
 * says: goroutine 3 \(spinner\): running( without a worker)?$
 * says: ^    on thread [0-9]+$
 * says: goroutine 4 \(mute\): running( without a worker)?$
 * says: ^    on thread [0-9]+, which does not answer$
 * says: ^ +/[^ ]+/quit\+0x[0-9a-f]+$
 * says: weft: end of the dump
 */
#include <signal.h>
#include <stddef.h>
#include <unistd.h>
#include <weft.h>

static volatile int started;

static void receiver(void *arg)
{
	weft_chan_recv(arg, NULL);
}

static void spinner(void *arg)
{
	(void)arg;
	__atomic_fetch_add(&started, 1, __ATOMIC_RELAXED); // both may be here at one moment
	for (;;)
		__asm__ volatile("");
}

/* A thread that blocks every signal, and computes, cannot be asked. */
static void mute(void *arg)
{
	sigset_t all;

	(void)arg;
	sigfillset(&all);
	sigprocmask(SIG_SETMASK, &all, NULL);
	__atomic_fetch_add(&started, 1, __ATOMIC_RELAXED); // both may be here at one moment
	for (;;)
		__asm__ volatile("");
}

static int app(void *arg)
{
	weft_chan *jobs = weft_chan_make(1, 0);

	(void)arg;
	weft_name(jobs, "jobs");
	weft_go(receiver, jobs);
	weft_sleep(200 * WEFT_MS);
	weft_go(spinner, NULL);
	weft_go(mute, NULL);
	while (started < 2)
		weft_sleep(WEFT_MS);
	kill(getpid(), SIGQUIT);
	for (;;)
		;
	return 0;
}

int main(void)
{
	signal(SIGQUIT, SIG_DFL);
	return weft_run(app, NULL);
}
