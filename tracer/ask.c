/* SPDX-License-Identifier: MIT */
#define _GNU_SOURCE
#include "ask.h"
#include "dump.h"
#include "error.h"
#include "procs.h"

#include <dirent.h>
#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <sys/un.h>
#include <unistd.h>

enum { ANSWER_S = 10 };

/* The value of a field of /proc/PID/status; 0 if it cannot be read. */
static int status_field(pid_t pid, const char *field, char *value, size_t size)
{
	char path[64], line[512];
	size_t n = strlen(field);
	int found = 0;
	FILE *f;

	snprintf(path, sizeof path, "/proc/%d/status", (int)pid);
	f = fopen(path, "re");
	while (f && !found && fgets(line, sizeof line, f))
		if (strncmp(line, field, n) == 0 && line[n] == ':') {
			snprintf(value, size, "%s", line + n + 1 + strspn(line + n + 1, " \t"));
			found = 1;
		}
	if (f)
		fclose(f);
	return found;
}

/* The monitor's thread; 0 if there is none. */
static pid_t monitor_of(pid_t pid)
{
	char path[300], comm[32] = "";
	struct dirent *d;
	pid_t tid = 0;
	DIR *tasks;

	snprintf(path, sizeof path, "/proc/%d/task", (int)pid);
	tasks = opendir(path);
	while (tasks && !tid && (d = readdir(tasks))) {
		FILE *f;

		snprintf(path, sizeof path, "/proc/%d/task/%s/comm", (int)pid, d->d_name);
		f = fopen(path, "re");
		if (!f)
			continue;
		if (fgets(comm, sizeof comm, f) && strcmp(comm, DUMP_THREAD "\n") == 0)
			tid = atoi(d->d_name);
		fclose(f);
	}
	if (tasks)
		closedir(tasks);
	return tid;
}

/* Without its handler the signal would kill. */
static int handles_signal(pid_t pid)
{
	char caught[64];

	return status_field(pid, "SigCgt", caught, sizeof caught) &&
	       strtoull(caught, NULL, 16) >> (DUMP_SIGNAL - 1) & 1;
}

static int listen_as(uint32_t name)
{
	struct sockaddr_un a = {.sun_family = AF_UNIX};
	int n = snprintf(a.sun_path + 1, sizeof a.sun_path - 1, DUMP_SOCKET, name);
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);

	if (fd >= 0 &&
	    bind(fd, (struct sockaddr *)&a,
		 (socklen_t)(offsetof(struct sockaddr_un, sun_path) + 1 + (size_t)n)) == 0 &&
	    listen(fd, 4) == 0)
		return fd;
	error("cannot listen for the program's answer: %s", strerror(errno));
	if (fd >= 0)
		close(fd);
	return -1;
}

static int send_signal(pid_t pid, pid_t tid, uint32_t name)
{
	siginfo_t si = {0};

	si.si_signo = DUMP_SIGNAL;
	si.si_code = SI_QUEUE;
	si.si_pid = getpid();
	si.si_uid = getuid();
	si.si_value.sival_int = (int)name;
	return (int)syscall(SYS_rt_tgsigqueueinfo, pid, tid, DUMP_SIGNAL, &si);
}

static FILE *no_answer(pid_t pid)
{
	char state[64] = "";

	if (status_field(pid, "State", state, sizeof state) && (*state == 'T' || *state == 't'))
		error("process %d is stopped: continue it (kill -CONT %d), and ask again", (int)pid,
		      (int)pid);
	else
		error("process %d does not answer within %d s (in a container, run this there)",
		      (int)pid, ANSWER_S);
	return NULL;
}

static FILE *ended(pid_t pid)
{
	error("process %d ended before it answered", (int)pid);
	return NULL;
}

/* Its connection, and no other's. */
static FILE *accept_from(int listener, pid_t pid)
{
	struct timeval limit = {30, 0};
	int pidfd = open_pidfd(pid);
	FILE *answer = NULL;

	for (;;) {
		struct pollfd p[2] = {{listener, POLLIN, 0}, {pidfd, POLLIN, 0}};
		struct ucred peer;
		socklen_t n = sizeof peer;
		int ready = poll(p, 2, ANSWER_S * 1000), fd;

		if (ready < 0 && errno == EINTR)
			continue;
		if (ready <= 0 || !p[0].revents) {
			answer = ready > 0 ? ended(pid) : no_answer(pid);
			break;
		}
		fd = accept4(listener, NULL, NULL, SOCK_CLOEXEC);
		if (fd < 0)
			continue;
		if (getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &peer, &n) == 0 && peer.pid == pid) {
			setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof limit);
			answer = fdopen(fd, "r");
			break;
		}
		close(fd);
	}
	if (pidfd >= 0)
		close(pidfd);
	return answer;
}

FILE *ask_for_dump(pid_t pid, bool all)
{
	uint32_t name;
	FILE *answer = NULL;
	pid_t tid;
	int fd;

	if (kill(pid, 0) < 0) {
		if (errno == EPERM)
			error("process %d is another user's: ask as that one, or as root",
			      (int)pid);
		else
			error("there is no process %d", (int)pid);
		return NULL;
	}
	tid = monitor_of(pid);
	if (!tid || !handles_signal(pid)) {
		error("process %d %s", (int)pid,
		      tid ? "handles the signal itself by which it would be asked"
			  : "runs no goroutines: it is no program of weft, or has not called "
			    "weft_run yet, or has returned from it");
		return NULL;
	}
	if (getrandom(&name, sizeof name, 0) != sizeof name)
		name = (uint32_t)getpid();
	name = all ? name | DUMP_ALL : name & ~DUMP_ALL;
	fd = listen_as(name);
	if (fd < 0)
		return NULL;
	if (send_signal(pid, tid, name) == 0)
		answer = accept_from(fd, pid);
	else if (errno == ESRCH)
		ended(pid);
	else
		error("cannot ask process %d: %s", (int)pid, strerror(errno));
	close(fd);
	return answer;
}
