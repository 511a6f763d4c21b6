/* SPDX-License-Identifier: MIT */
/* The packed form of events, which rt/packed.c writes and tracer/packed.c reads.
 *
 * A thread's records, some four kilobytes of them, are one LTTng event `weft:packed`:
 *
 *     m, seq    the thread, and the number of the first record; the others follow by one
 *     count     how many records.  0: a mark: whatever any thread recorded before `raw` is written
 *     kinds     stands for the table of events: the low half of WEFT_EVENTS_HASH
 *     raw       when the block was begun, by the counter that the records count by
 *     mono      the same moment by CLOCK_MONOTONIC
 *     payload   the records, as 64-bit words in the byte order of the trace, zero-padded
 *
 * A record is a byte for the kind, which is the number of its row; the time since the record before
 * it, or since `raw`: two bytes, of which the highest bit says that what is beyond fifteen bits
 * follows as a number; and the row's fields:
 *
 *     u64, u32  a number: seven bits a byte, the lowest first; the highest bit: more follow
 *     i64       the same of (v << 1) ^ (v >> 63)
 *     ptr       as i64 the difference to the ptr before it in the block, or to 0
 *     str       its length, as a number, and its bytes
 *
 * `weft:packed_kinds` gives the table that `kinds` stands for, as text, so that a reader with other
 * rows finds kinds and fields by their names: a line "name field:type field:type..." for each row.
 *
 * What a thread has not written yet is in a file of its own, so that it outlives a process that is
 * killed: PROGRAM-PID.N.packed in the directory that WEFT_TRACE_PACKED names, a struct packed_left.  PROGRAM
 * is the program's number in the recording (counts_form.h), which names of an older weft lack.
 */
#ifndef RT_PACKED_FORM_H
#define RT_PACKED_FORM_H

#include <stdint.h>

enum {
	PACKED_FULL = 4096,   /* a block of so many bytes is full */
	PACKED_DATA = 8064,   /* with its last record, unless that is a long one alone */
	PACKED_LONG = 0x8000, /* a time of more bits than these */
	PACKED_TIME_BITS = 15,
};

#define PACKED_MAGIC 0x64656b63u
#define PACKED_SUFFIX ".packed"

/* The bytes [0, used) of data are whole records: used is stored last. */
struct packed_left {
	uint32_t magic, kinds;
	uint32_t pid, m;
	uint32_t seq, used;
	uint64_t raw, mono;
	uint64_t own[11]; /* the writer's */
	uint8_t data[PACKED_DATA];
};

#endif
