/* SPDX-License-Identifier: MIT */
/* Looking for what is wrong while the program runs (WEFT_DEADLOCK), and when its main function has
 * returned (WEFT_LEAKS). */
#ifndef RT_WATCH_H
#define RT_WATCH_H

#include <stdbool.h>
#include <stdint.h>

/* Read the environment; ends the program with a message if it makes no sense. */
void rt_watch_init(void);
/* By the monitor, now and then: start the thread that looks for possible deadlocks, once something
 * can have waited for long. */
void rt_watch_start(int64_t now);
/* The program ends: the thread is to leave. */
void rt_watch_stop(void);

/* By the main goroutine, in no call of the runtime: wait a moment for the others to end, report
 * those that do not; true if there are any. */
bool rt_watch_leaks(void);

#endif
