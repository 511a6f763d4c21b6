/* SPDX-License-Identifier: MIT */
/* What the rest of the runtime needs of signals as channels. */
#ifndef RT_SIGNALS_H
#define RT_SIGNALS_H

#include <stdbool.h>

/* By the monitor: pass on the signals that have come since. */
void rt_signals_deliver(void);
/* Whether some goroutine waits for a signal, or one is being passed on; only while no worker runs
 * anything.  Under rt.lock. */
bool rt_signals_awaited(void);
/* Whether somebody listens for signals at all. */
bool rt_signals_wanted(void);

#endif
