/* SPDX-License-Identifier: MIT */
#define _GNU_SOURCE
#include "keeper.h"
#include "counts.h"
#include "error.h"
#include "files.h"
#include "metadata.h"
#include "place.h"
#include "procs.h"
#include "program.h"
#include "repair.h"

#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <inttypes.h>
#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

enum {
	READY_MS = 20000,
	BEGIN_MS = 20000,
	FINISH_MS = 30000,
	FULL_MS = 3000, /* the same, when what is in the buffers may have no room: it is recovered from them */
	RECOVER_MS = 60000,
	KILL_MS = 5000,
	WATCH_MS = 200,
	LEAST_ROOM = 64 << 20,
	FASTEST = 1 << 20, /* bytes that a program may add to its trace in a millisecond */
	FEW_FILES = 256,
};

/* What the keeper answers: where its directory is, and what there was room for; then when recording has begun,
 * and when it has ended. */
struct answer {
	bool ok;
	char base[sizeof((struct keeper *)0)->base];
	struct lttng_plan plan;
	struct keeper_report report; /* why is empty if the keeper has said it */
};

/* ---- In the keeper ---------------------------------------------------------------------- */

static struct {
	int sock; /* to weft record; its end means that that is gone */
	const char *base;
	pid_t sessiond; /* 0: ended */
	int sessiond_fd;
	int consumerd_fd; /* -1: none, or not watched */
	uint64_t least;	  /* room on the file system at which recording stops */
	uint64_t packet;  /* bytes of the trace that are written at once, at most */
} self;

static int64_t now_ms(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return t.tv_sec * 1000LL + t.tv_nsec / 1000000;
}

static void kill_child(pid_t pid, const char *comm)
{
	(void)comm;
	kill(pid, SIGKILL);
}

/* End every process below this one.  The children of one that was killed become ours. */
static void kill_all(void)
{
	int64_t deadline = now_ms() + KILL_MS;
	pid_t pid;

	for (;;) {
		each_child(getpid(), kill_child);
		while ((pid = waitpid(-1, NULL, WNOHANG)) > 0)
			;
		if (pid < 0 || now_ms() > deadline)
			break;
		usleep(500);
	}
	self.sessiond = 0;
}

static _Noreturn void leave(void)
{
	kill_all();
	remove_tree(self.base);
	_exit(0);
}

/* Wait until one of the descriptors is readable, or the deadline has passed (0), or for ever if it
 * is 0.  If weft record is gone, so are we.  A descriptor -1 is never readable. */
static int wait_for(const int *fds, int nfds, int64_t deadline)
{
	struct pollfd p[4] = {{.fd = self.sock}};
	int64_t left = -1;
	int n;

	for (int i = 0; i < nfds; i++)
		p[i + 1] = (struct pollfd){.fd = fds[i], .events = POLLIN};
	do {
		if (deadline)
			left = deadline > now_ms() ? deadline - now_ms() : 0;
		n = poll(p, (nfds_t)nfds + 1, (int)left);
	} while (n < 0 && errno == EINTR);
	if (p[0].revents & (POLLHUP | POLLERR))
		leave();
	return n;
}

/* Become a process that ends when the keeper does, whatever ends it. */
static void bind_to(pid_t keeper)
{
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	if (getppid() != keeper)
		_exit(1);
}

/* Run fn in a child, with a deadline. */
static int step(int64_t ms, struct keeper_report *report,
		int (*fn)(const struct lttng_plan *plan, struct keeper_report *report),
		const struct lttng_plan *plan)
{
	struct answer a = {.report.discarded = -1};
	pid_t keeper = getpid(), pid;
	int fds[2];

	if (pipe2(fds, O_CLOEXEC) < 0)
		return -1;
	pid = fork();
	if (pid == 0) {
		bind_to(keeper);
		a.ok = fn(plan, &a.report) == 0;
		_exit(write(fds[1], &a, sizeof a) < 0);
	}
	close(fds[1]);
	snprintf(a.report.why, sizeof a.report.why, "the trace daemon does not answer");
	if (pid > 0 && wait_for(fds, 1, now_ms() + ms) > 0 &&
	    read(fds[0], &a, sizeof a) != sizeof a)
		snprintf(a.report.why, sizeof a.report.why, "the recorder's helper failed");
	close(fds[0]);
	if (pid > 0) {
		kill(pid, SIGKILL);
		waitpid(pid, NULL, 0);
	}
	*report = a.report;
	return a.ok ? 0 : -1;
}

