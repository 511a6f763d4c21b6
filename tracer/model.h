/* SPDX-License-Identifier: MIT */
/* What events mean: the state machine of goroutines, workers, threads and objects.
 *
 * Give it every event of a run in order of time; it writes the facts and their interpretation as
 * rows.  It never refuses one: what cannot be becomes a row in anomaly, what is missing a row in
 * gap.  Its memory is what lives at the moment in the traced program, and the sums of tally.h.
 */
#ifndef TRACER_MODEL_H
#define TRACER_MODEL_H

#include "counts.h"
#include "db.h"
#include "record.h"

struct model;
struct symbols;

struct model_counts {
	int64_t events, goroutines, dur, lost, anomalies;
};

/* The symbols are those of the modules that stacks are in. */
struct model *model_new(struct db *db, struct symbols *symbols);

void model_event(struct model *md, const struct record *r);

/* The command name of a process, for its row; from any time before model_finish. */
void model_process_name(struct model *md, uint32_t pid, const char *name);

/* The tracer said that it discarded `n` events of a process before this time; only what the
 * threads' own counts do not explain becomes a gap of its own. */
void model_discarded(struct model *md, uint32_t pid, int64_t ts, int64_t n);

/* How many events threads numbered, as they counted themselves; before the first event. */
void model_counted(struct model *md, const struct thread_count *threads, size_t n);

/* Something is wrong with the trace itself: a row in anomaly. */
void model_complaint(struct model *md, const char *what);

/* End the trace: write what is still open, and the run's row, of which the caller fills in what
 * events do not tell. */
void model_finish(struct model *md, struct row_run *run, struct model_counts *counts);

/* The time that the model counts from: that of the first event. */
int64_t model_origin(const struct model *md);

#endif
