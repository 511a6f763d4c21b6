/* SPDX-License-Identifier: MIT */
/* weft record: run a program under a private trace session, and load what it did.
 *
 * All that can be known to fail is looked at before the program is started, as its run may be long
 * or have effects.  Its status is passed on; 125, 126 and 127 are our own, as of env and timeout.
 */
#define _GNU_SOURCE
#include "cmds.h"
#include "error.h"
#include "files.h"
#include "keeper.h"
#include "load.h"
#include "packed.h"
#include "program.h"
#include "remaining.h"
#include "run_info.h"
#include "sets.h"
#include "symbols.h"

#include <ctype.h>
#include <dirent.h>
#include <errno.h>
#include <ftw.h>
#include <getopt.h>
#include <limits.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

/* Samples for each second; not a hundred, or what the program does each ten milliseconds would be
 * found always or never. */
#define CPU_HZ "99"
enum { CPU_HZ_MOST = 1000 };

struct record {
	const char *output;
	bool force;
	bool packed;
	const char *keep;      /* directory for the trace, or NULL */
	char *saved;	       /* one that nobody asked for, or NULL */
	bool keep_made;	       /* we made that directory */
	bool stacks;	       /* record them, too */
	const char *hz;	       /* cpu samples for each second, or NULL for none */
	const char *debug_dir; /* as in struct load_args */
	const char *sets;      /* of events, with commas, or NULL for all */
	char **argv;	       /* of the program */
	char *path;	       /* the program's file */
	bool counted;	       /* some thread of it numbered events */
	struct keeper keeper;
	char *trace, *recovered; /* the traces, in the end */
	char *left;		 /* what else programs left: see keeper.h */
	struct run_info info;
};

static int help(void)
{
	char cost[256];

	printf("Usage: weft record [OPTION]... [--] PROGRAM [ARGUMENT]...\n"
	       "Run PROGRAM, record what its goroutines and workers do, and load that into a\n"
	       "database.  PROGRAM's input, output, signals and exit status are passed through.\n"
	       "What it leaves running is recorded until PROGRAM itself has ended.\n\n"
	       "  -o, --output=FILE  the database to write (run.db)\n"
	       "  -f, --force        overwrite FILE if it exists\n"
	       "      --lossless     PROGRAM waits when it is faster than its trace can be\n"
	       "                     written, so that no event is lost; it may wait long\n"
	       "  -e, --events=SET,...  record only these sets of events, of those below\n"
	       "      --stacks       also by which calls goroutines are spawned, wait and are "
	       "woken;\n"
	       "                     the set stack below\n"
	       "      --cpu[=HZ]     also which code takes the cpus: HZ samples (99) for each "
	       "second\n"
	       "                     of cpu time, found by a signal, SIGPROF; the set cpu below\n"
	       "      --packed       gather events in the program, and write hundreds at a time:\n"
	       "                     it is slowed down less, and the trace is smaller\n"
	       "      --keep=DIR     keep the trace (CTF) too, in a new directory DIR, for\n"
	       "                     weft load, babeltrace2 or any other reader of CTF 1.8\n"
	       "      --debug-dir=DIR  look in DIR, too, for the debug information of programs "
	       "and\n"
	       "                     libraries that stacks are in\n"
	       "      --help         this text\n\n"
	       "If no database can be made the trace stays in a directory of its own, whose name "
	       "is\n"
	       "said.\n\n"
	       "The exit status is PROGRAM's, or 128+N if signal N ended it; 125 if the recording\n"
	       "failed, 126 if PROGRAM cannot be executed, 127 if it is not found,\n"
	       "2 after a wrong option.\n\n"
	       "Sets of events, and what recording them costs.  That differs from machine to\n"
	       "machine: these are figures of %s (make bench-sets\n"
	       "measures yours):\n",
	       costs_of);
	for (int i = 0; i < SETS; i++)
		printf("  %-7s %s\n          %s\n", set_desc[i].name, set_desc[i].doc,
		       set_cost(&set_desc[i], cost, sizeof cost));
	printf("  %-7s %s\n          %s\n", set_stack.name, set_stack.doc,
	       set_cost(&set_stack, cost, sizeof cost));
	printf("With --packed it is %s.\n", set_cost(&set_packed, cost, sizeof cost));
	return 0;
}

