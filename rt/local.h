/* SPDX-License-Identifier: MIT */
#ifndef RT_LOCAL_H
#define RT_LOCAL_H

#include "g.h"

/* The running goroutine ends: destroy its local values.  Not in the runtime. */
void rt_locals_end(struct g *gp);

#endif
