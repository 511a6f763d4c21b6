/* SPDX-License-Identifier: MIT */
/* A program to record, which does what its first argument says. */
#define _GNU_SOURCE
#include <weft.h>

#include <limits.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

typedef weft_chan_of(int) int_chan;

static int argc;
static char **argv;

static void pong(void *arg)
{
	int_chan *c = arg;

	weft_range(c[0], v)
		weft_send(c[1], v + 1);
	weft_close(c[1]);
}

/* Pass a number to and fro. */
static void play(int times)
{
	int_chan c[2] = {weft_make(int_chan, 0), weft_make(int_chan, 0)};
	int v = 0;

	weft_go(pong, c);
	for (int i = 0; i < times; i++) {
		weft_send(c[0], v);
		weft_recv(c[1], &v);
	}
	weft_close(c[0]);
	weft_recv(c[1], &v);
}

/* Say how many page faults that takes, after a first time. */
static void play_and_count(int times)
{
	struct rusage before, after;

	play(times / 10);
	getrusage(RUSAGE_SELF, &before);
	play(times);
	getrusage(RUSAGE_SELF, &after);
	printf("%ld\n", after.ru_minflt - before.ru_minflt);
}

static int played;

/* Fast, but so that it is known how many events come while a busy machine takes its time. */
static void pace(int times)
{
	for (int i = 0; i < times; i++) {
		play(250);
		__atomic_fetch_add(&played, 1, __ATOMIC_RELAXED);
		weft_sleep(5 * WEFT_MS);
	}
}

static void play_for_ever(void *arg)
{
	(void)arg;
	pace(INT_MAX);
}

/* Be ended in the middle of things. */
static int fall(int sig)
{
	for (int i = 0; i < 4; i++)
		weft_go(play_for_ever, NULL);
	weft_sleep(40 * WEFT_MS);
	while (!__atomic_load_n(&played, __ATOMIC_RELAXED)) // however slow the machine is
		weft_sleep(WEFT_MS);
	if (sig == SIGSEGV)
		*(volatile int *)0 = 0;
	raise(sig);
	return 0;
}

static int wait_for_signal(void)
{
	play(10);
	puts("ready");
	fflush(stdout);
	for (;;)
		weft_sleep(WEFT_S);
}

/* Write much, when told to. */
static int flood(int times)
{
	puts("ready");
	fflush(stdout);
	getchar();
	play(times);
	puts("done");
	return 0;
}

/* Play, and then never call the runtime again: compute, or block in a system call. */
static int hold(bool compute)
{
	play(10);
	puts("ready");
	fflush(stdout);
	while (compute)
		__asm__ volatile("" ::: "memory");
	for (;;)
		pause();
}

/* Nothing but events with texts. */
static int log_often(int times)
{
	for (int i = 0; i < times; i++)
		weft_log("victim", "a line of some length, number %d", i);
	return 0;
}

/* Log texts of n, 10n, 100n... bytes, up to a million. */
static int say_at_length(int n)
{
	enum { LONGEST = 3000000 };
	char *text = malloc(LONGEST + 1);

	memset(text, 'x', LONGEST);
	for (; n <= LONGEST; n *= 10) {
		text[n] = 0;
		weft_log(text, "%d", n);
		text[n] = 'x';
		play(1);
	}
	free(text);
	return 0;
}

static int copy_input(void)
{
	int c;

	while ((c = getchar()) != EOF)
		putchar(c);
	return 0;
}

static int with_child(bool exec)
{
	int status;
	pid_t pid = fork();

	if (pid == 0 && exec)
		execl(argv[0], argv[0], "play", "20", NULL);
	if (pid == 0)
		_exit(7);
	play(10);
	waitpid(pid, &status, 0);
	return exec ? WEXITSTATUS(status) : WEXITSTATUS(status) - 7;
}

/* A child of which nobody is told. */
static int with_silent_child(void)
{
	int status;
	pid_t pid;

	play(10);
	pid = _Fork();
	if (pid == 0)
		exit(7);
	waitpid(pid, &status, 0);
	return WIFEXITED(status) ? WEXITSTATUS(status) - 7 : 1;
}

