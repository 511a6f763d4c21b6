/* SPDX-License-Identifier: MIT */
/* Reader -> model -> database, each in a thread of its own: records go to the model's in parcels, and what
 * the model writes to the database's as full pages (rows.c).
 */
#define _GNU_SOURCE
#include "load.h"
#include "ctf.h"
#include "error.h"
#include "guard.h"
#include "model.h"
#include "queue.h"
#include "symbols.h"
#include "text.h"
#include "weft.h"

#include <inttypes.h>
#include <malloc.h>
#include <stdatomic.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

enum { PARCEL = 24 << 10, PARCELS = 16 };

/* Records on their way: each as far as its kind has fields, then the texts that these point to. */
struct parcel {
	struct load *load;
	size_t used;
	int64_t ts; /* of the last one */
	_Alignas(struct record) char data[PARCEL + sizeof(struct record)];
};

struct load {
	struct db *db;
	struct model *model;
	struct symbols *symbols;
	struct queue *queue;
	struct pool parcels;
	struct parcel *parcel; /* that is being filled, or NULL */
	atomic_bool stopped;   /* by an error of the database */
	int64_t events;
	bool show; /* progress, on a terminal */
	double began, shown;
	struct ctf_result ctf;
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
	double done = (double)(ts - model_origin(l->model));
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

/* What a record takes in a parcel, of which `texts` bytes are for its texts. */
static size_t record_size(enum event kind, size_t texts)
{
	size_t size = offsetof(struct record, a) +
		      (size_t)event_desc[kind].nfields * sizeof(union value) + texts;

	return (size + 7) & ~(size_t)7;
}

/* What the texts of a record take. */
static size_t texts_size(const struct record *r)
{
	const struct event_desc *d = &event_desc[r->kind];
	size_t size = 0;

	for (int i = 0; i < d->nfields; i++)
		if (d->field[i].type == FIELD_str)
			size += strlen(r->a[i].str) + 1;
	return size;
}

static void open_parcel(void *arg)
{
	struct parcel *p = arg;
	struct load *l = p->load;

	for (size_t at = 0; at < p->used && !l->stopped; l->events++) {
		const struct record *r = (const struct record *)(p->data + at);

		at += record_size(r->kind, texts_size(r));
		model_event(l->model, r);
	}
	if (db_failed(l->db))
		l->stopped = true;
	else if (l->show)
		show_progress(l, p->ts);
	pool_put(&l->parcels, p);
}

static void send(struct load *l)
{
	if (l->parcel)
		queue_put(l->queue, open_parcel, l->parcel);
	l->parcel = NULL;
}

/* Wait until the model has all events that were read; what is no event is told to it then. */
static void catch_up(struct load *l)
{
	send(l);
	queue_wait(l->queue);
}

/* A copy of a record, and of its texts behind it. */
static void copy_record(struct record *to, const struct record *r)
{
	const struct event_desc *d = &event_desc[r->kind];
	char *texts = (char *)&to->a[d->nfields];

	memcpy(to, r, offsetof(struct record, a));
	for (int i = 0; i < d->nfields; i++) {
		to->a[i] = r->a[i];
		if (d->field[i].type != FIELD_str)
			continue;
		to->a[i].str = texts;
		texts = stpcpy(texts, r->a[i].str) + 1;
	}
}

static int take_event(void *arg, const struct record *r)
{
	struct load *l = arg;
	size_t size = record_size(r->kind, texts_size(r));

	if (size > PARCEL) {
		catch_up(l);
		model_event(l->model, r);
		l->events++;
		return l->stopped ? -1 : 0;
	}
	if (l->parcel && l->parcel->used + size > PARCEL)
		send(l);
	if (!l->parcel) {
		l->parcel = pool_get(&l->parcels);
		l->parcel->load = l;
		l->parcel->used = 0;
	}
	copy_record((struct record *)(l->parcel->data + l->parcel->used), r);
	l->parcel->used += size;
	l->parcel->ts = r->ts;
	return l->stopped ? -1 : 0;
}

static void take_process(void *arg, uint32_t pid, const char *name)
{
	struct load *l = arg;

	catch_up(l);
	model_process_name(l->model, pid, name);
}

static void take_discarded(void *arg, uint32_t pid, int64_t ts, int64_t n)
{
	struct load *l = arg;

	catch_up(l);
	model_discarded(l->model, pid, ts, n);
}

static void take_counted(void *arg, const struct thread_count *threads, size_t n)
{
	model_counted(((struct load *)arg)->model, threads, n);
}

static void take_complaint(void *arg, const char *what)
{
	struct load *l = arg;

	catch_up(l);
	model_complaint(l->model, what);
}

/* The paths are all hand-written events, or all CTF. */
static int check_paths(const struct load_args *a)
{
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
	const struct ctf_sink sink = {l,		      take_event,   take_process,
				      take_discarded, take_counted, take_complaint};
	int err;

	l->db = db_create(a->out, a->force);
	if (!l->db)
		return -1;
	l->model = model_new(l->db, l->symbols);
	l->queue = queue_new(PARCELS);
	err = ctf ? ctf_read(ctf, &sink, &l->ctf) : text_read(a->paths, a->npaths, take_event, l);
	catch_up(l);
	queue_free(l->queue);
	pool_free(&l->parcels);
	if (!err && !l->events)
		err = error("%s: there are no weft events in it%s", a->paths[0],
			    l->ctf.unknown ? ", only others'" : "");
	describe_run(l, info, res);
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
					 .parcels = POOL_INIT(sizeof(struct parcel)),
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

	if (!err && result)
		*result = job.res;
	return err;
}
