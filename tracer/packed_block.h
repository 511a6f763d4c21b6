/* SPDX-License-Identifier: MIT */
/* Blocks of the packed form: what they hold (packed_read.c), and when that was (packed_time.c). */
#ifndef TRACER_PACKED_BLOCK_H
#define TRACER_PACKED_BLOCK_H

#include "hash.h"
#include "record.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* The number of our own table of kinds. */
enum { KINDS = (uint32_t)WEFT_EVENTS_HASH & 0x7fffffff };

struct table {
	int n;
	struct kind {
		int event; /* or -1 */
		bool lacks; /* fields that the event has */
		int nfields;
		struct {
			enum field_type type;
			int to; /* the field of ours that it is, or -1 */
		} field[MAX_FIELDS];
	} kind[256];
};

struct block {
	struct block *next;
	const struct table *table;
	uint32_t seq, count; /* of the records that are not taken yet */
	uint64_t raw;	     /* of the one before them */
	uint64_t begun, ptr;
	int64_t mono, written;
	size_t at, size;
	uint8_t data[];
};

/* A thread has nothing; or waits, for a mark after what it has; or is in the heap, by its record.
 */
struct thread {
	struct proc *proc;
	uint32_t m;
	struct block *first, *last; /* in order of time; the record is of the first */
	struct thread *next_waiting;
	bool waits, has_record;
	uint64_t raw;
	struct record record;
	char *texts; /* of the record */
	size_t room;
};

/* The counter and the clock at one moment. */
struct knot {
	uint64_t raw;
	int64_t ns;
	double slope; /* up to the next one */
};

struct proc {
	uint32_t pid;
	struct hash threads;
	struct thread *waiting;
	struct knot *knots; /* increasing in both */
	size_t nknots, room, used;
	uint64_t mark; /* everything before it is here */
	int64_t mark_ns, heard;
};

struct table *table_own(void);
/* NULL if it is not a table. */
struct table *table_read(const char *text);

/* The next record of the first block into the thread: 1; 0 if it is of a kind that is not known
 * here; -1 if it cannot be read. */
int take_record(struct thread *t, struct block *b);

/* False if it cannot be right: clocks do not go back, and no counter is that fast. */
bool add_knot(struct proc *pr, uint64_t raw, int64_t ns);

/* The time of a count, by the straight line between two knots, or beyond the last. */
int64_t time_of(struct proc *pr, uint64_t raw);

#endif
