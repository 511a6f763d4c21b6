/* SPDX-License-Identifier: MIT */
/* The private directory of a recording: where the daemon lives, and the trace until it is loaded.
 *
 * It is in the first of TMPDIR, /tmp and /var/tmp with ample room, else with any.  When we are
 * root it belongs to the user that the daemon runs as.
 */
#ifndef TRACER_PLACE_H
#define TRACER_PLACE_H

#include "keeper.h"

enum { OTHER_UID = 65534 }; /* nobody: what the daemon runs as when we are root */

/* Make it, and set base, plan and recovered; -1 after a message. */
int place_make(struct keeper *k);

/* Set the names of what is in it from base. */
void place_names(struct keeper *k);

/* When we are root give a file or directory to that user; -1 with errno. */
int place_give(const char *path);

/* Remove it with all that is in it. */
void place_remove(struct keeper *k);

#endif
