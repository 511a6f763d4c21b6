/* SPDX-License-Identifier: MIT */
/* Run a program on a text, without a shell, and take what it prints.
 *
 * Text and output are memory files, not pipes, so that neither side ever waits for the other.
 */
#define _GNU_SOURCE
#include "process.h"
#include "array.h"
#include "files.h"

#include <errno.h>
#include <signal.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

int process_write(int fd, const char *data, size_t len)
{
	while (len) {
		ssize_t n = write(fd, data, len);

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return -1;
		data += n;
		len -= (size_t)n;
	}
	return 0;
}

static void child(const char *const argv[], const int fds[3], pid_t parent)
{
	prctl(PR_SET_PDEATHSIG, SIGKILL); /* who would read what it prints? */
	if (getppid() != parent)
		_exit(126);
	for (int i = 0; i < 3; i++)
		dup2(fds[i], i);
	setenv("LC_ALL", "C.UTF-8", 1);
	unsetenv("GNUTERM");
	unsetenv("GNUPLOT_LIB");
	unsetenv("GNUPLOT_DRIVER_DIR");
	file_limit_restore();
	execvp(argv[0], (char *const *)argv);
	_exit(errno == ENOENT ? 127 : 126);
}

char *process_contents(int fd, size_t *len)
{
	struct stat st;
	char *text;
	ssize_t n;

	if (fstat(fd, &st) < 0)
		die("out of memory");
	text = array_zeroed((size_t)st.st_size + 1, 1);
	for (*len = 0; *len < (size_t)st.st_size; *len += (size_t)n) {
		n = pread(fd, text + *len, (size_t)st.st_size - *len, (off_t)*len);
		if (n <= 0)
			break;
	}
	return text;
}

int process_run(const char *const argv[], const char *in, size_t len, struct output *o)
{
	static const char *const names[] = {"in", "out", "err"};
	int fds[3], ret = -1;
	pid_t self = getpid(), pid = -1;

	for (int i = 0; i < 3; i++)
		fds[i] = memfd_create(names[i], MFD_CLOEXEC);
	if (fds[0] < 0 || fds[1] < 0 || fds[2] < 0 || process_write(fds[0], in, len) < 0 ||
	    lseek(fds[0], 0, SEEK_SET) < 0 || (pid = fork()) < 0) {
		error("cannot start %s: %s", argv[0], strerror(errno));
		goto out;
	}
	if (pid == 0)
		child(argv, fds, self);
	while (waitpid(pid, &o->status, 0) < 0 && errno == EINTR)
		;
	o->out = process_contents(fds[1], &o->nout);
	o->err = process_contents(fds[2], &o->nerr);
	ret = 0;
out:
	for (int i = 0; i < 3; i++)
		if (fds[i] >= 0)
			close(fds[i]);
	return ret;
}

void process_free(struct output *o)
{
	free(o->out);
	free(o->err);
}
