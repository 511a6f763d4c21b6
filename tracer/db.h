/* SPDX-License-Identifier: MIT */
/* The database of a run: making one, and opening one.
 *
 * A new one is written under a temporary name in the directory of its place, and moved there when
 * it is whole; it is removed when anything fails or a signal ends the program.  An error is kept until
 * db_finish(): db_failed() tells of it early, so that a long load can stop.
 */
#ifndef TRACER_DB_H
#define TRACER_DB_H

#include <sqlite3.h>
#include <stdbool.h>
#include <stdint.h>

/* PRAGMA application_id ("weft") and user_version of our databases. */
enum { DB_APPLICATION = 0x77656674, DB_SCHEMA = 10 };

/* NULL in an integer column; in a text column it is NULL. */
#define NONE INT64_MIN

/* One row of each table: the columns of schema.sql in their order, integers and texts of eight
 * bytes each (db.c compares them with the table).  A text is copied by db_put, except of large tables, where it is
 * a constant. */
struct row_run {
	int64_t id;
	const char *weft_version, *program_version, *host, *kernel;
	int64_t cpus;
	const char *program, *args, *started, *clock;
	int64_t dur, workers, exit_status, exit_signal;
	const char *fatal;
	int64_t events, goroutines, lost, unknown;
	const char *sets;
};
struct row_process {
	int64_t pid, seq;
	const char *name;
	int64_t ts, dur, status;
};
struct row_string {
	int64_t id;
	const char *text;
};
struct row_event_kind {
	int64_t kind;
	const char *name, *event_set, *doc;
};
struct row_thread {
	int64_t thread, pid, m;
};
struct row_fact {
	int64_t ts, thread, p, kind, a[8], id;
};
struct row_site {
	int64_t site;
	const char *func, *file;
	int64_t line;
	const char *what;
};
struct row_module {
	int64_t module, pid, ts, base, lo, hi;
	const char *path, *build_id, *problem;
};
struct row_frame {
	int64_t frame, address, module, offset;
	const char *func, *file;
	int64_t line, inlined;
};
struct row_stack {
	int64_t stack, caller, depth, frame;
};
struct row_goroutine {
	int64_t g, pid;
	const char *name, *func;
	int64_t fn, parent, site, stack, spawn_stack, task, ts, dur;
	int64_t running, detached, runnable, waiting, runs, waits, last;
};
struct row_reason {
	int64_t why;
	const char *name;
};
struct row_g_interval {
	int64_t g, ts, id, dur, state, p, thread, why, waker, obj, site, holder, stack, waker_stack;
};
struct row_g_sum {
	int64_t func, state, why, obj, site, n, total, max, g, ts, id;
};
struct row_blame_sum {
	int64_t obj, culprit, waits, total;
};
struct row_spread {
	int64_t state, why, obj, site, goroutines, p50, p90, p99;
};
struct row_p_interval {
	int64_t p, ts, dur, state, g, thread, id;
};
struct row_p_steal {
	int64_t ts, p, victim, n;
};
struct row_detach {
	int64_t id, ts, g, p, m;
	const char *syscall;
};
struct row_cpu_sample {
	int64_t id, ts, g, p, m, ns, stack;
};
struct row_object {
	int64_t obj, pid, addr;
	const char *kind, *name, *label;
	int64_t site, ts, dur;
};
struct row_chan {
	int64_t obj, cap, size, closed, closer;
	int64_t sends, recvs, direct, sends_parked, recvs_parked, max_len;
};
struct row_mutex {
	int64_t obj, locks, contended, held, held_max, waited, waited_max;
};
struct row_select_op {
	int64_t id, ts, g, cases, chosen;
	const char *kind;
	int64_t obj, parked, site;
};
struct row_mutex_time {
	int64_t dur, owner, id;
};
struct row_timer_drop {
	int64_t id, ts, obj, g, site;
};
struct row_rwmutex_op {
	int64_t id, ts, obj;
	const char *op;
	int64_t g, contended, dur, owner, readers, site;
};
struct row_waitgroup_op {
	int64_t id, ts, obj;
	const char *op;
	int64_t g, delta, count, parked, site;
};
struct row_once_op {
	int64_t id, ts, obj;
	const char *op;
	int64_t g, dur, parked, site;
};
struct row_cond_op {
	int64_t id, ts, obj;
	const char *op;
	int64_t g, woken, next, mutex, site;
};
struct row_semaphore_op {
	int64_t id, ts, obj;
	const char *op;
	int64_t g, n, held, size, parked, woken, site;
};
struct row_barrier_op {
	int64_t id, ts, obj;
	const char *op;
	int64_t g, arrived, parties, parked, site;
};
struct row_conn {
	int64_t obj, fd;
	const char *how, *addr;
	int64_t closed;
};
struct row_io_op {
	int64_t id, ts, obj;
	const char *op;
	int64_t g, fd, size, result, parked, site;
};
struct row_group_op {
	int64_t id, ts, obj;
	const char *op;
	int64_t g, running, max, err, parked, site;
};
struct row_panic {
	int64_t id, ts, dur, g;
	const char *message, *how;
	int64_t site, trap, stack;
};
struct row_task {
	int64_t task, parent, g;
	const char *name;
	int64_t ts, dur;
};
struct row_region {
	int64_t id, g, task;
	const char *name;
	int64_t depth, ts, dur;
};
struct row_log {
	int64_t id, ts, g, task;
	const char *category, *message;
};
struct row_gap {
	int64_t ts, dur, pid, m, lost;
};
struct row_anomaly {
	int64_t ts, pid, event;
	const char *what;
	int64_t g, obj;
};
struct row_lod_level {
	int64_t level, width;
};
struct row_lod_lane {
	const char *lane;
	int64_t key, level;
};
struct row_lod_cell {
	int64_t level;
	const char *lane;
	int64_t key, bucket, state, dur, n;
};

