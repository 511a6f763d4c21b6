/* SPDX-License-Identifier: MIT */
/* Records on their way to another thread, in parcels. */
#ifndef TRACER_PARCELS_H
#define TRACER_PARCELS_H

#include "record.h"

struct parcels;

/* That thread gives each record, which is valid during the call, to this function; other than 0
 * ends it. */
struct parcels *parcels_new(int (*take)(void *arg, const struct record *r), void *arg);

/* Send a record: other than 0 if one was the last that was taken. */
int parcels_put(struct parcels *ps, const struct record *r);

/* Wait until all that was sent is taken: until the next is sent, what it went to belongs to the
 * caller. */
void parcels_wait(struct parcels *ps);

/* The same, and end the thread. */
void parcels_free(struct parcels *ps);

#endif
