/* SPDX-License-Identifier: MIT */
/* Records become an ordinary CTF 1.8 trace: a directory for each process, with its metadata and one
 * stream of events, which have the names and fields of those that LTTng writes. */
#ifndef TRACER_CTF_OUT_H
#define TRACER_CTF_OUT_H

#include "ctf.h"

struct ctf_out;

/* Into this directory, which is there. */
struct ctf_out *ctf_out_new(const char *dir);

/* For a struct ctf_sink: records, in order of time, and what else a reader tells. */
int ctf_out_event(void *out, const struct record *r);
void ctf_out_process(void *out, uint32_t pid, const char *name);
void ctf_out_discarded(void *out, uint32_t pid, int64_t ts, int64_t n);
void ctf_out_counted(void *out, const struct thread_count *threads, size_t n);

/* Write what is left, and the metadata; -1 after a message, also of what was to be written before.
 * What `out` has is freed. */
int ctf_out_finish(struct ctf_out *out, const struct ctf_result *about);

#endif