/* ---- Before the program runs ------------------------------------------------------------ */

static int check_output(const struct record *r)
{
	char *dir = directory_of(r->output);
	struct stat st;
	int ret = 0;

	if (access(dir, W_OK | X_OK) < 0)
		ret = error("cannot write %s: directory %s: %s; -o FILE names another place",
			    r->output, dir, strerror(errno));
	else if (stat(r->output, &st) < 0 && lstat(r->output, &st) == 0)
		ret = error("cannot write %s: it is a link to what is not there", r->output);
	else if (stat(r->output, &st) < 0)
		ret = errno == ENOENT ? 0
				      : error("cannot write %s: %s", r->output, strerror(errno));
	else if (!S_ISREG(st.st_mode))
		ret = error("cannot write %s: it is not a file; -o FILE names another", r->output);
	else if (!r->force)
		ret = error("%s exists: -f overwrites it, -o FILE names another", r->output);
	free(dir);
	return ret;
}

static int check_debug_dir(const struct record *r)
{
	struct symbols *s = symbols_new();
	int ret = r->debug_dir ? symbols_debug_dir(s, r->debug_dir) : 0;

	symbols_free(s);
	return ret;
}

static bool empty_directory(const char *path)
{
	DIR *dir = opendir(path);
	struct dirent *d;
	bool empty = dir;

	while (dir && (d = readdir(dir)))
		if (strcmp(d->d_name, ".") != 0 && strcmp(d->d_name, "..") != 0)
			empty = false;
	if (dir)
		closedir(dir);
	return empty;
}

static int make_keep(struct record *r)
{
	if (!r->keep)
		return 0;
	if (mkdir(r->keep, 0777) == 0) {
		r->keep_made = true;
		return 0;
	}
	if (errno != EEXIST)
		return error("cannot create %s: %s", r->keep, strerror(errno));
	if (!empty_directory(r->keep))
		return error("%s exists: --keep needs a new directory, or an empty one", r->keep);
	if (access(r->keep, W_OK | X_OK) < 0)
		return error("cannot write into %s: %s", r->keep, strerror(errno));
	return 0;
}

/* The directory that the command is in, to be freed. */
static char *own_directory(void)
{
	char exe[PATH_MAX];
	ssize_t n = readlink("/proc/self/exe", exe, sizeof exe - 1);

	exe[n > 0 ? n : 0] = 0;
	return directory_of(exe);
}

/* A library of ours: beside the command where it was built, or as it was installed.  To be freed,
 * or NULL. */
static char *find_library(const char *name)
{
	static const char *const places[] = {"", "/../lib/weft", "/../lib"};
	char *dir = own_directory(), *lib, *real = NULL;

	for (int i = 0; i < 3 && !real; i++) {
		if (asprintf(&lib, "%s%s/%s", dir, places[i], name) < 0)
			die("no memory");
		real = realpath(lib, NULL);
		free(lib);
	}
	free(dir);
	return real;
}

/* The library of probes. */
static int set_library(void)
{
	char *real = find_library("libweft-trace.so"), *dir;

	if (real) {
		setenv("WEFT_TRACE_LIB", real, 1);
		free(real);
		return 0;
	}
	dir = own_directory();
	error("libweft-trace.so is not in %s, beside weft, nor in %s/../lib/weft: build or install "
	      "weft again",
	      dir, dir);
	free(dir);
	return -1;
}

/* 0, or the status to exit with. */
static int check(struct record *r)
{
	int status;

	r->path = program_find(r->argv[0]);
	if (!r->path) {
		error("cannot find %s in PATH; a program in this directory is ./%s", r->argv[0],
		      r->argv[0]);
		return PROGRAM_NOT_FOUND;
	}
	status = program_check(r->path);
	if (status)
		return status;
	if (check_output(r) < 0 || check_debug_dir(r) < 0 || set_library() < 0 || make_keep(r) < 0)
		return PROGRAM_FAILED;
	return 0;
}

