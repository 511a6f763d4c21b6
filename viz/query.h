/* SPDX-License-Identifier: MIT */
/* From the database to arrays.
 *
 * Functions return -1 after a message.  Texts come as they are stored; who draws them passes them
 * through format_label() or escapes them.
 */
#ifndef VIZ_QUERY_H
#define VIZ_QUERY_H

#include "contention.h"
#include "latency.h"
#include "state.h"

#include <sqlite3.h>

/* Table run, in one row. */
struct run {
	char *program, *args, *host, *kernel, *started, *fatal, *weft_version, *program_version;
	int64_t dur, workers, cpus, exit_status, exit_signal; /* the last two: -1 if NULL */
	int64_t events, goroutines, lost, unknown;
	int64_t processes;
	char *unrecorded; /* the sets of events that were left out, or NULL */
};

int query_run(sqlite3 *db, struct run *run);
void query_run_free(struct run *run);

/* Whether events of that set are in the trace, if there were any. */
bool query_recorded(const struct run *run, const char *set);

/* "./demo 8 --fast", to be freed. */
char *query_command(const struct run *run);

/* Part of a question: those intervals of goroutines, and for how long each took, until
 * its process ended if it had not.  View g_span says the same in texts, which take thrice as long. */
#define SPANS(which)                                                                               \
	"(SELECT *, coalesce(dur, (SELECT k.ts + k.dur FROM goroutine AS o\n"                      \
	"\tJOIN process AS k USING (pid) WHERE o.g = i.g) - ts) AS took\n"                         \
	"\tFROM g_interval AS i WHERE " which ")"
/* The numbers of these reasons. */
#define WHY(names) "(SELECT why FROM reason WHERE name IN (" names "))"

/* Table reason: what a wait for each is drawn with; zeroed, it is empty. */
struct reasons {
	ARRAY(enum color) colors;
	int64_t ready; /* the number of 'ready' */
};
int query_reasons(sqlite3 *db, struct reasons *r);
/* The colour of a goroutine's interval. */
enum color query_color(const struct reasons *r, int64_t state, int64_t why);

/* Fill t->lanes, spans, goroutines, objects, wakes and gaps for the window t->from to t->to. */
int query_workers(sqlite3 *db, struct timeline *t);
int query_goroutines(sqlite3 *db, struct timeline *t);

/* Fill in all of c but its rows. */
int query_contention(sqlite3 *db, struct contention *c);

/* Fill in t->v: of those that became runnable in that time. */
int query_latency(sqlite3 *db, int64_t from, int64_t to, struct latency *t);

/* How much time all goroutines together spent in each state. */
struct totals {
	int64_t running, detached, runnable, waiting;
	int64_t anomalies, gaps, alive; /* alive: goroutines that had not ended */
};
int query_totals(sqlite3 *db, struct totals *t);

/* A question as rows and columns. */
struct cell {
	char *text; /* NULL if it is NULL */
	int64_t n;  /* as a number */
};
struct table {
	int cols;
	ARRAY(struct cell) cells;
};
int query_table(sqlite3 *db, const char *sql, struct table *t);
void query_table_free(struct table *t);

/* The SQL that those use, for a person to read and to ask again. */
extern const char query_workers_sql[], query_off_workers_sql[], query_goroutines_sql[],
	query_contention_sql[],
	query_latency_sql[], query_crews_sql[], query_functions_sql[], query_channels_sql[],
	query_mutexes_sql[], query_often_sql[], query_left_sql[], query_unfinished_sql[],
	query_calls_sql[], query_gaps_sql[], query_anomalies_sql[];

#endif
