/* SPDX-License-Identifier: MIT */
/* The workers that nobody has, and how many there are to be. */
#ifndef RT_PROCS_H
#define RT_PROCS_H

#include "sched.h"

/* n workers; all but the first are idle.  Once, before any thread. */
void rt_workers_init(uint32_t n);

/* Take an idle worker, or NULL; give one up, to be idle or, if there are too many, to be removed.
 * Under rt.lock. */
struct p *rt_worker_pop(void);
void rt_worker_push(struct p *pp);

/* There are more workers than there are to be; then rt_worker_push removes one. */
bool rt_workers_surplus(void);

/* Whether a worker that was removed has timers left, and workers that are left must see to them. */
bool rt_workers_orphans(void);
/* Look whether there is something left to do of what DETOUR_PROCS stands for. */
void rt_workers_settle(void);

#endif