static void pinned(void *arg)
{
	weft_waitgroup *wg = arg;

	weft_pin();
	weft_waitgroup_done(wg);
	weft_waitgroup_wait(wg); // so that all have threads at once
	weft_unpin();
}

static int with_threads(int n)
{
	weft_waitgroup wg = {0};

	weft_waitgroup_add(&wg, n);
	for (int i = 0; i < n; i++)
		weft_go(pinned, &wg);
	weft_waitgroup_wait(&wg);
	return 0;
}

/* Threads that are new when files must be small. */
static int with_small_files(void)
{
	struct rlimit limit;

	play(10);
	getrlimit(RLIMIT_FSIZE, &limit);
	limit.rlim_cur = 4096;
	setrlimit(RLIMIT_FSIZE, &limit);
	return with_threads(4);
}

static int in_jail(const char *dir)
{
	play(10);
	if (chroot(dir) < 0 || chdir("/") < 0)
		return 1;
	return with_threads(4);
}

static int ready[2];

/* True in the parent, once the child has gone on to play. */
static bool leave_child(void)
{
	char c;

	if (pipe(ready) < 0 || fork() != 0)
		return close(ready[1]), read(ready[0], &c, 1) == 1;
	return false;
}

static int go_on(void)
{
	play(10);
	alarm(60);
	printf("%d\n", getpid());
	fflush(stdout);
	for (bool told = false;; told = true) {
		play(1);
		if (!told && write(ready[1], "", 1) < 0)
			return 1;
		weft_sleep(5 * WEFT_MS);
	}
}

static int app(void *arg)
{
	const char *what = argv[1];
	int n = argc > 2 ? atoi(argv[2]) : 0;

	(void)arg;
	if (strcmp(what, "play") == 0 || strcmp(what, "fork-play") == 0)
		return play(n), 0;
	else if (strcmp(what, "pace") == 0)
		return pace(n), 0;
	else if (strcmp(what, "faults") == 0)
		return play_and_count(n), 0;
	else if (strcmp(what, "exit") == 0)
		return n;
	else if (strcmp(what, "fall") == 0)
		return fall(n);
	else if (strcmp(what, "wait") == 0)
		return wait_for_signal();
	else if (strcmp(what, "flood") == 0)
		return flood(n);
	else if (strcmp(what, "compute") == 0)
		return hold(true);
	else if (strcmp(what, "block") == 0)
		return hold(false);
	else if (strcmp(what, "say") == 0)
		return say_at_length(n);
	else if (strcmp(what, "log") == 0)
		return log_often(n);
	else if (strcmp(what, "copy") == 0)
		return copy_input();
	else if (strcmp(what, "fork") == 0)
		return with_child(false);
	else if (strcmp(what, "fork-exec") == 0)
		return with_child(true);
	else if (strcmp(what, "silent-fork") == 0)
		return with_silent_child();
	else if (strcmp(what, "threads") == 0)
		return with_threads(n);
	else if (strcmp(what, "small-files") == 0)
		return with_small_files();
	else if (strcmp(what, "daemon") == 0)
		return go_on();
	else if (strcmp(what, "chroot") == 0)
		return in_jail(argv[2]);
	play(10);
	if (strcmp(what, "exec") == 0)
		execl(argv[0], argv[0], "play", "20", NULL);
	else if (strcmp(what, "die") == 0)
		raise(SIGKILL);
	else if (strcmp(what, "_exit") == 0)
		_exit(3);
	else if (strcmp(what, "panic") == 0)
		weft_panic("victim");
	return 0;
}

int main(int n, char **args)
{
	argc = n;
	argv = args;
	if (n < 2)
		return 1;
	if (strcmp(args[1], "no-weft") == 0)
		return 0;
	if (strcmp(args[1], "fork-play") == 0 && fork() > 0)
		return wait(NULL) < 0;
	if (strcmp(args[1], "daemon") == 0 && leave_child())
		return 0;
	return weft_run(app, NULL);
}
