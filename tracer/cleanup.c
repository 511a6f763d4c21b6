/* SPDX-License-Identifier: MIT */
/* The list is changed with the signals blocked, so the handler always finds it whole.  The
 * handlers are there while the list is not empty.
 */
#define _GNU_SOURCE
#include "cleanup.h"
#include "hash.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static struct doomed {
	struct doomed *older;
	char *path;
} * newest;

static const int deadly[] = {SIGINT, SIGTERM, SIGHUP, SIGQUIT, SIGABRT, SIGSEGV, SIGBUS};
enum { DEADLY = sizeof deadly / sizeof *deadly };
static struct sigaction before[DEADLY];
static volatile sig_atomic_t interrupted;

static void remove_all(int sig)
{
	int saved = errno;

	for (const struct doomed *d = newest; d; d = d->older)
		if (unlink(d->path) < 0)
			rmdir(d->path);
	interrupted = 1;
	for (int i = 0; i < DEADLY; i++)
		if (deadly[i] == sig)
			sigaction(sig, &before[i], NULL);
	raise(sig); /* delivered when this handler returns */
	errno = saved;
}

static void block(sigset_t *old)
{
	sigset_t set;

	sigemptyset(&set);
	for (int i = 0; i < DEADLY; i++)
		sigaddset(&set, deadly[i]);
	sigprocmask(SIG_BLOCK, &set, old);
}

static void watch(void)
{
	struct sigaction act = {.sa_handler = remove_all};

	interrupted = 0;
	for (int i = 0; i < DEADLY; i++)
		sigaddset(&act.sa_mask, deadly[i]);
	for (int i = 0; i < DEADLY; i++) {
		sigaction(deadly[i], NULL, &before[i]);
		if (before[i].sa_handler != SIG_IGN)
			sigaction(deadly[i], &act, NULL);
	}
}

void cleanup_add(const char *path)
{
	struct doomed *d = need(sizeof *d);
	sigset_t old;

	d->path = need_text(path);
	block(&old);
	if (!newest)
		watch();
	d->older = newest;
	newest = d;
	sigprocmask(SIG_SETMASK, &old, NULL);
}

void cleanup_done(const char *path, bool kept)
{
	struct doomed **at, *d;
	sigset_t old;

	block(&old);
	for (at = &newest; *at && strcmp((*at)->path, path); at = &(*at)->older)
		;
	d = *at;
	if (d) {
		*at = d->older;
		if (!kept)
			remove(d->path);
		free(d->path);
		free(d);
	}
	for (int i = 0; d && !newest && i < DEADLY; i++)
		sigaction(deadly[i], &before[i], NULL);
	sigprocmask(SIG_SETMASK, &old, NULL);
}

void cleanup_forget(void)
{
	sigset_t old;

	block(&old);
	for (int i = 0; newest && i < DEADLY; i++)
		sigaction(deadly[i], &before[i], NULL);
	newest = NULL;
	sigprocmask(SIG_SETMASK, &old, NULL);
}

bool cleanup_interrupted(void)
{
	return interrupted;
}
