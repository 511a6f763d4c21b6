/* SPDX-License-Identifier: MIT */
/* Closes all descriptors, as daemons do, and then plays beside files of its own: fds HOW
 *
 * Prints what is not as it should be: its own descriptor is open still, one of its files, into which
 * it writes nothing, has something in it.
 */
#define _GNU_SOURCE
#include <weft.h>

#include <errno.h>
#include <fcntl.h>
#include <linux/close_range.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { FILES = 200, HIGH = 700, ALL = 1024 };

typedef weft_chan_of(int) int_chan;

static void close_all(const char *how)
{
	int own = fcntl(STDERR_FILENO, F_DUPFD, HIGH);

	if (!strcmp(how, "loop"))
		for (int fd = 3; fd < ALL; fd++)
			close(fd);
	else if (!strcmp(how, "closefrom"))
		closefrom(3);
	else if (!strcmp(how, "range"))
		close_range(3, ~0u, 0);
	else if (!strcmp(how, "unshare"))
		close_range(3, ~0u, CLOSE_RANGE_UNSHARE);
	if (fcntl(own, F_GETFD) != -1 || errno != EBADF)
		printf("descriptor %d is not closed\n", own);
	if (close(own) != -1 || errno != EBADF)
		printf("descriptor %d can be closed twice\n", own);
}

static void add_one(void *arg)
{
	int_chan *c = arg;

	weft_range(c[0], v)
		weft_send(c[1], v + 1);
}

/* Some megabytes of trace. */
static int app(void *arg)
{
	int_chan c[2] = {weft_make(int_chan, 0), weft_make(int_chan, 0)};
	int v = 0;

	(void)arg;
	weft_go(add_one, c);
	for (int i = 0; i < 40000; i++) {
		weft_send(c[0], v);
		weft_recv(c[1], &v);
	}
	weft_close(c[0]);
	return 0;
}

int main(int argc, char **argv)
{
	char name[] = "file-XXXXXX";
	int files[FILES];
	struct stat st;

	if (argc > 1)
		close_all(argv[1]);
	for (int i = 0; i < FILES; i++) {
		memset(name + sizeof "file-" - 1, 'X', 6);
		files[i] = mkstemp(name);
		unlink(name);
	}
	weft_run(app, NULL);
	for (int i = 0; i < FILES; i++)
		if (fstat(files[i], &st) < 0 || st.st_size)
			printf("descriptor %d: %s\n", files[i],
			       fstat(files[i], &st) < 0 ? strerror(errno) : "not empty");
	return 0;
}
