/* SPDX-License-Identifier: MIT */
/* CPU samples: which goroutine and which calls a thread was found in, each time that it had taken
 * some cpu time.  Only when recording, with WEFT_TRACE_CPU=HZ. */
#ifndef RT_SAMPLE_H
#define RT_SAMPLE_H

#include "sched.h"

/* Samples for each second of cpu time; 0: none are wanted.  Written with rt_trace_ops. */
extern uint32_t rt_sample_hz __attribute__((visibility("hidden")));

/* Once, before any thread that runs goroutines. */
void rt_sample_init(void);
/* By such a thread, of itself. */
void rt_sample_start(struct m *mp);
/* Before SIGPROF is given another meaning. */
void rt_sample_stop(void);
/* By the monitor: emit what all threads have gathered, and see whether the program has given
 * SIGPROF another meaning by itself. */
void rt_sample_flush(void);

#endif
