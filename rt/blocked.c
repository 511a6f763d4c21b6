/* SPDX-License-Identifier: MIT */
#define _GNU_SOURCE
#include "blocked.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum rt_blocked_how rt_blocked(uint32_t tid, struct rt_blocked *b)
{
	char path[64], text[256], *last[2] = {NULL, NULL};
	ssize_t n = -1;
	int fd;

	snprintf(path, sizeof path, "/proc/self/task/%u/syscall", tid);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd >= 0) {
		n = read(fd, text, sizeof text - 1);
		close(fd);
	}
	if (n <= 0)
		return RT_BLOCKED_UNKNOWN;
	text[n] = 0;
	for (char *c = text; (c = strchr(c, ' ')); c++) {
		last[0] = last[1];
		last[1] = c + 1;
	}
	if (!last[0])
		return RT_BLOCKED_NOT; // "running"
	b->call = strtol(text, NULL, 10);
	b->sp = (void *)strtoul(last[0], NULL, 16);
	b->pc = (void *)strtoul(last[1], NULL, 16);
	return RT_BLOCKED_IN_CALL;
}
