/* SPDX-License-Identifier: MIT */
/* What ctf.c, which reads, and ctf_traces.c, which finds what is to be read, know of each other. */
#ifndef TRACER_CTF_TRACES_H
#define TRACER_CTF_TRACES_H

#include "ctf.h"
#include "origin.h"
#include "repair.h"

#include <babeltrace2/babeltrace.h>
#include <stdbool.h>
#include <stdint.h>

struct paths {
	char **path;
	int n;
};

struct ctf {
	struct trace {
		char *dir;
		struct repair repair;
	} * traces;
	int n;
	struct paths lefts;  /* files in which there is what a killed process had not written */
	struct paths counts; /* files of what threads counted */
	uint64_t bytes;	     /* of their files */
	uint64_t last;	     /* time of a packet's end, by the trace's clock */
	bool repaired;	     /* every packet was looked into */
};

/* Look into every packet of every trace; what cannot be read is left out from now on. */
int repair_all(struct ctf *c);

/* What threads counted; one that is there twice only once.  False if there are no such files. */
bool read_counts(const struct paths *files, struct origins *os);

/* What is wrong with the traces, and was left out or does without. */
void give_complaints(const struct ctf *c, const struct ctf_sink *sink);

/* See repair_count_fn.  A packet may be one that babeltrace2 does not survive. */
int64_t count_events(const char *dir);

/* The plugins of babeltrace2, or NULL. */
const bt_component_class_source *fs_class(void);
const bt_component_class_filter *muxer_class(void);

#endif
