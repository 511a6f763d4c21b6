/* SPDX-License-Identifier: MIT */
/* Temporary files that must not outlive the program, if a signal ends it. */
#ifndef TRACER_CLEANUP_H
#define TRACER_CLEANUP_H

#include <stdbool.h>

/* From now on SIGINT, SIGTERM and other deadly signals remove this file or empty directory, the
 * newest first, and then do what they did before. */
void cleanup_add(const char *path);

/* Remove it now (unless it is `kept`: it was moved to its place), and forget it. */
void cleanup_done(const char *path, bool kept);

/* Such a signal came, and the program goes on because it had a handler of its own. */
/* In a forked child: what its parent is to remove is not its own. */
void cleanup_forget(void);

bool cleanup_interrupted(void);

#endif
