/* SPDX-License-Identifier: MIT */
/* Other processes, started from goroutines: what weft.h says of fork.  (The thread sanitizer cannot
 * fork a process of several threads.) */
#define _GNU_SOURCE
#include "../test.h"

#include <fcntl.h>
#include <signal.h>
#include <spawn.h>
#include <string.h>
#include <sys/wait.h>

#if !defined(WEFT_TSAN) || !WEFT_TSAN

extern char **environ;

static char *const true_argv[] = {"true", NULL};

/* Its exit status; a signal that killed it and 128. */
static int status_of(pid_t child)
{
	int status;

	EXPECT(child > 0);
	EXPECT_EQ(waitpid(child, &status, 0), child);
	return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

static int by_fork(void)
{
	pid_t child = fork();

	if (child == 0) {
		execv("/bin/true", true_argv);
		_exit(127);
	}
	return status_of(child);
}

/* In a function of its own: the child runs on this frame. */
__attribute__((noinline)) static int by_vfork(void)
{
	pid_t child = vfork();

	if (child == 0) {
		execv("/bin/true", true_argv);
		_exit(127);
	}
	return status_of(child);
}

static int by_spawn(void)
{
	pid_t child;

	EXPECT_EQ(posix_spawn(&child, "/bin/true", NULL, NULL, true_argv, environ), 0);
	return status_of(child);
}

struct starters {
	int (*start)(void);
	int times;
	weft_waitgroup wg;
	weft_chan *chan;
};

/* Between processes it talks to others, so that forks meet every state of the scheduler. */
static void starter(void *arg)
{
	struct starters *s = arg;

	for (int i = 0; i < s->times; i++) {
		int status = s->start();

		weft_chan_send(s->chan, &status);
	}
	weft_waitgroup_done(&s->wg);
}

static void start_from_eight(int (*start)(void))
{
	int times = getenv("TEST_SCALE") ? 3 : 10; // the slower a build, the more of them meet
	struct starters s = {
		.start = start, .times = times, .chan = weft_chan_make(sizeof(int), 0)};
	int status;

	weft_waitgroup_add(&s.wg, 8);
	for (int i = 0; i < 8; i++)
		weft_go(starter, &s);
	for (int i = 0; i < 8 * s.times; i++) {
		EXPECT(weft_chan_recv(s.chan, &status));
		EXPECT_EQ(status, 0);
	}
	weft_waitgroup_wait(&s.wg);
	weft_chan_unref(s.chan);
}

TEST(eight_goroutines_fork_and_exec_at_once)
{
	start_from_eight(by_fork);
}

TEST(eight_goroutines_vfork_and_exec_at_once)
{
	start_from_eight(by_vfork);
}

TEST(eight_goroutines_posix_spawn_at_once)
{
	start_from_eight(by_spawn);
}

/* ---- A child that stays ------------------------------------------------------------------ */

static weft_chan *chan;

static void call_send(void)
{
	weft_chan_send(chan, &(int){1});
}

static void call_go(void)
{
	weft_go((void (*)(void *))abort, NULL);
}

static void call_exit(void)
{
	weft_exit();
}

static void call_sleep(void)
{
	weft_sleep(WEFT_S);
}

static int run_nothing(void *arg)
{
	(void)arg;
	return 0;
}

static void call_run(void)
{
	weft_run(run_nothing, NULL);
}

/* In a child; its status, and what it said. */
static int in_child(void (*call)(void), char *said, size_t size)
{
	size_t n = 0;
	int fds[2];
	ssize_t got;
	pid_t child;

	EXPECT_EQ(pipe2(fds, O_CLOEXEC), 0);
	child = fork();
	if (child == 0) {
		dup2(fds[1], STDERR_FILENO);
		call();
		_exit(0);
	}
	close(fds[1]);
	while (n < size - 1 && (got = read(fds[0], said + n, size - 1 - n)) > 0)
		n += (size_t)got;
	said[n] = 0;
	close(fds[0]);
	return status_of(child);
}

static void expect_refused(void (*call)(void))
{
	char said[512];

	EXPECT_EQ(in_child(call, said, sizeof said), 2);
	EXPECT(strcmp(said, "weft: fatal: weft was called in a forked child: only exec and _exit "
			    "may follow fork\n") == 0);
}

static void send_later(void *arg)
{
	weft_sleep(WEFT_MS);
	weft_chan_send(arg, &(int){7});
}

TEST(weft_is_refused_in_a_forked_child_and_the_parent_goes_on)
{
	int v = 0;

	chan = weft_chan_make(sizeof(int), 0);
	expect_refused(call_send);
	expect_refused(call_go);
	expect_refused(call_exit);
	expect_refused(call_sleep);
	expect_refused(call_run);
	weft_go(send_later, chan);
	EXPECT(weft_chan_recv(chan, &v));
	EXPECT_EQ(v, 7);
	weft_chan_unref(chan);
}

static void exit_with_three(void)
{
	exit(3);
}

TEST(exit_in_a_forked_child_ends_it)
{
	char said[512];

	EXPECT_EQ(in_child(exit_with_three, said, sizeof said), 3);
	EXPECT_EQ(said[0], 0);
}

/* ---- What a child inherits, and its end -------------------------------------------------- */

/* Descriptors that an exec leaves open. */
static int inheritable(void)
{
	int n = 0;

	for (int fd = 0; fd < 1024; fd++) {
		int flags = fcntl(fd, F_GETFD);

		n += flags >= 0 && !(flags & FD_CLOEXEC);
	}
	return n;
}

/* The pipe makes the runtime open what it needs for I/O. */
TEST(no_descriptor_of_the_runtimes_is_open_after_exec)
{
	int fds[2], lines = 0, before = inheritable();
	char buf[4096];
	weft_conn r, w;
	pid_t child;
	ssize_t n;

	EXPECT_EQ(pipe2(fds, O_CLOEXEC), 0);
	r = weft_conn_open(fds[0]);
	w = weft_conn_open(fds[1]);
	EXPECT(r >= 0 && w >= 0);
	EXPECT_EQ(inheritable(), before);
	child = fork();
	if (child == 0) {
		fcntl(fds[1], F_SETFL, 0);
		dup2(fds[1], STDOUT_FILENO);
		execl("/bin/ls", "ls", "/proc/self/fd", NULL);
		_exit(127);
	}
	EXPECT_EQ(weft_conn_close(w), 0);
	while ((n = weft_read(r, buf, sizeof buf)) > 0)
		for (ssize_t i = 0; i < n; i++)
			lines += buf[i] == '\n';
	EXPECT_EQ(status_of(child), 0);
	EXPECT_EQ(lines, before + 1); // and the directory that ls reads
	weft_conn_close(r);
}

TEST(the_end_of_a_child_is_a_signal_on_a_channel)
{
	weft_chan *sigs = weft_chan_make(sizeof(int), 1);
	int sig = 0;
	pid_t child;

	EXPECT_EQ(weft_signal_notify(sigs, SIGCHLD), 0);
	child = fork();
	if (child == 0)
		_exit(5);
	EXPECT(weft_chan_recv(sigs, &sig));
	EXPECT_EQ(sig, SIGCHLD);
	EXPECT_EQ(status_of(child), 5);
	weft_signal_stop(sigs);
	weft_chan_unref(sigs);
}

#endif
