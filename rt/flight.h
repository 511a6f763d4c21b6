/* SPDX-License-Identifier: MIT */
/* Flights, for reports: what a goroutine waits for there is a call, its g's `call`. */
#ifndef RT_FLIGHT_H
#define RT_FLIGHT_H

#include "describe.h"

/* Who runs its function, and where that one called; false if it cannot be seen. */
bool rt_flight_look(struct rt_peek *pk, const void *call, uint64_t *owner, const weft_site **where);
/* `key "alice"`; or nothing. */
void rt_flight_key(struct rt_peek *pk, const void *call, char *buf, size_t size);

#endif