static int step_begin(const struct lttng_plan *plan, struct keeper_report *report)
{
	return lttng_begin(plan, report->why);
}

static int step_finish(const struct lttng_plan *plan, struct keeper_report *report)
{
	(void)plan;
	report->discarded = 0;
	return lttng_finish(&report->discarded, report->why);
}

static void write_file(const char *path, const char *text)
{
	int fd = open(path, O_WRONLY | O_CLOEXEC);

	if (fd >= 0) {
		dprintf(fd, "%s", text);
		close(fd);
	}
}

/* To a member of LTTng's group, root's daemon is the one that there can be.  The daemon forgets
 * that it is one in a user namespace that has this user and nothing else. */
static void leave_group(void)
{
	struct group *group = getgrnam("tracing");
	unsigned uid = geteuid(), gid = getegid();
	char text[64];

	if (!group || !group_member(group->gr_gid) || unshare(CLONE_NEWUSER) < 0)
		return; // if a daemon of root's is running, ours will say so
	snprintf(text, sizeof text, "%u %u 1", uid, uid);
	write_file("/proc/self/uid_map", text);
	write_file("/proc/self/setgroups", "deny");
	snprintf(text, sizeof text, "%u %u 1", gid, gid);
	write_file("/proc/self/gid_map", text);
}

static pid_t spawn(char *const argv[])
{
	pid_t keeper = getpid(), pid = fork();
	sigset_t none;

	if (pid == 0) {
		leave_group();
		bind_to(keeper);
		sigemptyset(&none);
		sigprocmask(SIG_SETMASK, &none, NULL);
		execv(argv[0], argv);
		_exit(127);
	}
	return pid;
}

/* The last line that the daemon printed, without what comes before the message itself. */
static void last_words(char *why, size_t room)
{
	char path[128], line[512], last[512] = "";
	struct rlimit files;
	char *text;
	FILE *f;

	snprintf(path, sizeof path, "%s/log", self.base);
	f = fopen(path, "re");
	while (f && fgets(line, sizeof line, f))
		if (strstr(line, "Error"))
			memcpy(last, line, sizeof last);
	if (f)
		fclose(f);
	last[strcspn(last, "\n")] = 0;
	text = strstr(last, "Error: ");
	getrlimit(RLIMIT_NOFILE, &files);
	snprintf(why, room, "lttng-sessiond did not start%s%s%s", text ? ": " : "",
		 text ? text + strlen("Error: ") : "",
		 files.rlim_cur < FEW_FILES ? "; the limit of open files is low (ulimit -n)" : "");
}

/* Wait until the daemon says by SIGUSR1 that it is ready. */
static int await_ready(char *why)
{
	int64_t deadline = now_ms() + READY_MS;
	struct timespec slice = {.tv_nsec = 50 * 1000000};
	sigset_t set;
	int sig;

	sigemptyset(&set);
	sigaddset(&set, SIGUSR1);
	sigaddset(&set, SIGCHLD);
	while (now_ms() < deadline) {
		sig = sigtimedwait(&set, NULL, &slice);
		if (sig == SIGUSR1)
			return 0;
		if (sig == SIGCHLD && waitpid(self.sessiond, NULL, WNOHANG) == self.sessiond) {
			self.sessiond = 0;
			break;
		}
		wait_for(NULL, 0, now_ms());
	}
	last_words(why, LTTNG_WHY);
	return -1;
}

