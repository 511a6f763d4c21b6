/* SPDX-License-Identifier: MIT */
/* The loader, given what libFuzzer makes up, from the trace to the rows, in one process.
 *
 * The first byte of an input says what the rest is: `s` a stream file, and the file `metadata`
 * beside this one (FUZZ_METADATA) is that of the trace; `m` its metadata, beside the first seed's
 * stream; `l` what a killed packed program had left, and `c` what its threads had counted, each beside that
 * stream; `t` hand-written events.
 *
 * What babeltrace2 aborts for is no find: the loader survives it (tracer/guard.h), so here it is
 * caught, too.  The functions of guard.c, error.c, queue.c and db.c are defined here instead:
 * making a database takes much longer than all else, and what is in the rows cannot hurt it.
 */
#define _GNU_SOURCE
#include "db.h"
#include "error.h"
#include "files.h"
#include "guard.h"
#include "hash.h"
#include "load.h"
#include "queue.h"

#include <babeltrace2/babeltrace.h>
#include <fcntl.h>
#include <setjmp.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

int LLVMFuzzerInitialize(int *argc, char ***argv);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
size_t LLVMFuzzerCustomMutator(uint8_t *data, size_t size, size_t max, unsigned seed);
size_t LLVMFuzzerMutate(uint8_t *data, size_t size, size_t max);

static char dir[4096]; /* in $FUZZ_SHM */
static char *stream; /* the first seed's */
static size_t stream_size;
static sigjmp_buf *guard; /* where an abort leads to, or NULL */
static unsigned long aborts;

/* ---- In place of db.c ---------------------------------------------------------------------- */

struct db {
	int64_t strings;
};

struct db *db_create(const char *path, bool force)
{
	static struct db db;

	(void)path, (void)force;
	db.strings = 0;
	return &db;
}

void db_begin(struct db *db)
{
	(void)db;
}

void db_put_row(struct db *db, enum db_table table, const void *row)
{
	(void)db, (void)table, (void)row;
}

void db_end_sorted(struct db *db)
{
	(void)db;
}

int64_t db_string(struct db *db, const char *text)
{
	return text[strlen(text)] ? -1 : ++db->strings; // reads all of it
}

bool db_failed(const struct db *db)
{
	(void)db;
	return false;
}

int db_temporary(struct db *db)
{
	(void)db;
	return temporary_file(dir);
}

void db_fail(struct db *db, int err)
{
	(void)db, (void)err;
}

int db_finish(struct db *db)
{
	(void)db;
	return 0;
}

void db_abandon(struct db *db)
{
	(void)db;
}

/* ---- In place of error.c and guard.c ------------------------------------------------------ */

int error(const char *fmt, ...)
{
	(void)fmt;
	return -1;
}

void note(const char *fmt, ...)
{
	(void)fmt;
}

void progress(const char *fmt, ...)
{
	(void)fmt;
}

void progress_over(void)
{
}

void die(const char *fmt, ...)
{
	fprintf(stderr, "die: %s\n", fmt);
	__builtin_trap(); // no trace may be the cause
}

static void on_abort(int sig)
{
	aborts++;
	if (guard)
		siglongjmp(*guard, sig);
}

void guard_memory(uint64_t trace)
{
	(void)trace;
}

int guard_call(int (*run)(void *arg), void (*undo)(void *arg), void *arg, size_t size, int *sig)
{
	(void)undo;
	sigjmp_buf here, *before = guard;
	int err;

	(void)size;
	*sig = sigsetjmp(here, 1);
	guard = &here;
	if (*sig)
		bt_current_thread_clear_error(); // which would make it abort again
	err = *sig ? GUARD_CRASHED : run(arg);
	guard = before;
	return err;
}

/* ---- In place of queue.c ------------------------------------------------------------------- */

/* What is given to be done is done at once: an abort leaves nothing that is yet to be done. */
struct queue *queue_new(int most)
{
	(void)most;
	return NULL;
}

void queue_put(struct queue *q, void (*run)(void *arg), void *arg)
{
	(void)q;
	run(arg);
}

void queue_hurry(struct queue *q)
{
	(void)q;
}

void queue_wait(struct queue *q)
{
	(void)q;
}

void queue_free(struct queue *q)
{
	(void)q;
}

void *pool_get(struct pool *p)
{
	return need(p->size);
}

void pool_put(struct pool *p, void *block)
{
	(void)p;
	free(block);
}

void pool_free(struct pool *p)
{
	(void)p;
}

/* ---- The trace ----------------------------------------------------------------------------- */

static void write_file(const char *name, const void *data, size_t size)
{
	int fd = open(name, O_WRONLY | O_CREAT | O_TRUNC, 0600);

	if (fd < 0 || write(fd, data, size) != (ssize_t)size)
		__builtin_trap();
	close(fd);
}

