/* SPDX-License-Identifier: MIT */
/* Records on their way to another thread, in parcels. */
#ifndef TRACER_PARCELS_H
#define TRACER_PARCELS_H

#include "record.h"

struct parcels;

/* That thread calls begin, and then gives each record, which is valid during the call, to take: other than 0
 * ends it. */
struct parcels *parcels_new(void (*begin)(void *arg), int (*take)(void *arg, const struct record *r), void *arg);

/* Send a record: other than 0 if one was the last that was taken. */
int parcels_put(struct parcels *ps, const struct record *r);

/* That thread calls this function after all records before. */
void parcels_call(struct parcels *ps, void (*fn)(void *arg), void *arg);

/* Wait until all that was sent is taken, and end the thread. */
void parcels_free(struct parcels *ps);

#endif