/* ---- After it ran ----------------------------------------------------------------------- */

static bool any_data;

static int look_for_data(const char *path, const struct stat *st, int type, struct FTW *ftw)
{
	if (type == FTW_F && st->st_size > 0 && strcmp(path + ftw->base, "metadata") != 0 &&
	    !strstr(path + ftw->base, ".idx"))
		any_data = true;
	return 0;
}

static bool has_data(const char *dir)
{
	any_data = false;
	nftw(dir, look_for_data, 16, FTW_PHYS);
	return any_data;
}

/* Move one part of the trace to where it is kept. */
static int keep_part(struct record *r, char **part, const char *name)
{
	char *to;

	if (!r->keep || !*part)
		return 0;
	if (asprintf(&to, "%s/%s", r->keep, name) < 0)
		die("no memory");
	if (move_tree(*part, to) < 0) {
		free(to);
		return -1;
	}
	free(*part);
	*part = to;
	return 0;
}

static int keep_trace(struct record *r)
{
	if (!r->keep)
		return 0;
	if (keep_part(r, &r->trace, "trace") < 0 || keep_part(r, &r->recovered, "recovered") < 0 ||
	    keep_part(r, &r->left, "left") < 0)
		return -1;
	return run_info_write(&r->info, r->keep);
}

/* There is no database: what was recorded is not to be lost with it. */
static void save_trace(struct record *r)
{
	const char *tmp = getenv("TMPDIR");

	if (!r->keep) {
		if (asprintf(&r->saved, "%s/weft-trace-XXXXXX", tmp && *tmp ? tmp : "/tmp") < 0)
			die("no memory");
		r->keep = mkdtemp(r->saved);
		r->keep_made = r->keep;
		if (!r->keep)
			error("cannot make a directory %s: %s", r->saved, strerror(errno));
		if (!r->keep || keep_trace(r) < 0)
			return;
	}
	note("the trace is in %s; to try again: weft load -o FILE %s", r->keep, r->keep);
}

static void take_status(struct record *r, int status)
{
	if (WIFEXITED(status)) {
		r->info.exit_status = WEXITSTATUS(status);
		return;
	}
	r->info.exit_signal = WTERMSIG(status);
	note("%s was ended by signal %d (%s)", r->argv[0], WTERMSIG(status),
	     strsignal(WTERMSIG(status)));
}

/* What the program had was too little, as far as that can be told: it did run. */
static int no_events(const struct record *r)
{
	if (r->counted)
		return error("no weft events: %s had some, but could not write them: LTTng needs about 12 file "
			     "descriptors in the program, and 2 more for each cpu (ulimit -n), and %llu MiB of its "
			     "memory (ulimit -v)",
			     r->argv[0], (unsigned long long)(lttng_bytes(&r->keeper.plan) >> 20));
	return error("no weft events: %s did not call weft_run(), or is not linked with libweft", r->argv[0]);
}

static int stop(struct record *r)
{
	struct keeper_report report;
	struct remaining rest;
	const char *why;

	remaining_find(&rest, r->keeper.counts);
	if (rest.what)
		r->left = remaining_copy(&rest, r->keeper.left);
	r->counted = rest.nthreads > 0;
	keeper_stop(&r->keeper, &report);
	why = *report.why ? report.why : rest.what;
	if (why) {
		note("%s", why);
		r->info.incomplete = strdup(why);
	}
	remaining_free(&rest);
	r->info.discarded = report.discarded;
	r->trace = has_data(r->keeper.plan.trace) ? strdup(r->keeper.plan.trace) : NULL;
	r->recovered = has_data(r->keeper.recovered) ? strdup(r->keeper.recovered) : NULL;
	packed_prune(r->keeper.left);
	if (!r->left)
		r->left = strdup(r->keeper.left);
	if (r->trace || r->recovered)
		return 0;
	return no_events(r);
}

