/* SPDX-License-Identifier: MIT */
/* Run a program on a text, without a shell, and take what it prints. */
#ifndef VIZ_PROCESS_H
#define VIZ_PROCESS_H

#include <stddef.h>

struct output {
	int status; /* as of waitpid(); exit status 127: there is no such program */
	char *out, *err;
	size_t nout, nerr;
};

/* Its standard input is a file, which it may also open as /dev/stdin, with `in` in it.  Its locale
 * is C.UTF-8.  -1 after a message, if it could not even be tried. */
int process_run(const char *const argv[], const char *in, size_t len, struct output *o);
void process_free(struct output *o);

/* The contents of a file, of those in memory, with a NUL behind; to be freed. */
char *process_contents(int fd, size_t *len);

/* write() all of it. */
int process_write(int fd, const char *data, size_t len);

#endif
