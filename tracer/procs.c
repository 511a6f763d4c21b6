/* SPDX-License-Identifier: MIT */
#include "procs.h"

#include <dirent.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/syscall.h>
#include <unistd.h>

int open_pidfd(pid_t pid)
{
	return (int)syscall(SYS_pidfd_open, pid, 0);
}

/* The parent of a process, and its command name; -1 if there is no such process. */
static pid_t parent_of(const char *pid, char comm[PROCESS_NAME])
{
	char path[300], text[512];
	pid_t parent = -1;
	ssize_t n = 0;
	int fd;

	snprintf(path, sizeof path, "/proc/%s/stat", pid);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return -1;
	n = read(fd, text, sizeof text - 1);
	close(fd);
	text[n > 0 ? n : 0] = 0;
	if (sscanf(text, "%*d (%63[^)]) %*c %d", comm, &parent) != 2)
		return -1;
	return parent;
}

void each_process(void (*fn)(void *arg, pid_t pid, pid_t parent, const char *comm), void *arg)
{
	DIR *proc = opendir("/proc");
	struct dirent *d;
	char comm[PROCESS_NAME];
	pid_t parent;

	while (proc && (d = readdir(proc))) {
		if (d->d_name[0] < '0' || d->d_name[0] > '9')
			continue;
		parent = parent_of(d->d_name, comm);
		if (parent >= 0)
			fn(arg, atoi(d->d_name), parent, comm);
	}
	if (proc)
		closedir(proc);
}

struct child {
	pid_t parent;
	void (*fn)(pid_t pid, const char *comm);
};

static void look_at(void *arg, pid_t pid, pid_t parent, const char *comm)
{
	const struct child *c = arg;

	if (parent == c->parent)
		c->fn(pid, comm);
}

void each_child(pid_t parent, void (*fn)(pid_t pid, const char *comm))
{
	each_process(look_at, &(struct child){parent, fn});
}
