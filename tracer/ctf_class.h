/* SPDX-License-Identifier: MIT */
/* Event classes of CTF traces: what their members are, and what is in the events. */
#ifndef TRACER_CTF_CLASS_H
#define TRACER_CTF_CLASS_H

#include "origin.h"
#include "record.h"

#include <babeltrace2/babeltrace.h>
#include <stdbool.h>
#include <stdint.h>

/* What is known of an event class of the trace. */
struct class
{
	int kind; /* or one of the next line */
	const struct origin *origin; /* of the trace; NULL: it says none */
	bool begun;		     /* in the packed form: that program is known */
	uint32_t pid;
	int pid_index; /* in the common context, or -1: the pid above holds */
	int n;	       /* members of the payload */
	struct member {
		int to; /* the field it is, or one of these; in the packed form IN_* */
		bool is_signed;
	} member[MAX_FIELDS + 8];
};
enum { NOT_OURS = -1, BLOCK = -2, TABLE = -3 };
enum { TO_NOTHING = -1, TO_M = -2, TO_SEQ = -3 };

/* The members of the two events of the packed form. */
enum { IN_M, IN_SEQ, IN_COUNT, IN_KINDS, IN_RAW, IN_MONO, IN_PAYLOAD, IN_TABLE, INS };

void learn_class(struct class *c, const bt_event_class *ec);

/* Per-user buffers hold several processes: then each event tells its own, if asked to. */
int find_pid(const bt_event_class *ec);

uint32_t pid_of(const struct class *c, const bt_event *event);
int64_t integer(const bt_field *f, bool is_signed);
const char *text_of(const bt_field *f);
void take_fields(struct record *r, const struct class *c, const bt_event *event);

#endif
