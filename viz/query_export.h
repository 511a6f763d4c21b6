/* SPDX-License-Identifier: MIT */
/* The SQL of weft export. */
#ifndef VIZ_QUERY_EXPORT_H
#define VIZ_QUERY_EXPORT_H

/* Formats whose lines SQL makes, a row a line: one query after the other, to the first NULL. */
extern const char *const chrome_sql[], *const folded_sql[], *const dot_sql[];

/* Perfetto.  A track has a kind and a number: kind, id, parent's kind and id, name, unit if it counts.
 * A slice: kind, id, ts, dur (NULL: it had not ended; -1: an instant), name, category, flow or NULL,
 * and columns that a reader shows by their names.  A counter: kind, id, ts, value. */
extern const char perfetto_tracks_sql[];
extern const char *const perfetto_slices_sql[], *const perfetto_counters_sql[];

/* A profile: stack, site, function of the goroutine, count, nanoseconds, and columns that are labels.
 * ?1 is the time that is asked for, NULL if none is. */
struct pprof_kind {
	const char *name, *doc;
	const char *count, *value; /* what the numbers are; value: NULL if there is only a count */
	const char *none;	   /* what is wrong if there is no row */
	const char *sql;
};
extern const struct pprof_kind pprof_kinds[]; /* to the one without a name */
/* Of a stack: its caller, function, file, line, address, module; of a place: function, file, line. */
extern const char pprof_call_sql[], pprof_site_sql[];
/* Modules: number, beginning, end, offset in the file, file, build id, whether functions are known. */
extern const char pprof_mappings_sql[];
extern const char pprof_time_sql[]; /* when the run began, and how long it took */
extern const char pprof_lost_sql[]; /* a sentence, if events are missing */

/* The tables and views. */
extern const char export_tables_sql[];

#endif
