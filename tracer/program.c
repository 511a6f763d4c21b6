/* SPDX-License-Identifier: MIT */
#define _GNU_SOURCE
#include "program.h"
#include "error.h"
#include "files.h"

#include <elf.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

bool program_ignores_children;

static bool executable(const char *path)
{
	struct stat st;

	return stat(path, &st) == 0 && S_ISREG(st.st_mode) && access(path, X_OK) == 0;
}

/* The first file of that name in PATH that can be executed, else the first at all. */
char *program_find(const char *name)
{
	const char *dir = getenv("PATH"), *end;
	char *path, *found = NULL;

	if (strchr(name, '/'))
		return strdup(name);
	if (!dir)
		dir = "/usr/local/bin:/usr/bin:/bin";
	for (; *name; dir = end + 1) {
		end = strchrnul(dir, ':');
		if (asprintf(&path, "%.*s%s%s", (int)(end - dir), dir, end > dir ? "/" : "", name) <
		    0)
			die("no memory");
		if (executable(path)) {
			free(found);
			return path;
		}
		if (!found && access(path, F_OK) == 0)
			found = path;
		else
			free(path);
		if (!*end)
			break;
	}
	return found;
}

/* Whether this is a program for which no dynamic linker is loaded, so that nothing can be. */
static bool statically_linked(int fd)
{
	Elf64_Ehdr e;
	Elf64_Phdr p;

	if (pread(fd, &e, sizeof e, 0) != sizeof e || memcmp(e.e_ident, ELFMAG, SELFMAG) != 0 ||
	    e.e_ident[EI_CLASS] != ELFCLASS64 || e.e_phentsize != sizeof p)
		return false;
	for (int i = 0; i < e.e_phnum; i++) {
		if (pread(fd, &p, sizeof p, (off_t)(e.e_phoff + (uint64_t)i * sizeof p)) !=
		    sizeof p)
			return false;
		if (p.p_type == PT_INTERP)
			return false;
	}
	return true;
}

int program_check(const char *path)
{
	struct stat st;
	int fd, err, ret = 0;

	if (stat(path, &st) < 0) {
		err = errno;
		error("cannot run %s: %s", path, strerror(err));
		return err == ENOENT || err == ENOTDIR ? PROGRAM_NOT_FOUND : PROGRAM_CANNOT_EXECUTE;
	}
	if (S_ISDIR(st.st_mode)) {
		error("cannot run %s: it is a directory", path);
		return PROGRAM_CANNOT_EXECUTE;
	}
	if (!executable(path)) {
		error("cannot run %s: it is not executable (chmod +x makes it so)", path);
		return PROGRAM_CANNOT_EXECUTE;
	}
	fd = open(path, O_RDONLY | O_CLOEXEC); // one that we may run but not read is left to chance
	if (fd >= 0 && statically_linked(fd)) {
		error("%s is statically linked, so it cannot be recorded: link it dynamically "
		      "(without -static)",
		      path);
		ret = PROGRAM_FAILED;
	}
	if (fd >= 0)
		close(fd);
	return ret;
}

/* In the child.  errno goes to the parent if it cannot be executed. */
static _Noreturn void execute(const char *path, char **argv, const sigset_t *mask, int fd)
{
	int err;

	if (program_ignores_children)
		signal(SIGCHLD, SIG_IGN);
	file_limit_restore();
	sigprocmask(SIG_SETMASK, mask, NULL);
	execv(path, argv);
	err = errno;
	_exit(write(fd, &err, sizeof err) < 0);
}

/* Wait for the program.  What the terminal sends (^C) goes to the program too, without our help;
 * what a process sends to us alone does not. */
static int wait_for(pid_t pid, const sigset_t *set)
{
	siginfo_t si;
	int status;

	for (;;) {
		if (sigwaitinfo(set, &si) < 0)
			continue;
		if (si.si_signo == SIGCHLD && waitpid(pid, &status, WNOHANG) == pid)
			return status;
		if (si.si_signo != SIGCHLD && si.si_code <= 0)
			kill(pid, si.si_signo);
	}
}

int program_run(const char *path, char **argv, int *status)
{
	static const int passed_on[] = {SIGCHLD, SIGINT,  SIGQUIT, SIGTERM,
					SIGHUP,	 SIGUSR1, SIGUSR2};
	struct timespec no_time = {0};
	sigset_t set, before;
	int fds[2], err = 0;
	pid_t pid;

	sigemptyset(&set);
	for (size_t i = 0; i < sizeof passed_on / sizeof *passed_on; i++)
		sigaddset(&set, passed_on[i]);
	sigprocmask(SIG_BLOCK, &set, &before);
	pid = pipe2(fds, O_CLOEXEC) < 0 ? -1 : fork();
	if (pid < 0) {
		error("cannot run %s: %s", path, strerror(errno));
		return PROGRAM_FAILED;
	}
	if (pid == 0)
		execute(path, argv, &before, fds[1]);
	close(fds[1]);
	if (read(fds[0], &err, sizeof err) != sizeof err)
		err = 0;
	close(fds[0]);
	*status = wait_for(pid, &set);
	while (sigtimedwait(&set, NULL, &no_time) > 0)
		; // a ^C that came with the program's end was meant for the program
	sigprocmask(SIG_SETMASK, &before, NULL);
	if (!err)
		return 0;
	error("cannot run %s: %s", path,
	      err == ENOEXEC  ? "it is neither a program for this machine nor a script that begins "
				"with #!"
	      : err == ENOENT ? "the interpreter that it names does not exist"
			      : strerror(err));
	return PROGRAM_CANNOT_EXECUTE;
}
