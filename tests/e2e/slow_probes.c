/* SPDX-License-Identifier: MIT */
/* A library of probes that writes the first event of the monitor late: when the program is ending.  That it has
 * been written is told by a file, $WRITTEN. */
#include "trace.h"

#include <fcntl.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

enum { ROOM = 8, MONITOR = 1 };
static int begun; /* atomic */

static void m_start(uint32_t what, struct thread_count *count)
{
	int fd = open(getenv("WEFT_TRACE_COUNTS"), O_RDONLY);
	const struct counts *c = mmap(NULL, sizeof *c + ROOM * sizeof *c->thread, PROT_READ, MAP_SHARED, fd, 0);

	rt_trace_number(count);
	if (what != MONITOR || c == MAP_FAILED) {
		rt_trace_written(count);
		return;
	}
	__atomic_store_n(&begun, 1, __ATOMIC_RELEASE);
	for (uint32_t i = 0; i < ROOM; i++)
		while (c->thread[i].m == count->m && !__atomic_load_n(&c->thread[i].ended, __ATOMIC_RELAXED))
			usleep(100);
	close(open(getenv("WRITTEN"), O_CREAT | O_WRONLY, 0666));
	rt_trace_written(count);
}

/* The program is about to end, but not before the monitor has begun. */
static void run_fatal(uint64_t g, const char *message, struct thread_count *count)
{
	(void)count, (void)g, (void)message;
	while (!__atomic_load_n(&begun, __ATOMIC_ACQUIRE))
		usleep(100);
}

const struct rt_trace_ops *weft_trace_ops(uint64_t hash, const bool *not_alone, const pid_t *runs,
					  uint32_t program)
{
	static const struct rt_trace_ops ops = {.m_start = m_start, .run_fatal = run_fatal};

	(void)hash, (void)not_alone, (void)runs, (void)program;
	return &ops;
}