static char *read_file(const char *name, size_t *size)
{
	FILE *f = fopen(name, "r");
	char *data = malloc(1 << 20);

	if (!f || !data) {
		fprintf(stderr, "cannot read %s\n", name ? name : "(null)");
		exit(1);
	}
	*size = fread(data, 1, 1 << 20, f);
	fclose(f);
	return data;
}

int LLVMFuzzerInitialize(int *argc, char ***argv)
{
	struct sigaction act = {.sa_handler = on_abort, .sa_flags = SA_NODEFER};
	struct rlimit files = {65536, 65536};
	size_t size;
	char *metadata = read_file(getenv("FUZZ_METADATA"), &size);

	(void)argc, (void)argv;
	stream = read_file(getenv("FUZZ_STREAM"), &stream_size);
	setrlimit(RLIMIT_NOFILE, &files);
	sigaction(SIGABRT, &act, NULL);
	snprintf(dir, sizeof dir, "%s/XXXXXX", getenv("FUZZ_SHM"));
	if (!mkdtemp(dir) || chdir(dir) < 0 || mkdir("trace", 0700) < 0 ||
	    mkdir("trace/left", 0700) < 0 || mkdir("tmp", 0700) < 0)
		exit(1);
	setenv("TMPDIR", "tmp", 1);
	write_file("metadata", metadata, size);
	free(metadata);
	return 0;
}

/* After an abort: what it left of a copy goes; the input is kept if FUZZ_ABORTS is a directory. */
static void tidy(const uint8_t *data, size_t size)
{
	static unsigned long tidied;
	const char *keep = getenv("FUZZ_ABORTS");
	char name[4096];

	if (aborts == tidied)
		return;
	if (system("rm -rf tmp/*") != 0)
		__builtin_trap();
	tidied = aborts;
	snprintf(name, sizeof name, "%s/%lu", keep ? keep : "", aborts);
	if (keep)
		write_file(name, data, size);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char what = size ? (char)data[0] : 0, *path = what == 't' ? "events.trace" : "trace";
	struct load_args args = {
		.paths = &path, .npaths = 1, .out = "db", .force = true, .quiet = true};
	struct load_result result;

	if (!strchr("smlct", what) || !what)
		return -1;
	unlink("trace/left/1.packed");
	unlink("trace/left/threads.counts");
	unlink("trace/metadata");
	if (what == 't') {
		write_file("events.trace", data + 1, size - 1);
	} else {
		if (what == 'm')
			write_file("trace/metadata", data + 1, size - 1);
		else if (link("metadata", "trace/metadata") < 0)
			__builtin_trap();
		if (what == 's')
			write_file("trace/stream", data + 1, size - 1);
		else
			write_file("trace/stream", stream + 1, stream_size - 1);
		if (what == 'l')
			write_file("trace/left/1.packed", data + 1, size - 1);
		if (what == 'c')
			write_file("trace/left/threads.counts", data + 1, size - 1);
	}
	load_trace(&args, &result);
	tidy(data, size);
	return 0;
}

/* ---- Mutations ----------------------------------------------------------------------------- */

/* A few bytes become others, where they are: lengths in a trace's headers stay right. */
static void change(uint8_t *data, size_t size, unsigned *rng)
{
	static const uint8_t odd[] = {0, 1, 0x7f, 0x80, 0xff, 64, '"', '\n'};
	size_t at = 1 + rand_r(rng) % (size - 1), n = 1 + rand_r(rng) % 8;
	size_t from = 1 + rand_r(rng) % (size - 1);

	for (size_t i = 0; i < n && at + i < size; i++) {
		switch (rand_r(rng) % 4) {
		case 0:
			data[at + i] ^= (uint8_t)(1 << rand_r(rng) % 8);
			break;
		case 1:
			data[at + i] = odd[(size_t)rand_r(rng) % sizeof odd];
			break;
		case 2:
			data[at + i] = (uint8_t)rand_r(rng);
			break;
		default:
			if (from + i < size)
				data[at + i] = data[from + i];
		}
	}
}

size_t LLVMFuzzerCustomMutator(uint8_t *data, size_t size, size_t max, unsigned seed)
{
	unsigned rng = seed;
	char what = size ? (char)data[0] : 't';

	if (size < 100 || rand_r(&rng) % 8 == 0) {
		size = LLVMFuzzerMutate(data + (size > 0), size - (size > 0), max - 1) + 1;
		data[0] = (uint8_t)what;
		return size;
	}
	for (int n = 1 + (int)(rand_r(&rng) % 4); n > 0; n--)
		change(data, size, &rng);
	return size;
}
