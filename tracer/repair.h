/* SPDX-License-Identifier: MIT */
/* Damaged traces: babeltrace2 refuses a whole trace for one damaged packet.  Here such a trace
 * gets a private copy without the damaged packets; files that are whole are only linked to.
 */
#ifndef TRACER_REPAIR_H
#define TRACER_REPAIR_H

#include <stdbool.h>

struct repair {
	char *dir;	  /* the copy, or NULL: the trace is whole */
	char **files;	  /* what is in it */
	int nfiles;
	char **complaints; /* what was left out, each already said on standard error */
	int ncomplaints;
	bool unreadable; /* not even the metadata can be read */
};

/* Look at every packet's header; -1 after a message if there is nothing that could be read or
 * written. */
int repair_headers(struct repair *r, const char *trace);

/* Look into every packet too: keep those for which decodes(directory of a trace with this packet
 * only, or with none) is true. */
int repair_packets(struct repair *r, const char *trace, bool (*decodes)(const char *dir));

/* Remove the copy. */
void repair_free(struct repair *r);

#endif