static uint64_t room(void)
{
	struct statvfs fs;

	return statvfs(self.base, &fs) == 0 ? fs.f_bavail * fs.f_frsize : UINT64_MAX;
}

static void watch_consumer(pid_t pid, const char *comm)
{
	if (self.consumerd_fd < 0 && strncmp(comm, "lttng-consumerd", 15) == 0)
		self.consumerd_fd = open_pidfd(pid);
}

static int begin(struct keeper *k, char *sessiond, struct keeper_report *report)
{
	char *argv[] = {sessiond, "--no-kernel", "--sig-parent", NULL};

	self.packet = k->plan.subbuf;
	self.least = lttng_bytes(&k->plan) + (room() / 2 < LEAST_ROOM ? room() / 2 : LEAST_ROOM);
	self.sessiond = spawn(argv);
	if (self.sessiond < 0) {
		snprintf(report->why, sizeof report->why, "fork: %s", strerror(errno));
		return -1;
	}
	if (await_ready(report->why) < 0)
		return -1;
	self.sessiond_fd = open_pidfd(self.sessiond);
	if (step(BEGIN_MS, report, step_begin, &k->plan) < 0)
		return -1;
	each_child(self.sessiond, watch_consumer);
	return 0;
}

/* Whether weft record has said that the program ended. */
static bool told_to_stop(void)
{
	char command;

	return recv(self.sock, &command, 1, MSG_DONTWAIT) == 1;
}

static bool ended(int pidfd)
{
	return pidfd >= 0 && wait_for(&pidfd, 1, now_ms()) > 0;
}

/* Whether recording can stop in time: else the trace has lost what found no room. */
static void say_full(uint64_t left, char *why)
{
	snprintf(why, LTTNG_WHY, "the file system of %s %s; TMPDIR can name a directory with more room",
		 self.base,
		 left >= self.packet
			 ? "is nearly full, so recording stopped before the program did"
			 : "was full before recording could be stopped, so events are missing");
}

/* Until the program has ended; or until recording must, with the reason in `why`.  Without its
 * consumer the session daemon may keep the program waiting for ever; without the session daemon
 * the program goes on.  On a full disk the trace would end in the middle of a packet, and to mend
 * that needs room. */
static void watch(char *why)
{
	int fds[3] = {self.sock, self.sessiond_fd, self.consumerd_fd};
	const char *died = NULL;
	uint64_t left, ms;

	for (;;) {
		/* Before the question whether to stop: both may have come since the last look. */
		if (ended(self.consumerd_fd))
			died = "lttng-consumerd";
		else if (ended(self.sessiond_fd))
			died = "lttng-sessiond";
		if (died) {
			snprintf(why, LTTNG_WHY,
				 "%s ended before the program did; what it did after that is not "
				 "recorded",
				 died);
			kill_all();
			return;
		}
		if (told_to_stop())
			return;
		left = room();
		if (left < self.least) {
			say_full(left, why);
			return;
		}
		ms = (left - self.least) / FASTEST + 1;
		wait_for(fds, 3, now_ms() + (int64_t)(ms < WATCH_MS ? ms : WATCH_MS));
	}
}

/* A program that was killed in the middle of an event leaves its last sub-buffers where only
 * lttng-crash gets them out. */
static void recover(const struct keeper *k, char *crash)
{
	char *argv[] = {crash, "-x", (char *)k->recovered, (char *)k->plan.shm, NULL};
	pid_t pid = spawn(argv);
	int fd = pid > 0 ? open_pidfd(pid) : -1;

	if (fd >= 0)
		wait_for(&fd, 1, now_ms() + RECOVER_MS);
	kill_all();
}

static bool nearly_full(void)
{
	return room() < self.least;
}

/* What is not whole at the end of a trace cannot be copied to be mended: how many bytes are cut off. */
static uint64_t cut_ends(const char *trace)
{
	return nearly_full() ? repair_cut_ends(trace) : 0;
}

