/* SPDX-License-Identifier: MIT */
/* Events in the packed form (rt/packed_form.h) become records in order of time, among ordinary
 * ones.
 *
 * Blocks come in the order in which they were written, which is not that of the records in them.
 * They are held until a mark says that nothing earlier of their process follows.  Of a process that
 * gives no marks any more it is said by two seconds of silence while others' events come, or by the
 * end of the trace.  So what is held is what was recorded in the time between two marks, 50 ms.
 */
#ifndef TRACER_PACKED_H
#define TRACER_PACKED_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct ctf_sink;
struct ctf_result;
struct record;
struct packed;
struct packed_left;

struct packed_block {
	uint32_t pid, m, seq, count, kinds;
	uint64_t raw;
	int64_t mono;	  /* on the clock of records' times, as `written` */
	int64_t written;  /* when it was */
	const void *data; /* only during the call */
	size_t size;
};

struct packed *packed_new(const struct ctf_sink *sink, struct ctf_result *result);

/* The table that a number of blocks stands for. */
void packed_kinds(struct packed *pk, uint32_t kinds, const char *table);

/* These give records to the sink; other than 0: it stopped the reading. */
int packed_add(struct packed *pk, const struct packed_block *b);
int packed_ordinary(struct packed *pk, const struct record *r);

/* A process of which something may come from now on. */
void packed_begin(struct packed *pk, uint32_t pid, int64_t now);

/* What a killed process had not written, to be that of a process `pid`, or, if it is 0, of the one that it names;
 * `shift` leads from its CLOCK_MONOTONIC to records' times. */
void packed_left(struct packed *pk, const char *path, uint32_t pid, int64_t shift);

/* After the last: give what is held, and say what could not be read. */
int packed_finish(struct packed *pk);

void packed_free(struct packed *pk);

/* Read such a file: 1, 0 if nothing is in it, or -1 with errno if that is not known (0: it is damaged). */
int packed_file_read(const char *path, struct packed_left *l);

/* Copy what is in the files of a directory, in which processes may be writing, into another. */
void packed_copy(const char *dir, const char *to);

/* Remove the files of a directory in which killed processes left nothing. */
void packed_prune(const char *dir);

#endif