/* Tables whose rows come in the order of their keys, those whose rows are sorted, both without texts but
 * constants (rows.h), and the others. */
#define DB_IN_ORDER(X)                                                                             \
	X(fact) X(p_interval) X(p_steal) X(select_op) X(mutex_time) X(timer_drop) X(rwmutex_op)      \
	X(waitgroup_op) X(once_op) X(cond_op) X(semaphore_op) X(barrier_op) X(group_op) X(io_op)   \
	X(lod_cell) X(g_sum) X(blame_sum) X(spread)
#define DB_SORTED(X) X(g_interval)
#define DB_SMALL(X)                                                                                \
	X(run) X(process) X(thread) X(string) X(event_kind) X(reason) X(site) X(module) X(frame)   \
	X(stack) X(goroutine) X(detach) X(cpu_sample) X(object) X(chan) X(mutex) X(panic) X(conn) X(task) X(region) X(log) X(gap)   \
	X(anomaly) X(lod_level) X(lod_lane)

enum db_table {
#define X(name) DB_##name,
	DB_IN_ORDER(X) DB_SORTED(X) DB_SMALL(X)
#undef X
	DB_NTABLES
};

struct db;

/* The place of a database that is to be `path`; unless force, refuse if that exists.  NULL after a
 * message. */
struct db *db_create(const char *path, bool force);

/* Make its tables and views, before all that follows but the end. */
void db_begin(struct db *db);

/* Add a row: db_put(db, gap, .ts = 1, ...).  An integer not named is 0, a text NULL. */
#define db_put(db, table, ...)                                                                     \
	db_put_row((db), DB_##table, &(const struct row_##table){__VA_ARGS__})
void db_put_row(struct db *db, enum db_table table, const void *row);

/* No rows of the tables DB_SORTED follow, so they are written while others are made. */
void db_end_sorted(struct db *db);

/* The number of a text in table string. */
int64_t db_string(struct db *db, const char *text);

bool db_failed(const struct db *db);

/* A file without a name in the directory of its place, or -1 after db_fail(). */
int db_temporary(struct db *db);
/* What is to be in the database cannot be: errno says why. */
void db_fail(struct db *db, int err);

/* Make it whole and move it to its place, or (after a message, -1) remove it. */
int db_finish(struct db *db);
/* Remove it. */
void db_abandon(struct db *db);

/* The first sentence of the comment above a table or view of schema.sql or views.sql; to be freed. */
char *db_comment(const char *name);

/* Open a database of ours to read; NULL after a message that says what it is instead. */
sqlite3 *db_open_read(const char *path);

struct stat;
/* Whether this is the file that db_open_read() opened last, whatever its name. */
bool db_is_read(const struct stat *file);

#endif
