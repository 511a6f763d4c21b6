/* SPDX-License-Identifier: MIT */
/* Damaged traces: babeltrace2 refuses a whole trace for one damaged packet.  Here such a trace
 * gets a private copy of what can be read; files that are whole are only linked to.
 */
#ifndef TRACER_REPAIR_H
#define TRACER_REPAIR_H

#include <stdbool.h>
#include <stdint.h>

struct repair {
	char *dir;	  /* the copy, or NULL: the trace is whole */
	char **files;	  /* what is in it */
	int nfiles;
	char **complaints; /* what was left out, each already said on standard error */
	int ncomplaints;
	bool unreadable; /* not even the metadata can be read, or nothing may be */
};

/* Look at the metadata's own packets, of which babeltrace2 never ends to read one that is cut; if
 * they are damaged, complain, and the trace is unreadable. */
void repair_metadata(struct repair *r, const char *trace);

/* Complain of each stream file that cannot be read, or is not there though LTTng made an index of it.  If an index
 * is something that cannot be opened without harm, the trace is unreadable. */
void repair_streams(struct repair *r, const char *trace);

/* Whether the headers of all packets are right; says nothing.  *last becomes the time that they end at, by
 * the trace's clock, if that is later. */
bool repair_headers_right(const char *trace, uint64_t *last);

/* How many events of the trace in this directory can be read before an error, or -1 - that. */
typedef int64_t repair_count_fn(const char *dir);

/* Look into every packet, and copy what can be read: whole packets, and the beginnings of others.
 * -1 after a message if nothing could be read or written. */
int repair_packets(struct repair *r, const char *trace, repair_count_fn *count);

/* Of a trace that is ours: cut packets off, in place, that the disk had no room for the end of; what they begin
 * with is of no use without a copy, for which there is no room either.  How many bytes. */
uint64_t repair_cut_ends(const char *dir);

/* Remove the copy. */
void repair_free(struct repair *r);

#endif