/* A file name as one has to type it, to be freed. */
static char *shell_word(const char *name)
{
	bool plain = !name[strspn(name, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
					"0123456789%+,-./:=@_")];
	char *word = NULL;
	size_t size;
	FILE *f = open_memstream(&word, &size);

	if (!f)
		die("no memory");
	if (!plain)
		fputc('\'', f);
	for (; *name; name++) {
		if (*name == '\'')
			fputs("'\\''", f);
		else
			fputc(*name, f);
	}
	if (!plain)
		fputc('\'', f);
	fclose(f);
	return word;
}

static void summarize(const struct record *r, const struct load_result *l)
{
	char *sum = load_sum(l), *word = shell_word(r->output);

	note("recorded %s; next: weft %s %s", sum, l->lost ? "check" : "report", word);
	free(word);
	free(sum);
}

static int load(struct record *r)
{
	char *paths[3];
	struct load_result result;
	struct load_args args = {.paths = paths,
				 .out = r->output,
				 .force = r->force,
				 .debug_dir = r->debug_dir,
				 .info = &r->info};

	if (r->trace)
		paths[args.npaths++] = r->trace;
	if (r->recovered)
		paths[args.npaths++] = r->recovered;
	if (r->left)
		paths[args.npaths++] = r->left;
	if (load_trace(&args, &result) < 0) {
		if (!result.nothing)
			save_trace(r);
		else if (r->counted)
			no_events(r);
		return -1;
	}
	summarize(r, &result);
	return 0;
}

/* ---- The whole -------------------------------------------------------------------------- */

/* Put something before what a variable has. */
static void prepend(const char *variable, const char *before)
{
	const char *has = getenv(variable);
	char *value;

	if (asprintf(&value, "%s%s%s", before, has && *has ? ":" : "", has ? has : "") < 0)
		die("no memory");
	setenv(variable, value, 1);
	free(value);
}

/* What keeps the program from closing LTTng's descriptors (rt/fds.c); a recording can do without.
 * The address sanitizer demands to be loaded before all others, which is needless with this one. */
static void preload(void)
{
	char *real = find_library("libweft-fds.so");

	if (real && !strpbrk(real, ": ")) { // these end a name there
		prepend("LD_PRELOAD", real);
		prepend("ASAN_OPTIONS", "verify_asan_link_order=0");
	}
	free(real);
}

/* Run and record; the status to exit with. */
static int record(struct record *r)
{
	int status, failed;

	if (keeper_start(&r->keeper) < 0)
		return PROGRAM_FAILED;
	setenv("LTTNG_HOME", r->keeper.base, 1);
	setenv("WEFT_TRACE_RING", r->keeper.plan.shm, 1);
	/* Or a short program is over before it begins.  Not for ever: it may lack what that takes. */
	setenv("LTTNG_UST_REGISTER_TIMEOUT", "60000", 1);
	if (r->stacks)
		setenv("WEFT_TRACE_STACKS", "1", 1);
	else
		unsetenv("WEFT_TRACE_STACKS");
	if (r->hz)
		setenv("WEFT_TRACE_CPU", r->hz, 1);
	else
		unsetenv("WEFT_TRACE_CPU");
	if (r->sets)
		setenv("WEFT_TRACE_EVENTS", r->sets, 1);
	else
		unsetenv("WEFT_TRACE_EVENTS");
	if (r->keeper.plan.lossless)
		setenv("LTTNG_UST_ALLOW_BLOCKING", "1", 1); // it has to agree to that
	else
		unsetenv("LTTNG_UST_ALLOW_BLOCKING");
	if (r->packed)
		setenv("WEFT_TRACE_PACKED", r->keeper.left, 1);
	else
		unsetenv("WEFT_TRACE_PACKED");
	setenv("WEFT_TRACE_COUNTS", r->keeper.counts, 1);
	preload();
	run_info_begin(&r->info, r->argv);
	failed = program_run(r->path, r->argv, &status);
	if (!failed) {
		take_status(r, status);
		if (stop(r) < 0 || keep_trace(r) < 0 || load(r) < 0)
			failed = PROGRAM_FAILED;
	}
	keeper_end(&r->keeper);
	if (failed)
		return failed;
	return r->info.exit_signal ? 128 + r->info.exit_signal : r->info.exit_status;
}

