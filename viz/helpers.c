/* SPDX-License-Identifier: MIT */
/* Jobs that are done side by side, by this process and helpers of it. */
#define _GNU_SOURCE
#include "helpers.h"
#include "array.h"
#include "process.h"

#include <errno.h>
#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <stdatomic.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/pidfd.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

/* What all processes see. */
struct shared {
	atomic_int next; /* the job that nobody has taken yet; past the last if one has failed */
	atomic_int done;
};

struct helper {
	pid_t pid; /* 0: it is no more */
	int fd;	   /* a memory file: what it says on stderr */
};

struct helpers {
	struct work w;
	struct shared *shared;
	int *out; /* a memory file for each job */
	struct helper v[HELPERS_MOST];
	int n;
};

/* ---- Jobs ---- */

static int do_job(struct helpers *h, int i)
{
	char *text;
	size_t len;
	FILE *f = open_memstream(&text, &len);
	int ret;

	if (!f)
		die("out of memory");
	ret = h->w.job(h->w.arg, i, f);
	if (fclose(f) != 0)
		die("out of memory");
	if (ret == 0 && process_write(h->out[i], text, len) < 0)
		ret = error("cannot keep one of the %s: %s", h->w.things, strerror(errno));
	free(text);
	return ret;
}

/* Take jobs until there are no more. */
static int do_jobs(struct helpers *h)
{
	int i;

	while ((i = atomic_fetch_add(&h->shared->next, 1)) < h->w.n) {
		if (do_job(h, i) < 0) {
			atomic_store(&h->shared->next, h->w.n);
			return -1;
		}
		atomic_fetch_add(&h->shared->done, 1);
	}
	return 0;
}

/* ---- Helpers ---- */

static int memory_file(const char *name)
{
	int fd = memfd_create(name, MFD_CLOEXEC);

	if (fd < 0)
		die("cannot make a file in memory: %s", strerror(errno));
	return fd;
}

static void help(struct helpers *h, int fd, pid_t parent)
{
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	if (getppid() != parent)
		_exit(1);
	dup2(fd, STDERR_FILENO);
	_exit(h->w.begin(h->w.arg) < 0 || do_jobs(h) < 0);
}

static int cpus(void)
{
	cpu_set_t set;

	return sched_getaffinity(0, sizeof set, &set) < 0 ? 1 : CPU_COUNT(&set);
}

struct helpers *helpers_start(const struct work *w)
{
	struct helpers *h = array_zeroed(1, sizeof *h);
	int n = cpus();
	pid_t self = getpid();

	h->w = *w;
	h->shared = mmap(NULL, sizeof *h->shared, PROT_READ | PROT_WRITE,
			 MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	if (h->shared == MAP_FAILED)
		die("out of memory");
	h->out = array_zeroed((size_t)w->n, sizeof *h->out);
	for (int i = 0; i < w->n; i++)
		h->out[i] = memory_file("out");
	for (int i = 1; i < n && i < HELPERS_MOST && i < w->n; i++) {
		struct helper *helper = &h->v[h->n];

		helper->fd = memory_file("err");
		helper->pid = fork();
		if (helper->pid == 0)
			help(h, helper->fd, self);
		if (helper->pid < 0) { /* then those that are there do it */
			close(helper->fd);
			break;
		}
		h->n++;
	}
	return h;
}

/* Wait for one, and say so if it takes long; its exit status. */
static int wait_for(const struct helpers *h, struct helper *helper)
{
	struct pollfd p = {.fd = pidfd_open(helper->pid, 0), .events = POLLIN};
	int status = 0;

	while (p.fd >= 0 && poll(&p, 1, 1000) <= 0)
		progress("%d of %d %s", atomic_load(&h->shared->done), h->w.n, h->w.things);
	if (p.fd >= 0)
		close(p.fd);
	while (waitpid(helper->pid, &status, 0) < 0 && errno == EINTR)
		;
	helper->pid = 0;
	return status;
}

static void repeat_words(const struct helper *helper)
{
	size_t len;
	char *text = process_contents(helper->fd, &len), *from = text;

	if (len && text[len - 1] == '\n')
		text[len - 1] = '\0';
	if (strncmp(from, "weft: ", 6) == 0)
		from += 6;
	if (*from)
		note("%s", from);
	free(text);
}

int helpers_join(struct helpers *h)
{
	int ret = do_jobs(h);

	for (int i = 0; i < h->n; i++) {
		int status = wait_for(h, &h->v[i]);

		if (ret < 0) /* one message is enough */
			continue;
		repeat_words(&h->v[i]);
		if (WIFSIGNALED(status))
			error("a process that made %s was ended by signal %d", h->w.things,
			      WTERMSIG(status));
		if (status != 0)
			ret = -1;
	}
	return ret;
}

void helpers_write(const struct helpers *h, int i, FILE *f)
{
	size_t len;
	char *text = process_contents(h->out[i], &len);

	fwrite(text, 1, len, f);
	free(text);
}

void helpers_free(struct helpers *h)
{
	for (int i = 0; i < h->n; i++) {
		struct helper *helper = &h->v[i];

		if (helper->pid)
			kill(helper->pid, SIGKILL);
		while (helper->pid && waitpid(helper->pid, NULL, 0) < 0 && errno == EINTR)
			;
		close(helper->fd);
	}
	for (int i = 0; i < h->w.n; i++)
		close(h->out[i]);
	munmap(h->shared, sizeof *h->shared);
	free(h->out);
	free(h);
}
