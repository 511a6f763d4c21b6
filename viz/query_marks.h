/* SPDX-License-Identifier: MIT */
/* What the program marked of its run, and where its cpu time was found: for the interactive timeline. */
#ifndef VIZ_QUERY_MARKS_H
#define VIZ_QUERY_MARKS_H

#include "pack.h"

#include <sqlite3.h>

/* Pack them behind what there is; query_marks.c says how they are laid out.  -1 after a message. */
int query_marks(sqlite3 *db, struct bytes *packed, struct texts *texts);

#endif
