/* SPDX-License-Identifier: MIT */
/* weft unpack: a packed trace becomes an ordinary one. */
#define _GNU_SOURCE
#include "cmds.h"
#include "ctf_out.h"
#include "error.h"
#include "files.h"
#include "guard.h"
#include "run_info.h"

#include <errno.h>
#include <getopt.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static const char usage[] =
	"Usage: weft unpack DIR OUT\n"
	"Write the packed trace in DIR, as kept by weft record --packed --keep=DIR, as an "
	"ordinary\n"
	"CTF 1.8 trace into OUT, a new directory: an event for each, with the names and fields\n"
	"that weft events lists.  babeltrace2 and every other reader of CTF 1.8 reads it, and\n"
	"weft load makes the same database of it as of DIR.\n"
	"\n"
	"OUT gets a directory for each process.  Events are in order of time.  What DIR/left has,\n"
	"the last events of a program that was killed, is among them.  A trace that is not packed\n"
	"is copied so, too.  Of a damaged trace as much is written as can be read.\n"
	"\n"
	"  -q, --quiet   no summary\n"
	"  -h, --help    this text\n"
	"\n"
	"For example:\n"
	"  weft record --packed --keep=trace -- ./my-program\n"
	"  weft unpack trace plain && babeltrace2 plain\n"
	"\n"
	"The exit status is 0, or 1 after a message, with no OUT written; nor is it if a signal ends\n"
	"this.\n";

struct unpack {
	struct guard_job guard; /* the first */
	const char *to;
	bool made; /* that directory */
	struct ctf_out *out;
	int64_t events;
};

static int take_event(void *arg, const struct record *r)
{
	struct unpack *u = arg;

	u->events++;
	return ctf_out_event(u->out, r);
}

static void take_process(void *arg, uint32_t pid, const char *name)
{
	ctf_out_process(((struct unpack *)arg)->out, pid, name);
}

static void take_discarded(void *arg, uint32_t pid, int64_t ts, int64_t n)
{
	ctf_out_discarded(((struct unpack *)arg)->out, pid, ts, n);
}

static void take_counted(void *arg, const struct thread_count *threads, size_t n)
{
	ctf_out_counted(((struct unpack *)arg)->out, threads, n);
}

static void take_complaint(void *arg, const char *what)
{
	(void)arg, (void)what; // it was said, and the events that are missing are missed by number
}

static void unmake(struct guard_job *guard)
{
	struct unpack *u = (struct unpack *)guard;

	if (u->made)
		remove_tree(u->to);
	u->made = false;
}

/* Read the trace into a new directory: 0, -1 after a message, or CTF_AGAIN. */
static int unpack(struct ctf *ctf, struct unpack *u)
{
	const struct ctf_sink sink = {u,		      take_event,   take_process,
				      take_discarded, take_counted, take_complaint};
	struct ctf_result about = {0};
	int err;

	if (mkdir(u->to, 0777) < 0)
		return error("cannot create %s: %s", u->to, strerror(errno));
	u->made = true;
	u->events = 0;
	u->out = ctf_out_new(u->to);
	err = ctf_read(ctf, &sink, &about);
	if (ctf_out_finish(u->out, &about) < 0)
		err = -1;
	else if (!err && !u->events)
		err = error("there are no weft events in it");
	if (!err && about.unknown)
		note("%" PRId64 " events have names that this weft does not know; they were left "
		     "out",
		     about.unknown);
	ctf_result_free(&about);
	if (err)
		unmake(&u->guard);
	return err;
}

static int unpack_all(struct guard_job *guard)
{
	struct unpack *u = (struct unpack *)guard;
	char *from = (char *)guard->path;
	struct run_info info = RUN_INFO_INIT;
	int known = run_info_read(&info, from), err;
	struct ctf *ctf = known < 0 ? NULL : ctf_open(&from, 1, guard->careful);

	unmake(guard); // what a crash left
	if (!ctf) {
		run_info_free(&info);
		return -1;
	}
	do
		err = unpack(ctf, u);
	while (err == CTF_AGAIN);
	ctf_close(ctf);
	if (!err && known && run_info_write(&info, u->to) < 0) {
		unmake(&u->guard);
		err = -1;
	}
	run_info_free(&info);
	return err;
}

int cmd_unpack(int argc, char **argv)
{
	static const struct option options[] = {
		{"quiet", no_argument, NULL, 'q'}, {"help", no_argument, NULL, 'h'}, {0}};
	struct unpack u = {.guard = {.run = unpack_all, .undo = unmake}};
	bool quiet = false;
	char **arg;
	int c;

	while ((c = getopt_long(argc, argv, ":qh", options, NULL)) != -1) {
		switch (c) {
		case 'q':
			quiet = true;
			break;
		case 'h':
			fputs(usage, stdout);
			return 0;
		default:
			return cmd_bad_option(c, argv);
		}
	}
	arg = argv + optind;
	if (argc - optind != 2)
		return cmd_misuse("unpack",
				  "it takes two directories: of the trace, and a new one");
	u.guard.path = arg[0];
	u.to = arg[1];
	if (guard_read(&u.guard, sizeof u) < 0) {
		unmake(&u.guard);
		return 1;
	}
	if (!quiet)
		note("%s: %" PRId64 " events", arg[1], u.events);
	return 0;
}
