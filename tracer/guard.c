/* SPDX-License-Identifier: MIT */
/* The child's return value is its exit status; all else goes through memory that is shared. */
#define _GNU_SOURCE
#include "guard.h"
#include "cleanup.h"
#include "error.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

/* The least that there is for debug information and what else is not of the trace's size; and for each byte of the
 * trace, of which a goroutine takes dozens, and some thousand in the model. */
#define LEAST_MEMORY (4ull << 30)
enum { MEMORY_PER_BYTE = 64 };

#ifndef __has_feature
#define __has_feature(x) 0
#endif
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__) ||                               \
	__has_feature(address_sanitizer) || __has_feature(thread_sanitizer)
#define SHADOWED true // by memory that counts, and is more than any limit
#else
#define SHADOWED false
#endif

static const int deadly[] = {SIGINT, SIGTERM, SIGHUP, SIGQUIT};
enum { DEADLY = sizeof deadly / sizeof *deadly };

static volatile pid_t child;
static volatile sig_atomic_t passed; /* a signal that we got, too */

static void pass_on(int sig)
{
	int saved = errno;

	passed = sig;
	kill(child, sig);
	errno = saved;
}

/* As the child, with the signals as they were before; never returns. */
static void be_child(int (*run)(void *arg), void *arg, pid_t parent, const sigset_t *mask)
{
	int ret;

	cleanup_forget();
	progress_forked();
	prctl(PR_SET_PDEATHSIG, SIGTERM);
	sigprocmask(SIG_SETMASK, mask, NULL);
	if (getppid() != parent)
		raise(SIGTERM);
	ret = run(arg);
	progress_over(); // the parent knows nothing of that line
	fflush(NULL);
	_exit(-ret);
}

/* Wait for the child, which gets the signals that we do; its status. */
static int wait_for_child(const sigset_t *mask)
{
	struct sigaction before[DEADLY], act = {.sa_handler = pass_on, .sa_flags = SA_RESTART};
	int status;

	for (int i = 0; i < DEADLY; i++) {
		sigaction(deadly[i], NULL, &before[i]);
		if (before[i].sa_handler != SIG_IGN)
			sigaction(deadly[i], &act, NULL);
	}
	sigprocmask(SIG_SETMASK, mask, NULL);
	while (waitpid(child, &status, 0) < 0 && errno == EINTR)
		;
	for (int i = 0; i < DEADLY; i++)
		sigaction(deadly[i], &before[i], NULL);
	return status;
}

static void end_by(int sig, void (*undo)(void *arg), void *arg)
{
	if (undo)
		undo(arg);
	raise(sig);
}

void guard_memory(uint64_t trace)
{
	uint64_t half = (uint64_t)sysconf(_SC_PHYS_PAGES) * (uint64_t)sysconf(_SC_PAGESIZE) / 2;
	uint64_t most = LEAST_MEMORY + MEMORY_PER_BYTE * trace;
	struct rlimit limit;

	if (SHADOWED || getrlimit(RLIMIT_DATA, &limit) < 0)
		return;
	most = (most < half ? most : half) + trace; // whose files are mapped, and may be mended there
	if (most < limit.rlim_cur) {
		limit.rlim_cur = most;
		setrlimit(RLIMIT_DATA, &limit);
	}
}

int guard_call(int (*run)(void *arg), void (*undo)(void *arg), void *arg, size_t size, int *sig)
{
	void *shared = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	sigset_t set, mask;
	pid_t parent = getpid();
	int status;

	passed = 0;
	if (shared == MAP_FAILED)
		die("no memory");
	memcpy(shared, arg, size);
	fflush(NULL);
	sigemptyset(&set);
	for (int i = 0; i < DEADLY; i++)
		sigaddset(&set, deadly[i]);
	sigprocmask(SIG_BLOCK, &set, &mask);
	child = fork();
	if (child < 0)
		die("cannot start a process: %s", strerror(errno));
	if (child == 0)
		be_child(run, shared, parent, &mask);
	status = wait_for_child(&mask);
	memcpy(arg, shared, size);
	munmap(shared, size);
	if (passed)
		end_by(passed, undo, arg);
	if (WIFEXITED(status))
		return -WEXITSTATUS(status);
	*sig = WTERMSIG(status);
	for (int i = 0; i < DEADLY; i++)
		if (deadly[i] == *sig) // the terminal's, which may have been quicker than ours
			end_by(*sig, undo, arg);
	return GUARD_CRASHED;
}