/* Besides what is said already: what was cut, or else that not all could be written. */
static void say_cut(uint64_t cut, bool unwritten, char *why)
{
	size_t n = strlen(why);

	if (cut && !n)
		snprintf(why, LTTNG_WHY,
			 "the file system of %s was full: %" PRIu64
			 " bytes at the end of the trace are missing; TMPDIR can name a directory with more "
			 "room", self.base, cut);
	else if (unwritten && !n)
		snprintf(why, LTTNG_WHY,
			 "the file system of %s was full, so events are missing; TMPDIR can name a "
			 "directory with more room", self.base);
	else if (cut)
		snprintf(why + n, LTTNG_WHY - n, "; %" PRIu64 " bytes at the end of the trace are missing",
			 cut);
}

static void write_counts(const struct keeper *k, const struct thread_count *threads, size_t n, char *why)
{
	char path[128];

	snprintf(path, sizeof path, "%s/threads" COUNTS_SUFFIX, k->left);
	if ((!threads || counts_write(path, threads, n) < 0) && !*why)
		snprintf(why, LTTNG_WHY,
			 "cannot write %s, so events that threads lost last may be "
			 "missing unnoticed",
			 path);
}

static void finish(const struct keeper *k, char *crash, struct keeper_report *report)
{
	char why[LTTNG_WHY] = "";
	struct thread_count *threads;
	bool full, unwritten = false;
	uint64_t cut;
	size_t n;

	watch(why);
	/* Before recording stops: what is numbered by now is to be in the trace.  Processes may go on. */
	threads = counts_read(k->counts, &n);
	report->discarded = -1;
	full = nearly_full();
	if (self.sessiond && step(full ? FULL_MS : FINISH_MS, report, step_finish, &k->plan) < 0)
		unwritten = full;
	kill_all();
	cut = cut_ends(k->plan.trace);
	write_counts(k, threads, n, why);
	free(threads);
	recover(k, crash);
	cut += cut_ends(k->recovered);
	say_cut(cut, unwritten, why);
	metadata_complete(k->plan.trace, k->plan.shm);
	if (*why)
		memcpy(report->why, why, sizeof why);
}

static void answer(const struct answer *a)
{
	if (send(self.sock, a, sizeof *a, MSG_NOSIGNAL) < 0)
		leave();
}

/* Nothing of weft record's stays open here, or who reads its output would wait for us. */
static void detach(const struct keeper *k, int sock)
{
	char path[128];
	sigset_t set;
	int fd;

	self.sock = fcntl(sock, F_DUPFD_CLOEXEC, 3);
	if (self.sock != 3)
		self.sock = dup3(self.sock, 3, O_CLOEXEC);
	close_range(4, ~0u, 0);
	snprintf(path, sizeof path, "%s/log", k->base);
	dup2(open("/dev/null", O_RDONLY | O_CLOEXEC), 0);
	fd = open(path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0644);
	dup2(fd, 1);
	dup2(fd, 2);
	setsid();
	sigemptyset(&set);
	sigaddset(&set, SIGUSR1);
	sigaddset(&set, SIGCHLD);
	sigprocmask(SIG_SETMASK, &set, NULL);
	signal(SIGPIPE, SIG_IGN);
	prctl(PR_SET_CHILD_SUBREAPER, 1);
}

static int drop_root(char *why)
{
	if (geteuid() != 0)
		return 0;
	if (setgroups(0, NULL) == 0 && setresgid(OTHER_UID, OTHER_UID, OTHER_UID) == 0 &&
	    setresuid(OTHER_UID, OTHER_UID, OTHER_UID) == 0)
		return 0;
	snprintf(why, LTTNG_WHY, "cannot run the trace daemon as user %d: %s", OTHER_UID,
		 strerror(errno));
	return -1;
}

