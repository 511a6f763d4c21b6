/* SPDX-License-Identifier: MIT */
/* Calls that the system refuses.  The linker leads the calls that this program and the runtime make
 * of a few functions here (--wrap, see the Makefile), where they are counted.
 *
 *     FAULT=calloc:3:12      the third call of calloc fails, with errno 12
 *     FAULT=calloc:3+:12     and all after it
 *     FAULT=calloc:0:0       none; at the end it says on stdout how many there were
 *
 * Up to four of them, with commas between.
 *
 * The runtime's calls of the thread's start, pthread_create, do not include those that the C
 * library makes of mmap in it: each is refused as a whole. */
#define _GNU_SOURCE
#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

enum { FAULTS = 4 };

static struct fault {
	char name[32];
	long from;
	bool on; /* all after `from` too */
	int err;
	long calls; /* atomic */
} faults[FAULTS];

static void say(void)
{
	for (struct fault *f = faults; f < faults + FAULTS && f->name[0]; f++)
		printf("%s was called %ld times\n", f->name, f->calls);
}

static void parse(struct fault *f, const char *text)
{
	char on = 0;

	if (sscanf(text, "%31[a-z_0-9]:%ld%c", f->name, &f->from, &on) < 3) {
		fprintf(stderr, "FAULT=%s: not so\n", text);
		_exit(9);
	}
	f->on = on == '+';
	f->err = atoi(strchr(strchr(text, ':') + 1, ':') + 1);
}

__attribute__((constructor)) static void init(void)
{
	const char *text = getenv("FAULT");

	for (int i = 0; text && i < FAULTS; i++) {
		parse(&faults[i], text);
		text = strchr(text, ',');
		if (text)
			text++;
	}
	if (strstr(getenv("FAULT") ?: "", ":0:"))
		atexit(say);
}

/* Whether this call of the function is to fail; errno is set. */
static bool refused(const char *name)
{
	for (struct fault *f = faults; f < faults + FAULTS && f->name[0]; f++) {
		long n;

		if (strcmp(name, f->name) != 0)
			continue;
		n = __atomic_add_fetch(&f->calls, 1, __ATOMIC_RELAXED);
		if (!f->from || n < f->from || (n > f->from && !f->on))
			continue;
		errno = f->err;
		return true;
	}
	return false;
}

#define WRAP(type, name, failure, params, args)                                                    \
	type __real_##name params;                                                                 \
	type __wrap_##name params;                                                                 \
	type __wrap_##name params                                                                  \
	{                                                                                          \
		return refused(#name) ? (failure) : __real_##name args;                            \
	}

WRAP(void *, malloc, NULL, (size_t n), (n))
WRAP(void *, calloc, NULL, (size_t n, size_t size), (n, size))
WRAP(void *, aligned_alloc, NULL, (size_t align, size_t n), (align, n))
WRAP(void *, mmap, (void *)-1, (void *p, size_t n, int prot, int flags, int fd, long at),
     (p, n, prot, flags, fd, at))
WRAP(int, mprotect, -1, (void *p, size_t n, int prot), (p, n, prot))
WRAP(int, madvise, -1, (void *p, size_t n, int advice), (p, n, advice))
WRAP(int, pipe2, -1, (int *fds, int flags), (fds, flags))
WRAP(int, socket, -1, (int family, int type, int protocol), (family, type, protocol))
WRAP(int, accept4, -1, (int fd, struct sockaddr *addr, socklen_t *len, int flags),
     (fd, addr, len, flags))
WRAP(int, epoll_create1, -1, (int flags), (flags))
WRAP(int, epoll_ctl, -1, (int fd, int op, int of, struct epoll_event *ev), (fd, op, of, ev))
WRAP(int, eventfd, -1, (unsigned n, int flags), (n, flags))
WRAP(int, sigaltstack, -1, (const stack_t *to, stack_t *old), (to, old))
WRAP(int, pthread_create, errno,
     (pthread_t * t, const pthread_attr_t *attr, void *(*fn)(void *), void *arg),
     (t, attr, fn, arg))

long __real_syscall(long nr, ...);
long __wrap_syscall(long nr, ...);
long __wrap_syscall(long nr, ...)
{
	long a[6];
	va_list ap;

	va_start(ap, nr);
	for (int i = 0; i < 6; i++)
		a[i] = va_arg(ap, long);
	va_end(ap);
	if (nr == SYS_membarrier && refused("membarrier"))
		return -1;
	return __real_syscall(nr, a[0], a[1], a[2], a[3], a[4], a[5]);
}
