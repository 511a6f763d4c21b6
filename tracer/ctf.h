/* SPDX-License-Identifier: MIT */
/* Events from CTF traces, by libbabeltrace2. */
#ifndef TRACER_CTF_H
#define TRACER_CTF_H

#include "counts.h"
#include "record.h"

#include <stdbool.h>

/* What a reader tells; each function gets `arg`. */
struct ctf_sink {
	void *arg;
	/* an event; other than 0 stops the reading */
	int (*event)(void *arg, const struct record *r);
	/* the command name of a process */
	void (*process)(void *arg, uint32_t pid, const char *name);
	/* the tracer discarded n events of a process before a time */
	void (*discarded)(void *arg, uint32_t pid, int64_t ts, int64_t n);
	/* how many events threads numbered, as they counted; before the first event */
	void (*counted)(void *arg, const struct thread_count *threads, size_t n);
	/* something is wrong with the trace; it was said on standard error */
	void (*complaint)(void *arg, const char *what);
};

struct ctf_result {
	int64_t unknown;    /* events of other names than those in events.def */
	char *host;	    /* the machine's name, or NULL */
	char *clock;	    /* the trace's clock, or NULL */
	bool since_epoch;   /* times count from 1970 */
	int64_t end;	    /* the time that its packets end at, from the first event on; or 0 */
};

struct ctf;

/* Find the traces in these directories and below them; NULL after a message if there are none.
 * Careful: look into each packet first, and leave out what cannot be read.  libbabeltrace2 may end
 * the process: call this and all else here in a guard (guard.h). */
struct ctf *ctf_open(char *const *dirs, int ndirs, bool careful);

/* Give every event, in order of time, to the sink: 0, or -1 after a message, or when the sink
 * stopped it.  CTF_AGAIN: the trace turned out to be damaged; what of it can be read is known
 * now, so begin again, with a sink that has seen nothing. */
enum { CTF_AGAIN = 1 };
int ctf_read(struct ctf *c, const struct ctf_sink *sink, struct ctf_result *result);

void ctf_close(struct ctf *c);

void ctf_result_free(struct ctf_result *result);

#endif