static int prepare(const struct keeper *k, char *why)
{
	unsetenv("LD_PRELOAD");
	setenv("LTTNG_HOME", k->base, 1);
	if (mkdir(k->plan.trace, 0700) == 0 && mkdir(k->plan.shm, 0700) == 0 &&
	    mkdir(k->left, 0700) == 0 && counts_make(k->counts) == 0)
		return 0;
	snprintf(why, LTTNG_WHY, "cannot use %s: %s", k->base, strerror(errno));
	return -1;
}

static _Noreturn void keep(struct keeper *k, int sock, char *sessiond, char *crash)
{
	struct answer a = {.report.discarded = -1};

	/* Here and not in weft record, which may be killed before it has a keeper. */
	if (place_make(k) < 0)
		_exit(write(sock, &a, sizeof a) < 0);
	memcpy(a.base, k->base, sizeof a.base);
	a.plan = k->plan;
	self.base = k->base;
	self.consumerd_fd = -1;
	self.sessiond_fd = -1;
	detach(k, sock);
	answer(&a); // who knows of the directory removes it if we are killed
	a.ok = drop_root(a.report.why) == 0 && prepare(k, a.report.why) == 0 &&
	       begin(k, sessiond, &a.report) == 0;
	if (!a.ok)
		kill_all();
	answer(&a);
	if (a.ok) {
		finish(k, crash, &a.report);
		answer(&a);
	}
	for (;;)
		wait_for(NULL, 0, 0);
}

/* ---- In weft record --------------------------------------------------------------------- */

/* The path of a tool of LTTng's, to be freed; NULL after a message that says how to get it. */
static char *find_tool(const char *name)
{
	char *path = program_find(name);

	if (!path)
		error("%s is not installed: install the package lttng-tools "
		      "(on Debian: apt-get install lttng-tools)",
		      name);
	return path;
}

static int hear(struct keeper *k, struct answer *a)
{
	ssize_t n;

	do
		n = recv(k->sock, a, sizeof *a, 0);
	while (n < 0 && errno == EINTR);
	if (n == sizeof *a)
		return 0;
	*a = (struct answer){.report.discarded = -1,
			     .report.why = "the recorder's helper process was killed"};
	return -1;
}

int keeper_start(struct keeper *k)
{
	char *sessiond = find_tool("lttng-sessiond"), *crash = NULL;
	int socks[2] = {-1, -1}, ret = -1;
	struct answer a;

	k->pid = -1;
	if (!sessiond)
		return -1;
	crash = find_tool("lttng-crash");
	if (!crash)
		goto out;
	if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, socks) < 0 ||
	    (k->pid = fork()) < 0) {
		error("cannot start recording: %s", strerror(errno));
		goto out;
	}
	if (k->pid == 0)
		keep(k, socks[1], sessiond, crash);
	k->sock = socks[0];
	socks[0] = -1;
	close(socks[1]); // so that the keeper's end is seen
	socks[1] = -1;
	hear(k, &a);
	memcpy(k->base, a.base, sizeof k->base);
	k->plan = a.plan;
	place_names(k);
	if (*k->base)
		hear(k, &a);
	ret = a.ok ? 0 : -1;
	if (!a.ok && *a.report.why)
		error("cannot record: %s", a.report.why);
	if (!a.ok)
		keeper_end(k);
out:
	for (int i = 0; i < 2; i++)
		if (socks[i] >= 0)
			close(socks[i]);
	free(sessiond);
	free(crash);
	return ret;
}

void keeper_stop(struct keeper *k, struct keeper_report *report)
{
	struct answer a;

	send(k->sock, "s", 1, MSG_NOSIGNAL);
	kill(k->pid, SIGCONT); // who stopped it has forgotten it, and it is needed now
	hear(k, &a);
	*report = a.report;
}

void keeper_end(struct keeper *k)
{
	close(k->sock);
	while (waitpid(k->pid, NULL, 0) < 0 && errno == EINTR)
		;
	place_remove(k);
}
