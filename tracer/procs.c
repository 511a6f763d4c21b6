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
static pid_t parent_of(const char *pid, char comm[64])
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

void each_child(pid_t parent, void (*fn)(pid_t pid, const char *comm))
{
	DIR *proc = opendir("/proc");
	struct dirent *d;
	char comm[64];

	while (proc && (d = readdir(proc)))
		if (d->d_name[0] >= '0' && d->d_name[0] <= '9' &&
		    parent_of(d->d_name, comm) == parent)
			fn(atoi(d->d_name), comm);
	if (proc)
		closedir(proc);
}