/* -1, after a message, if the list has a name that is none. */
static int check_sets(const char *list)
{
	char name[32];
	int n;

	do {
		n = (int)strcspn(list, ",");
		snprintf(name, sizeof name, "%.*s", n, list);
		if (!set_find(name)) {
			fprintf(stderr, "weft record: there is no set of events '%.*s'; there are",
				n, list);
			for (int i = 0; i < SETS; i++)
				fprintf(stderr, " %s,", set_desc[i].name);
			fprintf(stderr, " %s\n", set_stack.name);
			return -1;
		}
		list += n;
	} while (*list++);
	return 0;
}

static bool set_in(const char *list, const char *name)
{
	size_t n = strlen(name);

	do {
		if (strcspn(list, ",") == n && strncmp(list, name, n) == 0)
			return true;
		list += strcspn(list, ",");
	} while (*list++);
	return false;
}

static int check_hz(const char *hz)
{
	char *end;
	long n = strtol(hz, &end, 10);

	if (*end || !isdigit((unsigned char)*hz) || n < 1 || n > CPU_HZ_MOST) {
		fprintf(stderr,
			"weft record: --cpu=%s: give a number of samples for each second, "
			"from 1 to %d\n",
			hz, CPU_HZ_MOST);
		return -1;
	}
	return 0;
}

static int parse(struct record *r, int argc, char **argv)
{
	static const struct option options[] = {{"output", required_argument, NULL, 'o'},
						{"force", no_argument, NULL, 'f'},
						{"keep", required_argument, NULL, 'k'},
						{"stacks", no_argument, NULL, 's'},
						{"events", required_argument, NULL, 'e'},
						{"cpu", optional_argument, NULL, 'c'},
						{"debug-dir", required_argument, NULL, 'd'},
						{"lossless", no_argument, NULL, 'l'},
						{"packed", no_argument, NULL, 'p'},
						{"help", no_argument, NULL, 'h'},
						{0}};
	int c;

	while ((c = getopt_long(argc, argv, "+:o:fe:h", options, NULL)) != -1) {
		switch (c) {
		case 'o':
			r->output = optarg;
			break;
		case 'f':
			r->force = true;
			break;
		case 'k':
			r->keep = optarg;
			break;
		case 's':
			r->stacks = true;
			break;
		case 'e':
			r->sets = optarg;
			break;
		case 'c':
			r->hz = optarg ? optarg : CPU_HZ;
			break;
		case 'd':
			r->debug_dir = optarg;
			break;
		case 'l':
			r->keeper.plan.lossless = true;
			break;
		case 'p':
			r->packed = true;
			break;
		case 'h':
			help();
			return 1;
		default:
			cmd_bad_option(c, argv);
			return -1;
		}
	}
	r->argv = argv + optind;
	if (!*r->argv) {
		cmd_misuse(argv[0],
			   "which program? weft record [OPTION]... -- PROGRAM [ARGUMENT]...");
		return -1;
	}
	if (r->sets && check_sets(r->sets) < 0)
		return -1;
	if (r->hz && check_hz(r->hz) < 0)
		return -1;
	if (!r->hz && r->sets && set_in(r->sets, "cpu"))
		r->hz = CPU_HZ;
	r->stacks |= r->sets && set_in(r->sets, set_stack.name);
	if (!*r->output || (r->keep && !*r->keep)) {
		cmd_misuse(argv[0], "the name of a file is empty");
		return -1;
	}
	return 0;
}

int cmd_record(int argc, char **argv)
{
	struct record r = {.output = "run.db", .info = RUN_INFO_INIT};
	int parsed = parse(&r, argc, argv), status;

	if (parsed)
		return parsed < 0 ? 2 : 0;
	status = check(&r);
	if (!status)
		status = record(&r);
	if (r.keep_made)
		rmdir(r.keep); // does nothing if a trace is in it
	free(r.path);
	free(r.saved);
	free(r.trace);
	free(r.recovered);
	free(r.left);
	run_info_free(&r.info);
	return status;
}
