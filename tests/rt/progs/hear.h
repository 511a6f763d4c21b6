/* SPDX-License-Identifier: MIT */
/* For a program that waits until the runtime has said something. */
#ifndef HEAR_H
#define HEAR_H

#include <fcntl.h>
#include <string.h>
#include <unistd.h>

static int hear_from, hear_stderr;

/* From now on, what is said is heard here. */
static inline void hear_begin(void)
{
	int fds[2];

	if (pipe(fds))
		_exit(1);
	hear_from = fds[0];
	hear_stderr = dup(2);
	dup2(fds[1], 2);
	close(fds[1]);
}

/* Wait for the words, and pass on all that is said. */
static inline void hear(const char *words)
{
	static char said[1 << 16];
	size_t n = strlen(said);

	while (!strstr(said, words)) {
		ssize_t k = read(hear_from, said + n, sizeof said - 1 - n);

		if (k <= 0 || write(hear_stderr, said + n, (size_t)k) != k)
			_exit(1);
		n += (size_t)k;
	}
}

/* Pass on the rest, and hear no more. */
static inline void hear_end(void)
{
	char buf[4096];
	ssize_t k;

	dup2(hear_stderr, 2);
	while ((k = read(hear_from, buf, sizeof buf)) > 0)
		if (write(2, buf, (size_t)k) != k)
			_exit(1);
}

#endif
