/* SPDX-License-Identifier: MIT */
#include "out.h"

#include <errno.h>
#include <poll.h>
#include <stdarg.h>
#include <stdio.h>
#include <sys/socket.h>
#include <unistd.h>

enum {
	KEEP = 1000,   /* a text longer than this may be cut */
	WAIT_MS = 1000 /* for a reader of what does not block, as some make their standard error */
};

/* A reader of a socket may go away, which is no reason to die. */
static ssize_t write_some(int fd, const char *from, size_t n)
{
	ssize_t done = send(fd, from, n, MSG_NOSIGNAL);

	return done < 0 && errno == ENOTSOCK ? write(fd, from, n) : done;
}

void rt_flush(struct rt_out *o)
{
	int saved = errno;
	size_t done = 0;

	while (done < o->n && !o->failed) {
		ssize_t n = write_some(o->fd, o->buf + done, o->n - done);

		if (n > 0)
			done += (size_t)n;
		else if (n < 0 && errno == EAGAIN)
			o->failed = poll(&(struct pollfd){o->fd, POLLOUT, 0}, 1, WAIT_MS) != 1;
		else if (n < 0 && errno != EINTR)
			o->failed = true;
	}
	o->n = 0;
	errno = saved;
}

void rt_out(struct rt_out *o, const char *fmt, ...)
{
	size_t room;
	va_list ap;
	int n;

	if (o->n > sizeof o->buf - KEEP)
		rt_flush(o);
	room = sizeof o->buf - o->n;
	va_start(ap, fmt);
	n = vsnprintf(o->buf + o->n, room, fmt, ap);
	va_end(ap);
	if (n > 0)
		o->n += (size_t)n < room ? (size_t)n : room - 1;
}
