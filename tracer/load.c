/* SPDX-License-Identifier: MIT */
/* Reader -> model -> database.  The reader has a thread, and the model has another, to which the records go
 * (parcels.h); rows become pages in a third, and these are written to the file in a fourth (rows.c). */
#define _GNU_SOURCE
#include "load.h"
#include "ctf.h"
#include "error.h"
#include "files.h"
#include "guard.h"
#include "hash.h"
#include "model.h"
#include "parcels.h"
#include "symbols.h"
#include "text.h"
#include "weft.h"

#include <inttypes.h>
#include <malloc.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

enum { CACHE_LINE = 64 };

/* What the reader's thread writes for each event and what the model's does are apart: a cache line that goes to
 * and fro would cost more than all else here. */
struct load {
	struct symbols *symbols;
	struct parcels *parcels;
	int64_t events, first; /* that were read; the time of the first */
	bool show; /* progress, on a terminal */
	double began, shown;
	struct ctf_result ctf;
	_Alignas(CACHE_LINE) struct db *db;
	struct model *model;
	int64_t taken; /* events, by the model */
};

static double seconds(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

/* How many events there were and come in a second, and how long it will take yet, if what is left of the
 * run's time has as many events as what has been. */
static void show_progress(struct load *l, int64_t ts)
{
	double now = seconds(), spent = now - l->began;
	double done = (double)(ts - l->first);
	double left = (double)(l->ctf.end - ts);

	if (now - l->shown < 0.1)
		return;
	fprintf(stderr, "\rweft: loading: %" PRId64 " events, %.1f M/s", l->events,
		(double)l->events / spent / 1e6);
	if (l->ctf.end && done > 0 && left >= 0)
		fprintf(stderr, ", %.0f s left", spent / done * left);
	fputs("\033[K", stderr);
	l->shown = now;
}

/* In the model's thread. */
static int take_event(void *arg, const struct record *r)
{
	struct load *l = arg;

	model_event(l->model, r);
	return ++l->taken % 16384 == 0 && db_failed(l->db) ? -1 : 0;
}

static int send_event(void *arg, const struct record *r)
{
	struct load *l = arg;

	if (!l->events)
		l->first = r->ts;
	if (++l->events % 16384 == 0 && l->show)
		show_progress(l, r->ts);
	return parcels_put(l->parcels, r) ? -1 : 0;
}

/* What is no event, on its way to the model. */
struct note {
	struct load *load;
	uint32_t pid;
	int64_t ts, n;
	char *text;
	struct thread_count *threads;
	void (*tell)(struct model *md, const struct note *note);
};

/* In the model's thread. */
static void take_note(void *arg)
{
	struct note *note = arg;

	note->tell(note->load->model, note);
	free(note->text);
	free(note->threads);
	free(note);
}

static void send_note(struct load *l, struct note note)
{
	struct note *copy = need(sizeof *copy);

	note.load = l;
	*copy = note;
	parcels_call(l->parcels, take_note, copy);
}

static void tell_process(struct model *md, const struct note *note)
{
	model_process_name(md, note->pid, note->text);
}

static void tell_discarded(struct model *md, const struct note *note)
{
	model_discarded(md, note->pid, note->ts, note->n);
}

static void tell_counted(struct model *md, const struct note *note)
{
	model_counted(md, note->threads, (size_t)note->n);
}

static void tell_complaint(struct model *md, const struct note *note)
{
	model_complaint(md, note->text);
}

static void send_process(void *arg, uint32_t pid, const char *name)
{
	send_note(arg, (struct note){.tell = tell_process, .pid = pid, .text = need_text(name)});
}

static void send_discarded(void *arg, uint32_t pid, int64_t ts, int64_t n)
{
	send_note(arg, (struct note){.tell = tell_discarded, .pid = pid, .ts = ts, .n = n});
}

static void send_counted(void *arg, const struct thread_count *threads, size_t n)
{
	struct thread_count *copy = need((n + 1) * sizeof *copy);

	if (n)
		memcpy(copy, threads, n * sizeof *copy);
	send_note(arg, (struct note){.tell = tell_counted, .threads = copy, .n = (int64_t)n});
}

static void send_complaint(void *arg, const char *what)
{
	send_note(arg, (struct note){.tell = tell_complaint, .text = need_text(what)});
}

/* In the model's thread, while the first events are read. */
static void begin(void *arg)
{
	struct load *l = arg;

	db_begin(l->db);
	l->model = model_new(l->db, l->symbols);
}

/* The paths are all hand-written events, or all CTF, and what is written is not part of them. */
static int check_paths(const struct load_args *a)
{
	for (int i = 0; i < a->npaths; i++)
		if (file_is_in(a->out, a->paths[i]))
			return error("%s is of the trace %s: -o names another place", a->out,
				     a->paths[i]);
	for (int i = 1; i < a->npaths; i++)
		if (text_is(a->paths[i]) != text_is(a->paths[0]))
			return error("%s and %s: hand-written events and CTF traces cannot be "
				     "loaded together",
				     a->paths[0], a->paths[i]);
	return 0;
}

/* A JSON array of texts. */
static char *json_array(char *const *texts, int n)
{
	char *json;
	size_t size;
	FILE *f = open_memstream(&json, &size);

	if (!f)
		die("no memory");
	fputc('[', f);
	for (int i = 0; i < n; i++) {
		fputs(i ? ",\"" : "\"", f);
		for (const char *s = texts[i]; *s; s++) {
			if (*s == '"' || *s == '\\')
				fprintf(f, "\\%c", *s);
			else if ((unsigned char)*s < ' ')
				fprintf(f, "\\u%04x", (unsigned)*s);
			else
				fputc(*s, f);
		}
		fputc('"', f);
	}
	fputc(']', f);
	if (fclose(f) != 0)
		die("no memory");
	return json;
}

/* The wall-clock time of the first event, ISO 8601, into text. */
static void date(char *text, size_t size, int64_t ns)
{
	time_t s = (time_t)(ns / 1000000000);
	struct tm tm;
	size_t n = strftime(text, size, "%Y-%m-%dT%H:%M:%S", gmtime_r(&s, &tm));

	snprintf(text + n, size - n, ".%09" PRId64 "Z", ns % 1000000000);
}

/* The run's row, of what the events themselves do not tell. */
static void describe_run(struct load *l, const struct run_info *info, struct load_result *res)
{
	char started[64];
	char *args = info->program ? json_array(info->args, info->nargs) : NULL;
	struct row_run run = {.weft_version = WEFT_VERSION,
			      .host = info->host ? info->host : l->ctf.host,
			      .kernel = info->kernel,
			      .cpus = info->cpus ? info->cpus : NONE,
			      .program = info->program,
			      .args = args,
			      .clock = l->ctf.clock,
			      .exit_status = info->exit_status >= 0 ? info->exit_status : NONE,
			      .exit_signal = info->exit_signal ? info->exit_signal : NONE,
			      .unknown = l->ctf.unknown};
	struct model_counts counts;

	if (l->ctf.since_epoch) {
		date(started, sizeof started, model_origin(l->model));
		run.started = started;
	}
	if (info->incomplete)
		model_complaint(l->model, info->incomplete);
	model_finish(l->model, &run, &counts);
	free(args);
	*res = (struct load_result){.events = counts.events,
				    .goroutines = counts.goroutines,
				    .dur = counts.dur,
				    .lost = counts.lost,
				    .unknown = l->ctf.unknown,
				    .anomalies = counts.anomalies};
}

/* Read the trace into a new database: 0, -1 after a message, or CTF_AGAIN. */
static int load_into(struct load *l, struct ctf *ctf, const struct load_args *a,
		     const struct run_info *info, struct load_result *res)
{
	const struct ctf_sink sink = {l,	      send_event,   send_process,
				      send_discarded, send_counted, send_complaint};
	bool nothing;
	int err;

	l->db = db_create(a->out, a->force);
	if (!l->db)
		return -1;
	l->parcels = parcels_new(begin, take_event, l);
	err = ctf ? ctf_read(ctf, &sink, &l->ctf) : text_read(a->paths, a->npaths, send_event, l);
	parcels_free(l->parcels);
	nothing = !err && !l->events;
	if (nothing)
		err = error("%s: there are no weft events in it%s", a->paths[0],
			    l->ctf.unknown ? ", only others'" : "");
	describe_run(l, info, res);
	res->nothing = nothing;
	if (l->shown > 0)
		fputs("\r\033[K", stderr);
	ctf_result_free(&l->ctf);
	if (err && !db_failed(l->db)) {
		db_abandon(l->db);
		return err;
	}
	return db_finish(l->db);
}

struct job {
	struct guard_job guard; /* the first */
	const struct load_args *args;
	struct load_result res;
};

/* What is freed stays ours: memory that was never touched is slow. */
static void keep_memory(void)
{
	mallopt(M_TRIM_THRESHOLD, 256 << 20);
	mallopt(M_TOP_PAD, 4 << 20);
	mallopt(M_MMAP_THRESHOLD, 4 << 20);
}

static int do_job(struct guard_job *guard)
{
	struct job *job = (struct job *)guard;
	const struct load_args *a = job->args;
	struct run_info info = RUN_INFO_INIT;
	struct symbols *symbols = symbols_new();
	struct ctf *ctf = NULL;
	int err = check_paths(a);

	keep_memory();
	unsetenv("DEBUGINFOD_URLS"); // or libdw asks those servers for what a trace names
	if (!err && a->debug_dir)
		err = symbols_debug_dir(symbols, a->debug_dir);
	if (!err && !a->info)
		err = run_info_read(&info, a->paths[0]) < 0 ? -1 : 0;
	if (!err && !text_is(a->paths[0])) {
		ctf = ctf_open(a->paths, a->npaths, guard->careful);
		err = ctf ? 0 : -1;
	}
	if (!err) {
		do {
			struct load l = {.began = seconds(),
					 .symbols = symbols,
					 .show = !a->quiet && isatty(STDERR_FILENO)};

			err = load_into(&l, ctf, a, a->info ? a->info : &info, &job->res);
		} while (err == CTF_AGAIN);
	}
	if (!err && !a->quiet)
		symbols_complain(symbols);
	symbols_free(symbols);
	if (ctf)
		ctf_close(ctf);
	run_info_free(&info);
	return err;
}

int load_trace(const struct load_args *a, struct load_result *result)
{
	struct job job = {.guard = {.path = a->paths[0], .run = do_job}, .args = a};
	int err = guard_read(&job.guard, sizeof job);

	if (result)
		*result = job.res;
	return err;
}

/* ---- What was loaded, in words ---- */

/* A number with its thousands apart, as 1,234,567. */
static char *grouped(int64_t n, char text[32])
{
	char digits[24], *to = text;
	int len = snprintf(digits, sizeof digits, "%lld", (long long)n);

	for (int i = 0; i < len; i++) {
		*to++ = digits[i];
		if (i + 1 < len && (len - 1 - i) % 3 == 0)
			*to++ = ',';
	}
	*to = 0;
	return text;
}

static char *duration(int64_t ns, char text[32])
{
	static const struct {
		double ns;
		const char *unit;
	} units[] = {{1e9, "s"}, {1e6, "ms"}, {1e3, "us"}, {1, "ns"}};
	int i = 0;

	while (i < 3 && (double)ns < 0.9995 * units[i].ns) /* or it would be rounded to 1e+03 */
		i++;
	snprintf(text, 32, (double)ns < 999.5 * units[i].ns ? "%.3g %s" : "%.0f %s",
		 (double)ns / units[i].ns, units[i].unit);
	return text;
}

char *load_sum(const struct load_result *r)
{
	char events[32], goroutines[32], lost[32], dur[32], *text;

	if (asprintf(&text, "%s events of %s goroutine%s in %s, %s lost", grouped(r->events, events),
		     grouped(r->goroutines, goroutines), r->goroutines == 1 ? "" : "s",
		     duration(r->dur, dur), grouped(r->lost, lost)) < 0)
		die("no memory");
	return text;
}
